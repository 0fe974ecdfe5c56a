import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CounterUnwrap, halfWrapS } from '../../src/samples/unwrap.ts'
import { seededRandom } from '../../src/units/random.ts'

const WRAPS = 1e4

for (const { bits, tickHz, skew, stallS, stampsPerWrap } of [
  { bits: 16, tickHz: 250e3, skew: 5e-3, stallS: 0.05, stampsPerWrap: 20 },
  { bits: 16, tickHz: 250e3, skew: -9.9e-3, stallS: 0.05, stampsPerWrap: 20 },
  { bits: 32, tickHz: 1e6, skew: 40e-6, stallS: 60, stampsPerWrap: 5 },
  { bits: 32, tickHz: 84e6, skew: -5e-3, stallS: 20, stampsPerWrap: 5 },
])
  test(`${bits} bits at ${tickHz} Hz, ${skew * 1e6} ppm off: ${WRAPS} wraps without a slip, stalls of ${stallS} s`, () => {
    const random = seededRandom(bits + Math.round(skew * 1e6))
    const wrapS = 2 ** bits / tickHz
    const unwrap = new CounterUnwrap(bits, tickHz, stallS + 0.04)
    const first = Math.floor(2 ** bits * random())
    let wrong = 0
    for (let k = 0; k < WRAPS * stampsPerWrap; k++) {
      const t = ((k + 0.9 * random()) * wrapS) / stampsPerWrap
      const tick = first + Math.floor(t * (1 + skew) * tickHz)
      const delay = random() < 0.01 ? stallS * random() : 0.03 * random()
      if (unwrap.push(tick % 2 ** bits, (t + delay) * 1e9) !== tick) wrong++
    }
    assert.is(wrong, 0)
  })

test('a counter that is too short for the delays of its link is refused', () => {
  assert.ok(halfWrapS(16, 2e6) < 0.017)
  assert.throws(
    () => new CounterUnwrap(16, 2e6, 0.02),
    /expected delays that differ by less than 0.016384 s, saw up to 0.02 s/,
  )
  assert.ok(new CounterUnwrap(16, 250e3, 0.1))
  assert.throws(() => new CounterUnwrap(16, 250e3, 0.14))
})

test('too long a silence is not bridged by guessing; it grows with what is known of the rate', () => {
  const unwrap = new CounterUnwrap(16, 250e3, 0.05)
  assert.is(unwrap.push(100, 0), 100)
  assert.is(unwrap.push(25100, 0.1e9), 25100)
  assert.is(unwrap.push(40000, 20e9), undefined)
  assert.is(unwrap.push(50000, 20.04e9), 50000)
  const known = new CounterUnwrap(16, 250e3, 0.05)
  const hz = 250e3 * 1.005
  for (let k = 0; k < 1000; k++) known.push(Math.floor(k * 0.1 * hz) % 65536, k * 0.1e9)
  const tick = Math.floor(120 * hz)
  assert.is(known.push(tick % 65536, 120e9), tick)
})

test('a wrap of 32 bits that goes wrong shows: half a wrap late', () => {
  const unwrap = new CounterUnwrap(16, 250e3, 0.05)
  unwrap.push(0, 0)
  // a stamp 140 ms late, against what was promised, is taken for the next wrap
  assert.is(unwrap.push(25000, (0.1 + 0.14) * 1e9), 25000 + 65536)
})

test.run()
