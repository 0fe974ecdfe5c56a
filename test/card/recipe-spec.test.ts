import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { planStages } from '../../src/card/card-time.ts'
import { cardLibrary } from '../../src/cli/card-data.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { networkOf, textOf, timingOfFile } from './card-files.ts'

const FILE = 'pipelines/resnet50-depth.yaml'
const TEXT = textOf(FILE)

test('a model that names a spec gets the phases that the timing model predicts', () => {
  const recipe = resolveRecipe(TEXT, FILE, [], cardLibrary(FILE))
  assert.equal(recipe.specs, [{ model: 'resnet50-4', spec: 'data/models/resnet50.json', segmentBy: 'time' }])
  if (recipe.runner.kind !== 'spawn') throw new Error(recipe.runner.kind)
  const { models, devices } = recipe.runner.plan
  assert.equal(devices[0]?.idle_w, { never_used: 0.4, context_open: 0.45, resident: 0.5 })
  const stages = planStages(networkOf('resnet50'), 4, 'time', timingOfFile())
  for (const [i, { time }] of stages.entries()) {
    const segment = models[0]?.segments[i]
    if (segment === undefined || !('phases' in segment)) throw new Error(`segment ${i} has no phases`)
    const ms = segment.phases.reduce((sum, phase) => sum + phase.ms, 0)
    assert.ok(Math.abs(ms - time.steadyMs) < 0.002, `stage ${i}: ${ms} and ${time.steadyMs} ms`)
    assert.ok(Math.abs(segment.load_ms - time.loadMs) < 1e-5)
  }
})

test('without the library a spec cannot be had, and no file is looked for', () => {
  assert.throws(() => resolveRecipe(TEXT, FILE), /expected a library of model specs/)
})

const WRONG: [from: string, to: string, problem: string][] = [
  ['    depth: 4', '    depth: 90', 'models[0].depth: expected'],
  ['    segment_by: time', '    segments: []', 'models[0]: expected exactly one of spec and segments, saw both'],
  [
    '    spec: data/models/resnet50.json\n    depth: 4',
    '    depth: 4',
    'models[0]: expected exactly one of spec and segments, saw neither',
  ],
  [
    '    spec: data/models/resnet50.json',
    '    spek: data/models/resnet50.json',
    'models[0].spek: unknown key, did you mean "spec"?',
  ],
  ['    depth: 4', '    depth: 3', 'tasks[0].devices: expected 3 devices, one for each segment of "resnet50-4", saw 4'],
]

for (const [from, to, problem] of WRONG) {
  test(`a recipe with ${to.trim()} is told: ${problem}`, () => {
    const text = TEXT.replace(from, to)
    assert.is.not(text, TEXT)
    assert.throws(
      () => resolveRecipe(text, FILE, [], cardLibrary(FILE)),
      (error: Error) => error.message.includes(problem),
    )
  })
}

test('a spec that is not there is one line with the next command', () => {
  const text = TEXT.replace('resnet50.json', 'resnet51.json')
  try {
    resolveRecipe(text, FILE, [], cardLibrary(FILE))
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'expected a model spec at data/models/resnet51.json, saw none to read')
    assert.ok((error as { hint?: string }).hint?.includes('joulespan model list'))
  }
})

test.run()
