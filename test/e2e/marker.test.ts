// The marker line through the real path, offline: runner, feed, pin of the emulated board, firmware, events, map.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunJson } from '../../src/dataset/run-json.ts'
import { type ClockComparison, compareClock, percentile } from '../../src/truth/compare.ts'
import { emulate, recipeOf } from './testbed.ts'

const VIRTUAL = '{ wire: virtual }'

for (const [mode, link, p99Us] of [
  ['balanced', 'cdc', 15],
  ['accurate', 'cdc', 15],
  ['fast', 'ftdi16', 15],
] as const)
  test(`${mode} over ${link}: the map within ${p99Us} us, everywhere within its bound`, async () => {
    const without = await measured({ 'testbed.link': link, 'sensor.mode': mode })
    const { clock, runJson } = await measured({
      ...{ 'testbed.link': link, 'sensor.mode': mode },
      'runner.marker': VIRTUAL,
    })
    tell(`${mode}, ${link}`, clock, without.clock)
    assert.is(clock.outside, 0)
    assert.ok(percentile(clock.errorNs, 0.99) <= p99Us * 1e3)
    assert.ok(percentile(clock.boundNs, 0.5) <= 0.25 * percentile(without.clock.boundNs, 0.5))
    const { marker } = runJson.clock
    assert.ok(marker !== null && marker.edges_used >= 100, JSON.stringify(marker))
    assert.equal(
      [marker.edges_opposite, marker.edges_foreign, marker.edges_ambiguous, marker.toggles_unseen],
      [0, 0, 0, 0],
    )
    assert.equal(runJson.warnings, [])
    assert.is(without.runJson.clock.marker, null)
  })

test('ten seconds with an edge a second: still within 25 us and covered', async () => {
  const { clock, runJson } = await measured({
    'testbed.link': 'cdc',
    'runner.marker': '{ wire: virtual, every: 1 s }',
  })
  tell('an edge a second', clock)
  assert.ok((runJson.clock.marker?.edges_used ?? 0) >= 10)
  assert.is(clock.outside, 0)
  assert.ok(percentile(clock.errorNs, 0.99) <= 25e3)
})

test('an inverted line is said and not used', async () => {
  const { clock, runJson } = await measured({ 'runner.marker': VIRTUAL, 'testbed.marker': 'inverted' })
  assertUnused(runJson, 'marker-inverted')
  assert.is(clock.outside, 0)
})

test('a line that ends nowhere is said', async () => {
  const { clock, runJson } = await measured({ 'runner.marker': VIRTUAL, 'testbed.marker': 'open' })
  assertUnused(runJson, 'marker-unseen')
  assert.is(clock.outside, 0)
})

test('toggles 5 ms apart while the link stands still for 6 s: told apart by what came before and after', async () => {
  const { clock, runJson } = await measured({
    'runner.marker': '{ wire: virtual, every: 5 ms }',
    'testbed.link': 'cdc',
    'testbed.faults': '["stall@2:6"]',
  })
  assert.is(clock.outside, 0)
  const { marker } = runJson.clock
  assert.ok(marker !== null && marker.edges_used > 2000)
  assert.equal([marker.edges_foreign, marker.edges_opposite], [0, 0])
})

test('the floors found hold in a later run without a marker, and narrow its bound', async () => {
  const calibration = await measured({ 'testbed.link': 'cdc', 'runner.marker': VIRTUAL, duration: '60 s' })
  const { marker } = calibration.runJson.clock
  assert.ok(marker !== null)
  console.log(
    `floors of cdc, true 100 and 70 us: least seen ${us(marker.least_up_ns)} and ${us(marker.least_down_ns)}, to be claimed ${us(marker.floor_up_ns)} and ${us(marker.floor_down_ns)}`,
  )
  assert.ok(marker.floor_up_ns !== null && marker.floor_up_ns <= 100e3 && marker.floor_up_ns >= 30e3)
  assert.ok(marker.floor_down_ns === null || marker.floor_down_ns <= 70e3)
  const plain = recipeOf('demo', { 'testbed.link': 'cdc', 'testbed.seed': 77 })
  const floors = { floorUpNs: marker.floor_up_ns, floorDownNs: marker.floor_down_ns ?? 0 }
  const before = await compareClock((await emulate(plain)).path, 3)
  const after = await compareClock((await emulate({ ...plain, sensor: { ...plain.sensor, ...floors } })).path, 3)
  tell('a later run with the floors', after, before)
  assert.is(after.outside, 0)
  const savedNs = percentile(before.boundNs, 0.5) - percentile(after.boundNs, 0.5)
  assert.ok(Math.abs(savedNs - (floors.floorUpNs + floors.floorDownNs) / 2) < 10e3, `${savedNs} ns saved`)
})

async function measured(set: Record<string, string>): Promise<{ clock: ClockComparison; runJson: RunJson }> {
  const { path, runJson } = await emulate(recipeOf('demo', set))
  return { clock: await compareClock(path, 3), runJson }
}

function assertUnused(runJson: RunJson, code: string): void {
  assert.is(runJson.clock.marker?.edges_used, 0)
  assert.equal(
    runJson.warnings.map((warning) => warning.code),
    [code],
  )
}

function tell(what: string, clock: ClockComparison, without?: ClockComparison): void {
  const figures = ({ errorNs, boundNs }: ClockComparison): string =>
    `error p50/p99/max ${[0.5, 0.99, 1].map((p) => us(percentile(errorNs, p))).join('/')}, bound p50/p99 ${[0.5, 0.99].map((p) => us(percentile(boundNs, p))).join('/')} us`
  console.log(`${what}: ${figures(clock)}${without === undefined ? '' : `; without ${figures(without)}`}`)
}

function us(ns: number | null): string {
  return ns === null ? 'none' : (ns / 1e3).toFixed(1)
}

test.run()
