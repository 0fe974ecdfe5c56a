import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareSides, isBroken, parseThreshold, type Values } from '../../src/campaign/compare.ts'
import { costOf } from '../../src/campaign/cost.ts'
import { passInterval } from '../../src/campaign/interval.ts'
import { linearFit } from '../../src/campaign/linear-fit.ts'
import { orderRuns } from '../../src/campaign/order.ts'
import { quantileOf } from '../../src/campaign/quantile.ts'
import { rankSumTest, signedRankTest } from '../../src/campaign/rank-test.ts'
import { normalShare, studentQuantile } from '../../src/campaign/student.ts'
import { seededRandom } from '../../src/units/random.ts'

const near = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a}, expected ${b}`)

test("Student's t as in the tables (JCGM 100:2008, table G.2)", () => {
  for (const [freedom, t] of [
    [1, 12.706],
    [2, 4.3027],
    [4, 2.7764],
    [9, 2.2622],
    [30, 2.0423],
    [1e7, 1.95996],
  ] as const)
    near(studentQuantile(0.975, freedom), t, 1e-3)
  near(normalShare(1.644854), 0.95, 1e-6)
})

test('the rank sum test: every arrangement counted, by hand and by brute force', () => {
  // of the 20 ways to choose 3 of 6, one is as extreme at either end
  near(rankSumTest([1, 2, 3], [4, 5, 6])?.p ?? 0, 2 / 20, 1e-12)
  near(rankSumTest([1, 3, 5], [2, 4, 6])?.p ?? 0, 14 / 20, 1e-12)
  const random = seededRandom(5)
  const values = Array.from({ length: 9 }, random)
  const exact = rankSumTest(values.slice(0, 4), values.slice(4))
  near(exact?.p ?? 0, bruteForce(values, 4), 1e-12)
  assert.ok(exact?.isExact)
  assert.not(rankSumTest([1, 1, 2], [1, 3, 4])?.isExact, 'ties')
})

test('the normal approximation is near the exact test where both can be made', () => {
  const random = seededRandom(8)
  const a = Array.from({ length: 20 }, random)
  const b = Array.from({ length: 20 }, () => random() + 0.25)
  const exact = rankSumTest(a, b)?.p ?? 0
  // one value more than is counted exactly
  const rough = rankSumTest([...a, 0.5], b)?.p ?? 0
  near(rough, exact, 0.02)
})

test('the signed-rank test: of 2^5 signs one is as extreme at either end', () => {
  near(signedRankTest([1, 2, 3, 4, 5])?.p ?? 0, 2 / 32, 1e-12)
  near(signedRankTest([-1, 2, 3, 4, 5])?.p ?? 0, 4 / 32, 1e-12)
  assert.is(signedRankTest([0, 0]), undefined)
})

test('an interval of passes covers what it says it does', () => {
  const random = seededRandom(3)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  let covered = 0
  const campaigns = 2000
  for (let i = 0; i < campaigns; i++) {
    const gain = 1 + 0.003 * normal()
    const passes = Array.from({ length: 4 }, () => ({
      mean: gain * (1 + 0.004 * normal()),
      u: Math.hypot(0.003, 0.001),
      commonU: 0.003,
    }))
    const interval = passInterval(passes)
    if (interval !== undefined && interval.low <= 1 && interval.high >= 1) covered++
  }
  console.log(
    `95 % intervals of 4 passes with a common gain: ${((100 * covered) / campaigns).toFixed(1)} % cover the truth`,
  )
  assert.ok(covered / campaigns > 0.93 && covered / campaigns < 0.985, `${covered} of ${campaigns}`)
  assert.is(passInterval([]), undefined)
  assert.is(passInterval([{ mean: 1, u: 0.1, commonU: 0.1 }])?.sd, undefined)
})

/** Ten equal configurations on a device that heats up by 2 % while the campaign lasts. */
function slopeOverConfigurations(isRandom: boolean, seed: number): { low: number; high: number } {
  const random = seededRandom(seed + 7e5)
  const runs = orderRuns(10, 5, isRandom, seed)
  const points = runs.map(({ trial }, position) => {
    const noise = 0.002 * (random() + random() + random() - 1.5)
    // within a pass it warms up anew after a pause: the worst case for a fixed order
    return { trial, energy: 1 + 0.02 * (1 - Math.exp(-(position % 10) / 5)) + noise }
  })
  const fit = linearFit(
    points.map((p) => p.trial),
    points.map((p) => p.energy),
  )
  if (fit === undefined) throw new Error('no slope')
  return { low: fit.slope - fit.slopeHalfWidth, high: fit.slope + fit.slopeHalfWidth }
}

test('thermal drift over 60 seeds: shuffled passes show no effect of the configuration, a fixed order invents one', () => {
  const seeds = Array.from({ length: 60 }, (_, i) => i + 1)
  const holdsZero = (isRandom: boolean): number =>
    seeds.filter((seed) => {
      const { low, high } = slopeOverConfigurations(isRandom, seed)
      return low <= 0 && high >= 0
    }).length
  const [shuffled, fixed] = [holdsZero(true), holdsZero(false)]
  console.log(`interval of the slope over configurations contains 0: shuffled ${shuffled} of 60, fixed ${fixed} of 60`)
  assert.ok(shuffled >= 53, `${shuffled} of 60`)
  assert.is(fixed, 0)
})

test('an order has every trial once in each pass, and is the same for the same seed', () => {
  const runs = orderRuns(7, 3, true, 9)
  assert.equal(orderRuns(7, 3, true, 9), runs)
  assert.not.equal(orderRuns(7, 3, true, 10), runs)
  for (let pass = 0; pass < 3; pass++) {
    const inPass = runs.slice(7 * pass, 7 * pass + 7)
    assert.ok(inPass.every((run) => run.pass === pass))
    assert.equal(inPass.map(({ trial }) => trial).sort(), [0, 1, 2, 3, 4, 5, 6])
  }
})

test('C(m): worst observed, and no percentile that too few inferences carry', () => {
  const sample = (n: number, m = 2) => ({
    model: 'a',
    m,
    segmentBy: null,
    serviceNs: Array.from({ length: n }, (_, i) => i + 1),
    energyJ: [1, 3],
    meanEnergyJ: 2,
    loads: [
      { durationNs: 10, energyJ: 5 },
      { durationNs: 30, energyJ: null },
    ],
  })
  const [two, four] = costOf([sample(9000, 4), sample(9000), sample(1000)])
  assert.equal([two?.m, two?.n_inferences, two?.time_max_ns, two?.time_p999_ns], [2, 10_000, 9000, 8990])
  assert.equal([four?.m, four?.time_p999_ns, four?.energy_max_j, four?.energy_mean_j], [4, null, 3, 2])
  assert.equal([two?.switch_max_ns, two?.switch_mean_ns, two?.switch_mean_j], [30, 20, null])
  assert.is(quantileOf([], 0.5), undefined)
})

const values = (mean: number, u = 0.01): Values => ({
  each: [mean - u, mean, mean + u],
  mean,
  u,
  freedom: 2,
  commonURel: 0.003,
})
const side = (name: string, mean: number, u?: number, gain = 'x') => ({
  name,
  gain,
  values: { energy_j: values(mean, u) },
})

test('a difference: relative, with an interval that shrinks where sensors are the same', () => {
  const [same] = compareSides(side('a', 1), side('b', 1.1), () => 0.02)
  const [other] = compareSides(side('a', 1), side('b', 1.1, 0.01, 'y'), () => 0.02)
  near(same?.change ?? 0, 0.1, 1e-12)
  assert.ok((same?.low ?? 0) > 0 && (same?.high ?? 0) < 0.2)
  assert.ok((other?.high ?? 0) - (other?.low ?? 0) > 0 && other?.a === 1)
  assert.not(same?.isBelowRepeatability)
  assert.ok(compareSides(side('a', 1), side('b', 1.01), () => 0.02)[0]?.isBelowRepeatability)
})

test('a threshold breaks only beyond chance, on its own figure and side', () => {
  const over = parseThreshold(' energy_j > +3% ')
  if (over === undefined) throw new Error('not read')
  const change = (mean: number, u?: number) => compareSides(side('a', 1, u), side('b', mean, u), () => 0.02)[0]!
  assert.ok(isBroken(over, change(1.2)))
  assert.not(isBroken(over, change(1.02, 0.001)))
  assert.not(isBroken(over, change(1.2, 0.5)), 'could be chance')
  assert.not(isBroken(over, change(0.8)))
  assert.not(isBroken({ ...over, metric: 'latency_p50_ns' }, change(1.2)))
  for (const text of ['energy_j', 'joules>3%', 'energy_j>3', 'energy_j=3%'])
    assert.is(parseThreshold(text), undefined, text)
})

/** Share of all choices of `n` ranks whose sum is at least as far from the middle. */
function bruteForce(all: readonly number[], n: number): number {
  const rank = (value: number): number => all.filter((other) => other <= value).length
  const middle = (n * (all.length + 1)) / 2
  const seen = Math.abs(all.slice(0, n).reduce((sum, value) => sum + rank(value), 0) - middle)
  let [as, total] = [0, 0]
  for (let bits = 0; bits < 2 ** all.length; bits++) {
    const chosen = all.filter((_, i) => bits & (1 << i))
    if (chosen.length !== n) continue
    total++
    if (Math.abs(chosen.reduce((sum, value) => sum + rank(value), 0) - middle) >= seen - 1e-9) as++
  }
  return as / total
}

test.run()
