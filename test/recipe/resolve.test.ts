import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { certifiedFloorUpNs } from '../../src/recipe/link-floor.ts'
import type { ChannelRecipe, PlanSegment, Recipe } from '../../src/recipe/recipe.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { changed, SAMPLE_RECIPE } from './sample-recipe.ts'

const MONITOR = `version: 1
name: monitor
duration: 24 h
sensor: { port: /dev/ttyACM0 }
rails: [{ name: v12, nominal: 12 V, uncertainty: 1 %, current: { input: 7, sensor: ACS712-30A } }]
runner: { backend: none }
`

test('the same text gives the same recipe', () => {
  assert.equal(resolve(SAMPLE_RECIPE), resolve(SAMPLE_RECIPE))
  assert.is(JSON.stringify(resolve(SAMPLE_RECIPE)), JSON.stringify(resolve(SAMPLE_RECIPE)))
})

test('a recipe survives JSON, in which the journal keeps it', () => {
  for (const text of [SAMPLE_RECIPE, MONITOR]) {
    assert.equal(JSON.parse(JSON.stringify(resolve(text))), resolve(text))
  }
})

test('the order of keys does not matter', () => {
  const [head, tail] = [
    SAMPLE_RECIPE.slice(0, SAMPLE_RECIPE.indexOf('models:')),
    SAMPLE_RECIPE.slice(SAMPLE_RECIPE.indexOf('models:')),
  ]
  assert.equal(resolve(tail + head), resolve(SAMPLE_RECIPE))
})

test('an ACS712-05B on an Uno: 5 V / 1024 / 185 mV/A, and 511.5 counts in the middle', () => {
  const current = resolve(SAMPLE_RECIPE).rails[0]?.current as ChannelRecipe
  assert.is(current.scale, 5 / 1024 / 0.185)
  assert.is(current.zeroCounts, 511.5)
  assert.is(current.zeroUCounts, (0.025 * 1024) / 5)
  assert.is(current.scaleURel, 0.015)
})

test('a sensor is known by name or by its sensitivity', () => {
  const scaleOf = (sensor: string): number =>
    resolve(changed('sensor: ACS712-05B', `sensor: ${sensor}`)).rails[0]?.current.scale ?? 0
  assert.is(scaleOf('ACS712-20A'), scaleOf('100 mV/A'))
  assert.is(scaleOf('ACS712-30A'), scaleOf('66 mV/A'))
  assert.is(scaleOf('0.1 V/A'), 5 / 1024 / 0.1)
})

test('a divider gives volts per count, and half a count below zero at 0 V', () => {
  const voltage = resolve(SAMPLE_RECIPE).rails[0]?.voltage as ChannelRecipe
  assert.equal([voltage.input, voltage.scale, voltage.zeroCounts], [1, 5 / 1024 / 0.25, -0.5])
})

test('a first-order filter lags by its time constant unless the recipe knows better', () => {
  const [v12, v3] = resolve(SAMPLE_RECIPE).rails
  assert.equal([v12?.current.delayNs, v12?.current.timeConstantNs], [79_577, 79_577])
  assert.is(v3?.current.timeConstantNs, 79_577)
  const slow = resolve(changed('bandwidth: 2 kHz', 'bandwidth: 500 Hz\n      delay: 90 us')).rails[1]?.current
  assert.equal([slow?.delayNs, slow?.timeConstantNs], [90_000, 318_310])
})

test('times that are kept in nanoseconds are whole ones', () => {
  const { sensor } = resolve(changed('mode: balanced', 'settle: 0.6000004 ms'))
  assert.is(sensor.settleNs, 600_000)
})

test('without a voltage channel the nominal voltage is used, with its uncertainty', () => {
  assert.equal(resolve(MONITOR).rails[0]?.voltage, { kind: 'nominal', volts: 12, uRel: 0.01 })
})

test('on real hardware nothing is certain of the link, and there is no testbed', () => {
  const { sensor, runner, testbed } = resolve(MONITOR)
  assert.equal([sensor.floorUpNs, sensor.floorDownNs, sensor.port], [0, 0, '/dev/ttyACM0'])
  assert.equal(runner, { kind: 'none' })
  assert.is(testbed, undefined)
  assert.is(resolve(MONITOR.replace('/dev/ttyACM0', '/dev/ttyACM0, floor_up: 150 us')).sensor.floorUpNs, 150_000)
})

test('the virtual board hands over nothing earlier than its lag, less what is taken off for safety', () => {
  const floorOf = (to: string): number => resolve(changed('seed: 7', `seed: 7\n  ${to}`)).sensor.floorUpNs
  assert.is(resolve(SAMPLE_RECIPE).sensor.floorUpNs, 4_990_000)
  assert.is(floorOf('lag: 2 ms'), 1_990_000)
  for (const link of ['ideal', 'cdc', 'ftdi1', 'ftdi16']) assert.is(floorOf(`link: ${link}`), 0, link)
  assert.is(certifiedFloorUpNs({ lagNs: 5e6, link: 'cdc' }, true), 4_990_000)
})

