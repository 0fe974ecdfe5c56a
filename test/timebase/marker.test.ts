import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FinalMap } from '../../src/timebase/final-map.ts'
import { addMarkerEdge, FloorCalibration, matchMarkerEdges } from '../../src/timebase/marker.ts'
import { OSCILLATORS } from '../../src/timebase/oscillator.ts'
import { seededRandom } from '../../src/units/random.ts'
import { ticks } from '../../src/units/units.ts'

const PERIOD = 104
const NS_PER_TICK = 500 * (1 - 3e-3)

test('edges alone place a run, within a sample period at first and far less after some', () => {
  const map = new FinalMap(OSCILLATORS.resonator, 5e-7)
  for (let k = 0; k < 1000; k++) map.addFrame(k * 20_000, (k + 1) * 20_000)
  for (const { toggle, change } of edges(100, 1)) addMarkerEdge(map, toggle, change)
  map.extendTo(Number.POSITIVE_INFINITY)
  const middle = 1e7
  assert.ok(Math.abs(map.map.toHost(ticks(middle)) - middle * NS_PER_TICK) <= map.map.boundNs(ticks(middle)))
  assert.ok(map.map.boundNs(ticks(middle)) < (PERIOD * NS_PER_TICK) / 2)
})

test('a change of level is the toggle it can be: lost ones do not shift the rest', () => {
  const all = edges(50, 2)
  const map = around(200e3)
  const seen = all.filter((_, k) => k % 7 !== 3)
  const sent = all.filter((_, k) => k !== 20)
  const matched = matchMarkerEdges(
    sent.map(({ toggle }) => toggle),
    seen.map(({ change }) => change),
    map,
  )
  const both = all.filter((_, k) => k % 7 !== 3 && k !== 20)
  assert.equal(
    matched,
    both.map(({ toggle, change }) => ({ toggle, change })),
  )
})

test('two toggles within what the map leaves open are not told apart', () => {
  const [first, second] = edges(2, 3)
  const near = { beforeNs: (first as Edge).toggle.beforeNs + 100e3, afterNs: (first as Edge).toggle.afterNs + 100e3 }
  const toggles = [(first as Edge).toggle, near, (second as Edge).toggle]
  const matched = matchMarkerEdges(toggles, [(first as Edge).change, (second as Edge).change], around(200e3))
  assert.equal(
    matched.map(({ toggle }) => toggle),
    [(second as Edge).toggle],
  )
})

test('floors are claimed below the least delay there is, and not at all from a few pairs', () => {
  const random = seededRandom(4)
  const exact = around(3e3)
  const calibration = new FloorCalibration(exact)
  for (let k = 0; k < 20; k++) calibration.addUp(k * 2000, k * 2000 * NS_PER_TICK + 500e3)
  assert.is(calibration.floors.upNs, 0)
  for (let k = 0; k < 20_000; k++) {
    const tick = k * 2000
    const delay = 100e3 + 100e3 * -Math.log(1 - random()) + 1e6 * random()
    calibration.addUp(tick, tick * NS_PER_TICK + delay)
    calibration.addDown(tick, tick * NS_PER_TICK - delay + 30e3)
  }
  const { upNs, downNs, upPairs, downPairs } = calibration.floors
  assert.ok(upNs > 50e3 && upNs < 100e3, `${upNs}`)
  assert.ok(downNs > 20e3 && downNs < 70e3, `${downNs}`)
  assert.equal([upPairs, downPairs], [20_020, 20_000])
})

type Edge = ReturnType<typeof edges>[number]

/** Toggles every 100 ms, give or take, seen by samples every 52 us. */
function edges(count: number, seed: number) {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, k) => {
    const before = (k + 0.5 + 0.4 * random()) * 1e8
    const edge = before + 5e3 * random()
    const firstNewTick = Math.ceil(edge / NS_PER_TICK / PERIOD) * PERIOD
    return {
      toggle: { beforeNs: before, afterNs: before + 5e3 },
      change: { lastOldTick: firstNewTick - PERIOD, firstNewTick },
    }
  })
}

/** A map known to `halfNs`. */
function around(halfNs: number) {
  return {
    lower: (tick: number) => tick * NS_PER_TICK - halfNs,
    upper: (tick: number) => tick * NS_PER_TICK + halfNs,
  }
}

test.run()
