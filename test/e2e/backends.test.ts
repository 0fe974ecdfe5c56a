// Real models through `record`: TFLite on the processor, and the ABI double of libedgetpu, with the emulated board as the truth.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { readRunJson } from '../../src/dataset/run-json.ts'
import { compareEnergies } from '../../src/truth/compare.ts'
import { readTrueSpans } from '../../src/truth/read-truth.ts'
import { joulespan, root, scratch } from './testbed.ts'

const TFLITE = process.env.JOULESPAN_TFLITE ?? join(root, 'build/tflite/libtensorflowlite_c.so')
const DOUBLE = join(root, 'build/bin/libjoulespan-edgetpu-double.so')
/** Every other kind of span has its place in `load`. */
const STAGE = 2

if (!existsSync(TFLITE)) console.log(`skipped: no TFLite at ${TFLITE} (npm test fetches it)`)
else {
  test('a real model on the processor: energy within 2 u of the truth', async () => {
    const run = await record([])
    await assertEnergy('cpu', run)
    assert.is((await readRunJson(runFolder(run.path))).runner?.tflite, '2.18.0')
  })

  test('the ABI double of libedgetpu, by the same path', async () => {
    const run = await record(onDouble(), { JOULESPAN_DOUBLE: 'devices=2 us=2000' })
    await assertEnergy('edgetpu double', run)
    const { runner } = await readRunJson(runFolder(run.path))
    assert.is(runner?.backend, 'edgetpu')
    assert.is(runner?.performance, 'high')
    assert.match(String(runner?.edgetpu), /RuntimeVersion\(14\)/)
  })

  test('loading has a place of its own', async () => {
    const run = await record(
      [...onDouble(), ...set('models[0].segments[0].load_power', '4 W'), ...set('idle.gap', '8 ms')],
      {
        JOULESPAN_DOUBLE: 'devices=2 us=2000 load_us=60000',
      },
    )
    const truthJ = readTrueSpans(runFolder(run.path).truth)
      .filter(({ kind }) => kind !== STAGE)
      .reduce((sum, { energyJ }) => sum + energyJ, 0)
    const { load_j: loadJ } = (await readRunJson(runFolder(run.path))).energy.v12 ?? { load_j: Number.NaN }
    console.log(`load: ${(1e3 * loadJ).toFixed(2)} mJ, truth ${(1e3 * truthJ).toFixed(2)} mJ`)
    assert.ok(truthJ > 0.2, `${truthJ} J`)
    assert.ok(Math.abs(loadJ / truthJ - 1) < 0.03, `${loadJ} J of ${truthJ} J`)
    await assertEnergy('beside loads', run)
  })

  test('a driver that aborts ends the run with one line and a dataset that is closed', async () => {
    const runs = scratch()
    const { code, stderr } = await start(runs, onDouble(), { JOULESPAN_DOUBLE: 'devices=2 us=2000 abort=invoke:100' })
    assert.is(code, 5, stderr)
    assert.match(
      stderr,
      /the runner ended in the middle of the run: SIGABRT: .*inside a library, while tpu\d invoked \S+/,
    )
    const written = JSON.parse(readFileSync(join(runs, readdirSync(runs)[0] as string, 'run.json'), 'utf8'))
    assert.is(written.closed_reason, 'runner lost')
    assert.ok(written.counts.inferences > 20, `${written.counts.inferences} inferences`)
  })

  test('a device lost in mid-run: said in one line, nothing left open', async () => {
    const runs = scratch()
    const { code, stderr } = await start(runs, onDouble(), {
      JOULESPAN_DOUBLE: 'devices=2 us=2000 lost=/dev/apex_1:60',
    })
    assert.is(code, 5, stderr)
    assert.match(stderr, /tpu1: lost in mid-run, or broken: Deadline exceeded: no answer from \/dev\/apex_1/)
    const written = JSON.parse(readFileSync(join(runs, readdirSync(runs)[0] as string, 'run.json'), 'utf8'))
    assert.ok(written.counts.inferences > 20, `${written.counts.inferences} inferences`)
  })

  test('no device: one line before anything runs', async () => {
    const runs = scratch()
    const { code, stderr } = await start(runs, onDouble(), { JOULESPAN_DOUBLE: 'devices=1' })
    assert.is(code, 3, stderr)
    assert.match(stderr, /devices: expected 2 Edge TPUs, got 1: \/dev\/apex_0/)
  })
}

function onDouble(): string[] {
  return [
    ...set('runner', `{ backend: edgetpu, performance: high }`),
    ...['--edgetpu', DOUBLE],
    ...set('models[0].segments[0].file', '../data/models/wide_segment_0_of_2_edgetpu.tflite'),
    ...set('models[0].segments[1].file', '../data/models/wide_segment_1_of_2_edgetpu.tflite'),
  ]
}

function set(key: string, value: string): string[] {
  return ['--set', `${key}=${value}`]
}

interface Recorded {
  readonly path: string
  /** Standard uncertainty of the mean energy. */
  readonly meanUJ: number
}

async function record(settings: string[], env: Record<string, string> = {}): Promise<Recorded> {
  const { code, stdout, stderr } = await start(scratch(), [...settings, '--json'], env)
  assert.is(code, 0, stderr)
  const figures = JSON.parse(stdout)
  return { path: figures.run_dir, meanUJ: figures.mean_energy_u_j }
}

function start(runs: string, settings: string[], env: Record<string, string>) {
  Object.assign(process.env, { JOULESPAN_DOUBLE: '', ...env })
  const args = ['record', 'pipelines/cpu-small.yaml', '--runs', runs, '--duration', '6 s']
  return joulespan([...args, '--tflite', TFLITE, ...settings])
}

async function assertEnergy(what: string, { path, meanUJ: uJ }: Recorded): Promise<void> {
  const { inferences, meanJ, trueMeanJ } = await compareEnergies(path)
  const off = meanJ - trueMeanJ
  console.log(
    `${what}: ${inferences} inferences, mean ${(1e3 * meanJ).toFixed(3)} mJ, ${((100 * off) / trueMeanJ).toFixed(2)} % off, ${(off / uJ).toFixed(2)} u`,
  )
  assert.ok(inferences > 50)
  assert.ok(Math.abs(off) <= 2 * uJ, `${off} J off, u ${uJ} J`)
}

test.run()
