// What the host's own clock may do to a run: slewed by NTP, stepped UTC, sleep. Offline, with readings as the clock probe gives them.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ROW_FLAGS } from '../../src/energy/flags.ts'
import * as P from '../../src/protocol/constants.ts'
import { type ClockComparison, compareClock, percentile } from '../../src/truth/compare.ts'
import { trueInferenceEnergies } from '../../src/truth/read-truth.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { type Alter, alterRun, withEventTimes, withReading, withTicksMovedOn } from '../support/altered-run.ts'
import { type EmulatedRun, emulate, finalise, recipeOf, scratch } from './testbed.ts'

/** CLOCK_MONOTONIC of every emulated run's origin. */
const ORIGIN_NS = 1_000_000_000_000n
const SLEW = '[{ at: 6.25 s, time: 4 s, by: 500 ppm }]'
let slewed: EmulatedRun
let whole: EmulatedRun

test('a slew of 500 ppm for four seconds: as good as without', async () => {
  const plain = await emulate(demo())
  slewed = await emulate(demo({ 'testbed.host_slew': SLEW }))
  const [clock, still] = [await compareClock(slewed.path, 3), await compareClock(plain.path, 3)]
  tell('slewed', clock)
  tell('not slewed', still)
  assert.is(clock.outside, 0)
  assert.is(clock.points, still.points)
  assert.ok(percentile(clock.boundNs, 0.99) < 1.1 * percentile(still.boundNs, 0.99))
  assert.equal(slewed.runJson.warnings, [])
  assert.is(slewed.runJson.clock.epochs, 1)
  assert.is(slewed.runJson.counts.unresolved, 0)
})

test('the same without readings: covered by a wider bound, with a warning', async () => {
  const { path, runJson } = await altered(slewed.path, (record) => (record.source === 'clock' ? undefined : record))
  const clock = await compareClock(path, 3)
  tell('no readings', clock)
  assert.is(clock.outside, 0)
  assert.ok(clock.points > 1500)
  assert.ok(percentile(clock.boundNs, 0.5) < 2e6)
  assert.equal(
    runJson.warnings.map(({ code }) => code),
    ['clock-unread'],
  )
})

test('readings that end in mid-run: the bound grows from there, with a warning', async () => {
  const { path, runJson } = await altered(slewed.path, (record) =>
    record.source === 'clock' && record.stampNs > 8e9 ? undefined : record,
  )
  const clock = await compareClock(path, 3)
  tell('readings until 8 s', clock)
  assert.is(clock.outside, 0)
  assert.ok(clock.points > 1500)
  assert.ok(percentile(clock.boundNs, 0.99) > 1e6)
  assert.ok(runJson.warnings.some(({ code, message }) => code === 'clock-unread' && /last/.test(message)))
})

test('readings that deny the slew: the comparison with the truth notices', async () => {
  const { path } = await altered(slewed.path, (record) =>
    record.source === 'clock'
      ? { ...record, payload: withReading(record.payload, ([a = 0n, , ...rest]) => [a, a, ...rest]) }
      : record,
  )
  const clock = await compareClock(path, 3)
  assert.ok(clock.outside > 20 || clock.points < 1000, `${clock.outside} of ${clock.points} outside`)
})

/** The host sleeps from here, in the middle of an inference, for so long. */
let asleepNs = 8e9
const SLEPT_NS = 700e6

test('the host sleeps: a new epoch, spans that touch the sleep unaligned, everything else as good as ever', async () => {
  whole = await emulate(demo())
  const [inside] = await duckdb(
    `select (start_ns + end_ns) // 2 as ns from '${join(whole.path, 'inferences', '*.parquet')}' where start_ns > 8020000000 order by start_ns limit 1`,
  )
  asleepNs = Number(inside?.ns)
  const { path, runJson } = await altered(whole.path, asleep)
  assert.is(runJson.clock.suspends, 1)
  assert.is(runJson.clock.epochs, 2)
  const clock = await compareClock(path, 3, awakeNs)
  tell('asleep', clock)
  assert.is(clock.outside, 0)
  assert.ok(clock.points > 1400)
  const rows = await duckdb(`select * from '${join(path, 'inferences', '*.parquet')}' order by start_ns`)
  const truth = trueInferenceEnergies(join(path, 'truth'))
  let after = 0
  let touching = 0
  for (const row of rows) {
    const touches = Number(row.start_ns) < asleepNs && Number(row.end_ns) >= asleepNs
    if (touches) {
      touching++
      assert.is(row.energy_j, null)
      assert.is(row.reason, 'clock not aligned')
      assert.ok(Number(row.flags) & ROW_FLAGS.unaligned)
    }
    if (row.energy_j === null) continue
    if (Number(row.start_ns) > asleepNs) after++
    const off = Math.abs(Number(row.energy_j) - (truth.get(Number(row.inference_id)) ?? Number.NaN))
    assert.ok(off < 5 * Number(row.energy_u_j), `inference ${row.inference_id}: ${off} J off`)
  }
  assert.ok(touching >= 1 && after > 50, `${touching} touch the sleep, ${after} after it`)
  assert.ok((runJson.energy.v12?.conservation_error ?? 1) < 1e-9)
})

