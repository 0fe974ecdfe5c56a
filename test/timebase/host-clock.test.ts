import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HostClock } from '../../src/timebase/host-clock.ts'
import { seededRandom } from '../../src/units/random.ts'

const MS = 1e6

test('slews of 500 ppm that change every second: both directions lie in their error, and it is small', () => {
  const monotonic = slewed(3, 1, 5e-4)
  const clock = probe(monotonic, 60, 100 * MS, 1)
  const random = seededRandom(2)
  let largest = 0
  for (let k = 0; k < 20_000; k++) {
    const raw = 60e9 * random()
    const there = clock.monotonicAt(raw)
    assert.ok(Math.abs(there.ns - monotonic(raw)) <= there.errorNs)
    const back = clock.rawAt(monotonic(raw))
    assert.ok(Math.abs(back.ns - raw) <= back.errorNs)
    if (raw > 1e9 && raw < 59e9) largest = Math.max(largest, there.errorNs)
  }
  assert.ok(largest < 30e3, `${largest} ns`)
})

test('a steady clock is known to its brackets', () => {
  const clock = probe((raw) => raw * (1 + 2e-5), 10, 100 * MS, 3)
  for (let raw = 1e9; raw < 9e9; raw += 1.23e7) assert.ok(clock.monotonicAt(raw).errorNs < 2e3)
})

test('in a silence of the probe, and beyond its ends, the limit of the slew stands in', () => {
  const monotonic = slewed(5, 1, 5e-4)
  const clock = new HostClock()
  for (const s of [0, 0.1, 0.2, 5, 5.1]) clock.add(reading(monotonic, s * 1e9, 100, 100))
  for (let raw = -2e9; raw < 7e9; raw += 1e7) {
    const { ns, errorNs } = clock.monotonicAt(raw)
    assert.ok(Math.abs(ns - monotonic(raw)) <= errorNs, `${raw}`)
  }
  assert.ok(clock.monotonicAt(2.6e9).errorNs > 1e6)
  assert.is(new HostClock().rawAt(5).errorNs, Number.POSITIVE_INFINITY)
})

test('readings that go back are left out; old ones are forgotten', () => {
  const clock = probe((raw) => raw, 10, 100 * MS, 4)
  const before = clock.readings
  clock.add({ beforeNs: 5e9, rawNs: 5e9, afterNs: 5e9 + 100 })
  assert.is(clock.readings, before)
  clock.dropBefore(9e9)
  assert.ok(clock.readings < 20)
  assert.ok(clock.rawAt(9.5e9).errorNs < 2e3)
})

/** MONOTONIC as a function of RAW, ns: another slew within the limit every so often. */
function slewed(seed: number, everyS: number, limit: number): (rawNs: number) => number {
  const random = seededRandom(seed)
  const slews = Array.from({ length: 200 }, () => limit * (2 * random() - 1))
  return (rawNs) => {
    let ns = rawNs
    for (const [k, slew] of slews.entries()) {
      const start = (k - 100) * everyS * 1e9
      ns += slew * Math.min(Math.max(rawNs - start, 0), everyS * 1e9)
    }
    return ns
  }
}

function probe(monotonic: (raw: number) => number, seconds: number, everyNs: number, seed: number): HostClock {
  const random = seededRandom(seed)
  const clock = new HostClock()
  for (let raw = 0; raw <= seconds * 1e9; raw += everyNs + 1e5 * random())
    clock.add(reading(monotonic, raw, 100 + 300 * random(), 100 + 300 * random()))
  return clock
}

function reading(monotonic: (raw: number) => number, rawNs: number, beforeNs: number, afterNs: number) {
  return { beforeNs: monotonic(rawNs) - beforeNs, rawNs, afterNs: monotonic(rawNs) + afterNs }
}

test.run()
