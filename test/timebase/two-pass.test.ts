import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hullBound } from '../../src/timebase/drift-hull.ts'
import { OSCILLATORS } from '../../src/timebase/oscillator.ts'
import { PairLog } from '../../src/timebase/pair-log.ts'
import { certify } from '../../src/timebase/two-pass.ts'
import { seededRandom } from '../../src/units/random.ts'
import { inArrivalOrder, type LinkScenario, simulateLink } from '../support/link-models.ts'

test('the hull holds a clock that bends as fast as it may, and touches it for exact points', () => {
  const drift = 2e-6
  const clock = (d: number): number => d + (drift * d * d) / 2
  const log = new PairLog()
  for (const d of [0, 10, 20]) log.push(true, d, clock(d))
  const queries = Float64Array.from({ length: 21 }, (_, i) => i)
  // convex, bent by +drift: the chord lies above it by all that the hull must allow
  const above = hullBound(log, [0, 1, 2], queries, drift, 1)
  queries.forEach((d, i) => {
    assert.ok((above[i] as number) >= clock(d) - 1e-12)
  })
  // the other way round, bent by -drift, it is exact
  const bent = (d: number): number => d - (drift * d * d) / 2
  const other = new PairLog()
  for (const d of [0, 10, 20]) other.push(true, d, bent(d))
  const exact = hullBound(other, [0, 1, 2], queries, drift, 1)
  queries.forEach((d, i) => {
    assert.ok(Math.abs((exact[i] as number) - bent(d)) < 1e-12, `${d}`)
  })
})

test('the hull of random late points is never early; of lower points never late', () => {
  const random = seededRandom(4)
  const log = new PairLog()
  const clock = (d: number): number => d * 1.004 + 1e-6 * d * d * Math.sin(d / 40)
  for (let i = 0; i < 2000; i++) {
    const d = 100 * random()
    if (i % 2 === 0) log.push(true, d, clock(d) + 1e-3 * random() ** 3)
    else log.push(false, d, clock(d) - 1e-3 * random() ** 3)
  }
  const order = Array.from({ length: 2000 }, (_, i) => i).sort((a, b) => log.d(a) - log.d(b))
  const queries = Float64Array.from({ length: 500 }, () => 100 * random()).sort()
  const drift = 2e-5
  const upper = hullBound(log, order, queries, drift, 1)
  const lower = hullBound(log, order, queries, drift, -1)
  let width = 0
  queries.forEach((d, i) => {
    assert.ok((upper[i] as number) >= clock(d) && (lower[i] as number) <= clock(d))
    if (Number.isFinite((upper[i] as number) - (lower[i] as number)))
      width = Math.max(width, (upper[i] as number) - (lower[i] as number))
  })
  assert.ok(width < 3e-4, `${width}`)
})

for (const stepS of [1e-3, -1e-3, 5e-3, -5e-3, 0.2, -0.2])
  test(`a step of ${stepS * 1e3} ms is cut out: every frame that is placed is placed right`, () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { outside, placed, steps } = place({
        seed,
        durationS: 60,
        link: 'cdc',
        skew: 40e-6,
        steps: [{ atS: 30, stepS }],
      })
      assert.is(outside, 0)
      assert.is(steps, 1)
      assert.ok(placed > 0.9)
    }
  })

test('a step in a silence: nothing is said of the silence', () => {
  const silences = [{ atS: 20, forS: 20 }]
  const { outside, steps } = place({
    seed: 1,
    durationS: 60,
    link: 'cdc',
    skew: 0,
    silences,
    steps: [{ atS: 30, stepS: 0.01 }],
  })
  assert.is(outside, 0)
  assert.is(steps, 1)
})

function place(scenario: LinkScenario) {
  const { frames, pings, tickS, ...trace } = simulateLink(scenario)
  const log = new PairLog()
  for (const { isUp, i } of inArrivalOrder({ frames, pings, tickS, ...trace }))
    if (isUp) log.push(true, frames.d[i] as number, frames.arrivedS[i] as number)
    else log.push(false, (pings.d[i] as number) + tickS, pings.writtenS[i] as number)
  const order = [...frames.d.keys()].sort((a, b) => (frames.d[a] as number) - (frames.d[b] as number))
  const { lower, upper, steps } = certify(
    log,
    Float64Array.from(order, (i) => frames.d[i] as number),
    OSCILLATORS.crystal,
  )
  let outside = 0
  let placed = 0
  order.forEach((i, q) => {
    const [low, high] = [lower[q] as number, upper[q] as number]
    if (!Number.isFinite(high - low)) return
    placed++
    const sent = frames.sentS[i] as number
    if (sent < low - 1e-9 || sent > high + 1.011 * tickS + 1e-9) outside++
  })
  return { outside, placed: placed / order.length, steps: steps.length }
}

test.run()