test('the same sleep, which the readings do not show: the truth notices', async () => {
  const { path, runJson } = await altered(whole.path, (record) => {
    const after = asleep(record)
    if (after === undefined || record.source !== 'clock') return after
    return { ...after, payload: withReading(after.payload, ([a = 0n, b = 0n, , ...rest]) => [a, b, a, ...rest]) }
  })
  const clock = await compareClock(path, 3, awakeNs)
  // the step of the device's clock is met as one: what lies around it is unaligned, nothing is wrong
  assert.is(runJson.clock.epochs, 1)
  assert.is(clock.outside, 0)
  assert.ok(clock.points < 1814)
})

test('UTC stepped by an hour: rows carry the UTC of the nearest reading', async () => {
  const HOUR_NS = 3_600_000_000_000n
  const { path } = await altered(slewed.path, (record) =>
    record.source === 'clock' && record.stampNs > 8e9
      ? {
          ...record,
          payload: withReading(
            record.payload,
            ([a, b, c, d = 0n, ...rest]) => [a, b, c, d + HOUR_NS, ...rest] as bigint[],
          ),
        }
      : record,
  )
  const [row] = await duckdb(
    `select max(epoch_us(start_time) - start_ns // 1000) - min(epoch_us(start_time) - start_ns // 1000) as step,
      max(start_ns) filter (where epoch_us(start_time) - start_ns // 1000 < (select min(epoch_us(start_time) - start_ns // 1000) + 1800000000 from '${join(path, 'inferences', '*.parquet')}')) as last
     from '${join(path, 'inferences', '*.parquet')}'`,
  )
  assert.ok(Math.abs(Number(row?.step) - 3.6e9) < 10)
  assert.ok(Math.abs(Number(row?.last) - 8e9) < 0.2e9)
})

test('the 32-bit counter of the board wraps in mid-run, a marker along: the same map to the nanosecond', async () => {
  const plain = await emulate(demo({ 'runner.marker': '{ wire: virtual }' }))
  const chunks: Uint8Array[] = []
  await alterRun(plain.path, join(scratch(), 'read'), (record) => {
    if (record.kind === P.JOURNAL_SERIAL_IN) chunks.push(Uint8Array.from(record.payload))
    return record
  })
  // the counter runs at 2 MHz: it wraps 8 s into the run
  const moved = withTicksMovedOn(chunks, 2 ** 32 - 16_000_000)
  let next = 0
  const { path, runJson } = await altered(plain.path, (record) =>
    record.kind === P.JOURNAL_SERIAL_IN ? { ...record, payload: moved[next++] as Uint8Array } : record,
  )
  assert.is(runJson.clock.epochs, 1)
  assert.is(runJson.counts.unresolved, 0)
  assert.equal(runJson.clock.marker, plain.runJson.clock.marker)
  const [clock, before] = [await compareClock(path, 3), await compareClock(plain.path, 3)]
  assert.is(clock.outside, 0)
  assert.is(clock.points, before.points)
  assert.ok(Math.abs(percentile(clock.errorNs, 1) - percentile(before.errorNs, 1)) < 2)
})

function demo(set: Record<string, string> = {}) {
  return recipeOf('demo', { 'testbed.link': 'cdc', ...set })
}

async function altered(from: string, alter: Alter) {
  const path = join(scratch(), 'run')
  await alterRun(from, path, alter)
  return { path, ...(await finalise(path)) }
}

/** The host's clocks but CLOCK_BOOTTIME and UTC stand still while it sleeps, the board runs on, and what it sends is lost. */
function awakeNs(ns: number): number {
  return ns < asleepNs ? ns : Math.max(asleepNs, ns - SLEPT_NS)
}

const asleep: Alter = (record) => {
  const { source, stampNs, payload } = record
  const isWithin = stampNs >= asleepNs && stampNs < asleepNs + SLEPT_NS
  if (isWithin && (source === 'serial' || source === 'clock')) return undefined
  const stamp = awakeNs(stampNs) as typeof stampNs
  if (source === 'events')
    return {
      ...record,
      stampNs: stamp,
      payload: withEventTimes(payload, (ns) => ORIGIN_NS + BigInt(awakeNs(Number(ns - ORIGIN_NS)))),
    }
  if (source !== 'clock' || stampNs < asleepNs) return { ...record, stampNs: stamp }
  const slept = BigInt(SLEPT_NS)
  const reading = withReading(payload, ([a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n]) => [
    a - slept,
    b - slept,
    c,
    d,
    e - slept,
    f + 1n,
  ])
  return { ...record, stampNs: stamp, payload: reading }
}

function tell(what: string, { errorNs, boundNs, points, outside }: ClockComparison): void {
  const us = (values: Float64Array, p: number): string => (percentile(values, p) / 1e3).toFixed(1)
  console.log(
    `${what}: ${points} points, ${outside} outside, error p50/p99/max ${us(errorNs, 0.5)}/${us(errorNs, 0.99)}/${us(errorNs, 1)}, bound p50/p99 ${us(boundNs, 0.5)}/${us(boundNs, 0.99)} us`,
  )
}

test.run()
