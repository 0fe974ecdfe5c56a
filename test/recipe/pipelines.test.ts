import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { cardLibrary } from '../../src/cli/card-data.ts'
import { recipeSchema } from '../../src/recipe/json-schema.ts'
import type { PlanSegment, Recipe, RunnerPlan } from '../../src/recipe/recipe.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'

const FOLDER = new URL('../../pipelines/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
const accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(recipeSchema())

test('the recipes that docs and tests speak of are there', () => {
  const names = ['demo', 'one-tpu', 'four-tpu-pipeline', 'eight-independent', 'two-models', 'two-rails', 'uno-attach']
  for (const name of names) assert.ok(FILES.includes(`${name}.yaml`), name)
})

for (const file of FILES) {
  test(`${file} resolves, bears its file's name and names the schema`, () => {
    const text = textOf(file)
    assert.is(resolve(file).name, file.replace('.yaml', ''))
    assert.is(text.split('\n')[0], '# yaml-language-server: $schema=./recipe.schema.json')
    assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors))
  })

  test(`${file} says of its virtual card that nobody validated it`, () => {
    const { runner, about } = resolve(file)
    assert.is(runner.kind === 'spawn' && runner.plan.backend === 'virtual', /parametric and unvalidated\.$/.test(about))
  })

  test(`${file} keeps to what Edge TPUs are known to do`, () => {
    const { runner } = resolve(file)
    if (runner.kind !== 'spawn') return
    for (const segment of virtualSegments(runner.plan)) checkRealistic(segment)
  })
}

test('the demo resolves to the golden recipe', () => {
  const golden = readFileSync(new URL('demo.golden.json', import.meta.url), 'utf8')
  assert.equal(resolve('demo.yaml'), JSON.parse(golden))
})

test('the demo: four segments, 8 to 15 ms an inference, mostly alone', () => {
  const plan = planOf('demo.yaml')
  const inferenceMs = virtualSegments(plan).reduce((sum, segment) => sum + stageMs(segment), 0)
  assert.is(plan.models[0]?.segments.length, 4)
  assert.ok(inferenceMs >= 8 && inferenceMs <= 15, `${inferenceMs} ms`)
  const { arrival } = plan.tasks[0] as RunnerPlan['tasks'][number]
  const rateHz = arrival.law === 'poisson' ? arrival.rate_hz : Number.NaN
  assert.ok(rateHz >= 25 && rateHz <= 35, `${rateHz} /s`)
  const alone = Math.exp((-2 * rateHz * inferenceMs) / 1e3)
  assert.ok(alone > 0.5 && alone < 0.9, `${alone} of the inferences are alone`)
})

test('devices and models are shared where the recipe says so', () => {
  const { tasks, models } = planOf('two-models.yaml')
  assert.is(models.length, 2)
  assert.equal(
    tasks[1]?.devices.filter((device) => tasks[0]?.devices.includes(device)),
    [2, 3],
  )
  const eight = planOf('eight-independent.yaml')
  assert.equal(
    eight.tasks.map((task) => task.devices),
    [[0], [1], [2], [3], [4], [5], [6], [7]],
  )
})

/** Powers above idle and stage times of the published figures; power is parametric all the same. */
function checkRealistic(segment: PlanSegment): void {
  const ms = stageMs(segment)
  assert.ok(ms >= 0.5 && ms <= 10, `stage of ${ms} ms`)
  for (const { name, start_w, end_w } of segment.phases) {
    const [least, most] = name === 'compute' ? [0.8, 1.6] : [0.3, 0.4]
    for (const watts of [start_w, end_w]) assert.ok(watts >= least && watts <= most, `${name} of ${watts} W`)
  }
}

function stageMs({ phases }: PlanSegment): number {
  return phases.reduce((sum, phase) => sum + phase.ms, 0)
}

function virtualSegments(plan: RunnerPlan): PlanSegment[] {
  return plan.models.flatMap(({ segments }) => [...segments]).filter((segment) => 'phases' in segment)
}

function planOf(file: string): RunnerPlan {
  const { runner } = resolve(file)
  if (runner.kind !== 'spawn') throw new Error(`expected a plan in ${file}, saw ${runner.kind}`)
  return runner.plan
}

function resolve(file: string): Recipe {
  return resolveRecipe(textOf(file), `pipelines/${file}`, [], cardLibrary(`pipelines/${file}`))
}

function textOf(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8')
}

test.run()