test('an attached runner is named by its endpoints', () => {
  const text = MONITOR.replace('{ backend: none }', '{ attach: { events: tcp://h:5555, requests: ipc:///run/q } }')
  assert.equal(resolve(text).runner, { kind: 'attach', events: 'tcp://h:5555', requests: 'ipc:///run/q' })
})

test('the plan of the runner is the recipe in its own units', () => {
  const { runner } = resolve(SAMPLE_RECIPE)
  if (runner.kind !== 'spawn') throw new Error(`expected a plan, saw ${runner.kind}`)
  const { plan } = runner
  assert.equal([plan.version, plan.seed, plan.backend, plan.duration_s], [1, 7, 'virtual', 10])
  assert.equal(
    plan.devices.map(({ name }) => name),
    ['tpu0', 'tpu1'],
  )
  assert.equal(plan.devices[1]?.idle_w, { never_used: 0.4, context_open: 0.45, resident: 0.5 })
  assert.equal(plan.models[0]?.segments[1], {
    load_ms: 15,
    load_w: 0.8,
    duration_sd_rel: 0.01,
    power_sd_rel: 0.03,
    phases: [{ name: 'compute', ms: 3, start_w: 1.1, end_w: 1.3 }],
  })
  assert.equal(plan.tasks, [
    {
      name: 'street',
      model: 'pair',
      devices: [0, 1],
      queue: 4,
      arrival: { law: 'poisson', rate_hz: 40 },
      max_inferences: 0,
    },
  ])
  assert.is(plan.warmup_inferences, 3)
  assert.equal(plan.idle, {
    never_used_ms: 200,
    context_open_ms: 300,
    resident_ms: 500,
    gap_every_ms: 1000,
    gap_ms: 8,
    after_ms: 500,
  })
})

test('every arrival law has its plan', () => {
  const arrivalOf = (arrival: string): unknown => {
    const { runner } = resolve(changed('law: poisson, rate: 40 /s', arrival))
    return runner.kind === 'spawn' ? runner.plan.tasks[0]?.arrival : undefined
  }
  assert.equal(arrivalOf('law: periodic, period: 25 ms, jitter: 1 ms'), {
    law: 'periodic',
    period_ms: 25,
    jitter_ms: 1,
  })
  assert.equal(arrivalOf('law: saturated'), { law: 'saturated' })
  assert.equal(arrivalOf('law: closed'), { law: 'closed', concurrency: 1, think_ms: 0, think_jitter_ms: 0 })
  assert.equal(arrivalOf('law: trace, at: [0 s, 1.5 ms, 2 s]'), { law: 'trace', at_ms: [0, 1.5, 2000] })
})

test('a section whose lines are all commented out has its defaults', () => {
  const bare = SAMPLE_RECIPE.slice(0, SAMPLE_RECIPE.indexOf('testbed:'))
  assert.equal(resolve(`${bare}testbed:\n  # seed: 7\n`), resolve(bare))
})

test('an alias stands for what it names', () => {
  const text = changed(
    'phases:\n          - { name: compute, time: 2 ms, power: 1.2 W }',
    'phases: &work\n          - { name: compute, time: 2 ms, power: 1.2 W }',
  ).replace('phases:\n          - { name: compute, time: 3 ms, power: 1.1 W, end_power: 1.3 W }', 'phases: *work')
  const { runner } = resolve(text)
  const segments = runner.kind === 'spawn' ? (runner.plan.models[0]?.segments as readonly PlanSegment[]) : undefined
  assert.equal(segments?.[1]?.phases, segments?.[0]?.phases)
  assert.is(segments?.[1]?.phases[0]?.ms, 2)
})

test('an override takes the place of what the file says, and of what it leaves out', () => {
  const overridden = resolveRecipe(SAMPLE_RECIPE, 'x.yaml', [
    { path: 'duration', text: '3 s', from: '--duration' },
    { path: 'testbed.seed', text: '99', from: '--seed' },
    { path: 'sensor.settle', text: '1 ms', from: '--set' },
    { path: 'tasks[0].devices', text: '[1, 0]', from: '--set' },
  ])
  const edited = resolve(
    changed('duration: 10 s', 'duration: 3 s')
      .replace('seed: 7', 'seed: 99')
      .replace('mode: balanced', 'mode: balanced\n  settle: 1 ms')
      .replace('[0, 1]', '[1, 0]'),
  )
  assert.equal(overridden, edited)
})

function resolve(text: string): Recipe {
  return resolveRecipe(text, 'x.yaml')
}

test.run()
