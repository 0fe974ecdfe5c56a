import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { campaignSchemaText } from '../../src/campaign/campaign-schema.ts'
import { estimateCampaign } from '../../src/campaign/estimate.ts'
import { seedOf, trialRecipe } from '../../src/campaign/trial-recipe.ts'
import { cardLibrary } from '../../src/cli/card-data.ts'
import { loadCampaign } from '../../src/cli/load-campaign.ts'
import type { RunnerPlan } from '../../src/recipe/recipe.ts'
import { campaignOf, changed, idsOf, LIBRARY, problemsOf, RECIPE, SAMPLE } from './sample-campaign.ts'

const library = LIBRARY
const accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(campaignSchemaText()))

test('every combination is a trial, the last axis fastest', () => {
  assert.equal(idsOf(SAMPLE), [
    'resnet50-d1-q1',
    'resnet50-d1-q4',
    'resnet50-d2-q1',
    'resnet50-d2-q4',
    'squeezenet-d1-q1',
    'squeezenet-d1-q4',
    'squeezenet-d2-q1',
    'squeezenet-d2-q4',
  ])
  assert.equal(campaignOf(SAMPLE).trials[4]?.model?.labels, { factor: '0.50' })
})

test('filters leave out, points come in, and none is measured twice', () => {
  const filtered = `${SAMPLE}only: [{ model: [resnet50] }]\nexclude: [{ depth: [2], requests: [4] }]\n`
  assert.equal(idsOf(filtered), ['resnet50-d1-q1', 'resnet50-d1-q4', 'resnet50-d2-q1'])
  const points = `${filtered}points:\n  - { model: squeezenet, depth: 8 }\n  - { model: resnet50, depth: 1, requests: 1 }\n`
  assert.equal(idsOf(points).slice(3), ['squeezenet-d8'])
})

test('a campaign without axes is its recipe, as often as it has passes', () => {
  const campaign = campaignOf('version: 1\nname: again\nrecipe: client.yaml\npasses: 10\n')
  assert.equal([campaign.trials.map(({ id }) => id), campaign.passes], [['base'], 10])
})

test('--quick takes the short form', () => {
  const { window, passes } = campaignOf(`${SAMPLE}quick: { duration: 1 s, passes: 3 }\n`, true)
  assert.equal([window.durationS, window.inferences, passes], [1, 30, 3])
})

const WRONG: [from: string, to: string, message: string][] = [
  ['  requests: [1, 4]', '  reqests: [1, 4]', 'sample.yaml:9:3: axes.reqests: unknown key, did you mean "requests"?'],
  ['depth: [1, 2]', 'depth: []', 'sample.yaml:8:10: axes.depth: expected a list of 1 to 16 depths, saw 0'],
  [
    'depth: [1, 2]',
    'depth: [1, 9]',
    'sample.yaml:8:14: axes.depth[1]: expected at most the 8 devices of the card, saw 9',
  ],
  [
    'depth: [1, 2]',
    'partition: [3x3]',
    'sample.yaml:8:15: axes.partition[0]: expected at most the 8 devices of the card, saw 9',
  ],
  [
    'data/models/squeezenet.json',
    'data/models/gone.json',
    'sample.yaml:6:31: models[1].spec: expected a model spec at data/models/gone.json, saw none to read',
  ],
  [
    'recipe: client.yaml',
    'recipe: gone.yaml',
    'sample.yaml:3:9: recipe: expected a recipe at gone.yaml, saw none to read',
  ],
  ['recipe: client.yaml', 'passes: 2', 'sample.yaml:1:1: expected exactly one of recipe and base, saw neither'],
  [
    'axes:\n',
    'axes:\n  model: [resnet05]\n',
    'sample.yaml:8:11: axes.model[0]: expected one of the models, saw "resnet05"; did you mean "resnet50"?',
  ],
  [
    '  requests: [1, 4]',
    '  requests: [1]\n  rate: [4 /s]',
    'sample.yaml:9:13: axes.requests: expected one of arrival, rate and requests, saw rate and requests',
  ],
  [
    '  requests: [1, 4]',
    'exclude: [{ depth: [1, 2] }]',
    'sample.yaml:1:1: expected at least one trial, saw none: filters leave nothing of 4 combinations',
  ],
]

for (const [from, to, message] of WRONG)
  test(`one line says: ${message.slice(0, 70)}`, () => {
    assert.equal(problemsOf(changed(from, to)), [message])
  })

test('a recipe that does not fit a trial is said before anything runs, with the trial', () => {
  const wrong = campaignOf(changed('  requests: [1, 4]', '  rate: [2000 /s]'))
  assert.throws(() => estimateCampaign(wrong, library, 1), /expected rates that devices can serve/)
  const setting = campaignOf(changed('  requests: [1, 4]', '  set: { idle.gap: [1 ms] }'))
  assert.throws(() => estimateCampaign(setting, library, 1), /idle.gap: expected at least/)
})

