// The card's models from end to end: a recipe that names a spec is measured as predicted, and the commands say what they should.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readTable } from '../../src/dataset/read-table.ts'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { compareEnergies } from '../../src/truth/compare.ts'
import { emulate, joulespan, recipeOf, root, scratch } from './testbed.ts'

/** A span is seen to end this much late on average: the waking thread of simulated runs (native-runner/README.md). */
const WAKE_UP_MS = 0.05

test('resnet50-depth: measured latency and energy are those predicted, and agree with the truth', async () => {
  const recipe = recipeOf('resnet50-depth', { duration: '"10 s"' })
  if (recipe.runner.kind !== 'spawn') throw new Error(recipe.runner.kind)
  const phases = recipe.runner.plan.models.flatMap(({ segments }) =>
    segments.flatMap((segment) => ('phases' in segment ? segment.phases : [])),
  )
  const stages = recipe.runner.plan.models[0]?.segments.length as number
  const predictedMs = phases.reduce((sum, { ms }) => sum + ms, 0) + stages * WAKE_UP_MS
  const predictedJ = phases.reduce((sum, { ms, start_w, end_w }) => sum + (ms / 1e3) * ((start_w + end_w) / 2), 0)
  const { path, runJson, summary } = await emulate(recipe)
  const rows = (await readTable(runFolder(path), 'inferences', { columns: ['duration_ns', 'queue_ns'] })) ?? []
  const latenciesMs = [...rows].map((row) => (Number(row.duration_ns) - Number(row.queue_ns)) / 1e6)
  const latencyMs = latenciesMs.reduce((sum, ms) => sum + ms, 0) / latenciesMs.length
  const { meanJ, trueMeanJ, inferences } = await compareEnergies(path)
  const u = Number(summary.find(({ task }) => task === null)?.energy_mean_u_j)
  console.log(
    `${inferences} inferences: predicted ${predictedMs.toFixed(3)} ms, ${(predictedJ * 1e3).toFixed(3)} mJ; measured ${latencyMs.toFixed(3)} ms, ${(meanJ * 1e3).toFixed(3)} mJ (u ${(u * 1e3).toFixed(3)} mJ); true ${(trueMeanJ * 1e3).toFixed(3)} mJ`,
  )
  assert.ok(inferences > 200, `${inferences} inferences`)
  assert.ok(Math.abs(latencyMs / predictedMs - 1) < 0.01, `${latencyMs} ms, predicted ${predictedMs} ms`)
  assert.ok(Math.abs(meanJ - trueMeanJ) < 3 * u, `${meanJ} J, true ${trueMeanJ} J, u ${u} J`)
  // the truth adds ramps, lag and leakage, which the prediction does not know
  assert.ok(Math.abs(trueMeanJ / predictedJ - 1) < 0.05, `${trueMeanJ} J, predicted ${predictedJ} J`)
  assert.ok((runJson.energy.v12?.conservation_error ?? 1) <= 1e-9)
})

test('the timing file and its plot are what the scripts make, and every target is met', () => {
  const run = (script: string, ...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', `tools/timing/${script}.ts`, ...args], {
      cwd: root,
      encoding: 'utf8',
    })
  const fit = run('fit', '--check')
  assert.is(fit.status, 0, fit.stderr)
  const plot = join(scratch(), 'plot.svg')
  const { status, stdout } = run('validate', plot)
  assert.is(status, 0, stdout)
  assert.is(stdout.match(/^met /gm)?.length, 3)
  assert.is(readFileSync(plot, 'utf8'), readFileSync(join(root, 'docs/edgetpu-timing.svg'), 'utf8'))
})

test('model predict and model list of the compiled program', async () => {
  const { code, stdout } = await joulespan(
    'model predict --spec data/models/resnet50.json --devices 8 --partition 3x2+2 --json'.split(' '),
  )
  const document = JSON.parse(stdout) as {
    format: string
    devices: number
    pipelines: { count: number; stages: object[] }[]
  }
  assert.is(code, 0)
  assert.is(document.format, 'joulespan.model-prediction')
  assert.is(document.devices, 8)
  assert.equal(
    document.pipelines.map(({ count, stages }) => [count, stages.length]),
    [
      [3, 2],
      [1, 2],
    ],
  )
  const list = await joulespan(['model', 'list'])
  assert.is(list.stdout.trim().split('\n').length, 15)
  const table = await joulespan('model predict --spec data/models/vgg16.json --devices 2'.split(' '))
  assert.match(table.stdout, /vgg16 on 2 devices, partition 1x2/)
})

const WRONG: [args: string, code: number, message: RegExp][] = [
  ['--spec nothing.json', 2, /expected a model spec at nothing\.json/],
  ['--spec data/models/vgg16.json --devices 17', 2, /--devices: expected 1 to 16, saw 17/],
  ['--spec data/models/vgg16.json --devices 4 --partition 2x4', 2, /expected 4 devices as in --devices, saw 8/],
  ['--spec data/models/vgg16.json --partition 2*4', 2, /expected such as 2x4/],
  ['--spec data/models/vgg16.json --queue-ms x', 2, /--queue-ms: expected milliseconds/],
  ['--spec package.json', 2, /package\.json:2:3: name|unknown key/],
]

test('what is wrong with a prediction is one clear line', async () => {
  for (const [args, code, message] of WRONG) {
    const ended = await joulespan(['model', 'predict', ...args.split(' ')])
    assert.is(ended.code, code, args)
    assert.match(ended.stderr, message)
    assert.is(ended.stdout, '')
  }
})

test.run()
