import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HostClocks, type HostReading } from '../../src/timebase/host-clocks.ts'

const SLEW = 500e-6

test('within its error whatever the slew does between two readings, once', () => {
  for (const kinkS of [5.0, 5.01, 5.05, 5.099]) {
    const raw = (s: number): number => s - Math.max(0, s - kinkS) * SLEW
    const clock = clockOf(raw)
    let worst = 0
    for (let s = 4.5; s < 6; s += 0.00137) {
      const off = Math.abs(clock.rawOf(s * 1e9) - raw(s) * 1e9)
      assert.ok(off <= clock.errorNsAt(s * 1e9), `${off} ns off at ${s} s, ${clock.errorNsAt(s * 1e9)} stated`)
      worst = Math.max(worst, off)
    }
    if (kinkS === 5.05) assert.ok(worst > 10e3, 'a bend in the middle is seen')
    // what the brackets leave uncertain of the slopes beside it is added everywhere
    assert.ok(clock.errorNsAt(4.3e9) < 300, `elsewhere ${clock.errorNsAt(4.3e9)} ns`)
  }
})

test('there and back again', () => {
  const clock = clockOf((s) => s * (1 - SLEW) + 17)
  for (let s = 0; s < 10; s += 0.0131) assert.ok(Math.abs(clock.monoOf(clock.rawOf(s * 1e9)) - s * 1e9) < 1e-3)
})

test('outside all readings the error grows by 500 ppm', () => {
  const clock = clockOf((s) => s)
  assert.ok(clock.errorNsAt(11.9e9) >= 2e9 * SLEW * 0.99)
  assert.ok(clock.errorNsAt(-1e9) >= 1e9 * SLEW)
})

test('a suspend is the two readings CLOCK_BOOTTIME gained between', () => {
  const clock = new HostClocks()
  for (let k = 0; k < 20; k++) clock.add(reading(k / 10, k / 10, k < 12 ? k / 10 : k / 10 + 5))
  assert.equal(clock.suspends, [{ fromNs: 1.1e9, untilNs: 1.2e9 }])
})

test('without readings RAW is taken for CLOCK_MONOTONIC; a reading out of order is of no use', () => {
  const clock = new HostClocks()
  assert.is(clock.isKnown, false)
  assert.is(clock.rawOf(123), 123)
  clock.add(reading(1, 1, 1))
  clock.add(reading(0.5, 0.5, 0.5))
  assert.is(clock.isKnown, false)
  clock.add(reading(1.1, 1.1, 1.1))
  assert.is(clock.isKnown, true)
})

test('what is forgotten is not needed', () => {
  const clock = clockOf((s) => s * (1 - SLEW))
  const before = clock.rawOf(7.77e9)
  clock.dropBefore(7e9)
  assert.is(clock.rawOf(7.77e9), before)
})

function clockOf(raw: (s: number) => number): HostClocks {
  const clock = new HostClocks()
  for (let k = 0; k < 100; k++) clock.add(reading(k / 10, raw(k / 10) - raw(0), k / 10))
  return clock
}

function reading(monoS: number, rawS: number, bootS: number): HostReading {
  const ns = (s: number): bigint => BigInt(Math.round(s * 1e9))
  return { monoNs: Math.round(monoS * 1e9), rawNs: ns(rawS) + 99n, boottimeNs: ns(bootS) + 7n, halfBracketNs: 60 }
}

test.run()