test('a recipe written in the campaign keeps its lines', () => {
  const indented = RECIPE.split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => `  ${line}`)
    .join('\n')
  const inline = changed('recipe: client.yaml', `base:\n${indented}`)
  assert.is(idsOf(inline).length, 8)
  const line = inline.split('\n').findIndex((text) => text.includes('devices: [0, 1, 2, 3]')) + 1
  assert.equal(problemsOf(inline.replace('devices: [0, 1, 2, 3]', 'devices: [8, 1, 2, 3]')), [
    `sample.yaml:${line}:17: tasks[0].devices[0]: expected the number of a device, 0 to 7, saw 8`,
  ])
})

test('a trial becomes a recipe: replicas are tasks on devices of their own, and share a rate', () => {
  const campaign = campaignOf(changed('depth: [1, 2]\n  requests: [1, 4]', 'partition: [2x2+4]\n  rate: [30 /s]'))
  const { plan } = trialRecipe(campaign, campaign.trials[0]!, 0, 4, library).runner as { plan: RunnerPlan }
  assert.equal(
    plan.tasks.map(({ devices }) => devices),
    [
      [0, 1],
      [2, 3],
      [4, 5, 6, 7],
    ],
  )
  assert.equal(
    plan.tasks.map(({ name }) => name),
    ['client-0', 'client-1', 'client-2'],
  )
  assert.equal(
    plan.tasks.map(({ arrival }) => arrival),
    Array(3).fill({ law: 'poisson', rate_hz: 10 }),
  )
  assert.equal(
    plan.models.map(({ segments }) => segments.length),
    [2, 4],
  )
  assert.equal([plan.warmup_inferences, plan.duration_s], [30, 4])
})

test('requests under way keep the thinking of a closed loop', () => {
  const campaign = campaignOf(SAMPLE)
  const { plan } = trialRecipe(campaign, campaign.trials[1]!, 0, 4, library).runner as { plan: RunnerPlan }
  assert.equal(plan.tasks[0]?.arrival, { law: 'closed', concurrency: 4, think_ms: 12, think_jitter_ms: 6 })
})

test('a fresh board is that of its trial in all passes; noise and arrivals are new in each', () => {
  const seeds = (text: string, t: number, pass: number): unknown[] => {
    const campaign = campaignOf(text)
    const { testbed } = trialRecipe(campaign, campaign.trials[t]!, pass, 4, library)
    return [testbed?.board.seed, testbed?.board.noise_seed, testbed?.seed]
  }
  const [board, noise, seed] = seeds(SAMPLE, 0, 0)
  assert.is(noise, seed)
  assert.is(seeds(SAMPLE, 0, 1)[0], board)
  assert.is.not(seeds(SAMPLE, 0, 1)[1], noise)
  assert.is.not(seeds(SAMPLE, 1, 0)[0], board)
  const same = `${SAMPLE}boards: same\n`
  assert.is(seeds(same, 0, 0)[0], seeds(same, 1, 1)[0])
  assert.is(seedOf('a'), 0xe40c292c, 'FNV-1a of "a"')
})

test('windows are as long as the rarer of time and inferences asks', () => {
  const estimate = (text: string): number => estimateCampaign(campaignOf(text), library, 1).measuredS
  const few = estimate(`${SAMPLE}window: { inferences: 1 }\n`)
  const many = estimate(`${SAMPLE}window: { inferences: 4000 }\n`)
  assert.ok(few >= 8 * 5 * 10 && few < 8 * 5 * 20, `${few} s`)
  assert.ok(many > 4 * few, `${many} s`)
})

const FOLDER = new URL('../../pipelines/campaigns/', import.meta.url)
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))
  test(`${file} is sound, bears its file's name and names the schema`, () => {
    const text = readFileSync(new URL(file, FOLDER), 'utf8')
    const campaign = loadCampaign(`pipelines/campaigns/${file}`, true)
    assert.is(campaign.name, file.replace('.yaml', ''))
    assert.is(text.split('\n')[0], '# yaml-language-server: $schema=./campaign.schema.json')
    assert.ok(accepts(parse(text)), JSON.stringify(accepts.errors))
    const { runs, wallS } = estimateCampaign(campaign, cardLibrary(file), 2)
    assert.ok(runs >= 2 && wallS < 120, `${runs} runs, ${wallS} s`)
  })

test('the example in docs/bench.md is sound', () => {
  const docs = readFileSync(new URL('../../docs/bench.md', import.meta.url), 'utf8')
  const example = /```yaml\n([\s\S]*?)```/.exec(docs)?.[1] as string
  assert.ok(accepts(parse(example)), JSON.stringify(accepts.errors))
})

test.run()
