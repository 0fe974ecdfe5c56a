import { type RankTest, rankSumTest, signedRankTest } from './rank-test.ts'
import { studentQuantile } from './student.ts'

/** Figures that are compared, and whether less is better. */
export const METRICS = [
  'energy_j',
  'energy_gross_j',
  'latency_p50_ns',
  'latency_p99_ns',
  'throughput_per_s',
  'power_average_w',
] as const
export type Metric = (typeof METRICS)[number]

/** One thing that is compared: what each pass of a trial says, or what each inference of a run does. */
export interface Side {
  readonly name: string
  /** Of the sensors: the same text, the same scale factors, wrong alike. */
  readonly gain: string
  readonly values: Readonly<Partial<Record<Metric, Values>>>
}

export interface Values {
  /** Of passes or inferences. */
  readonly each: readonly number[]
  readonly mean: number
  /** Standard uncertainty of the mean, without what is common; not a number where nobody knows. */
  readonly u: number
  /** Degrees of freedom behind `u`. */
  readonly freedom: number
  /** Relative, of scale factors. */
  readonly commonURel: number
}

export interface Difference {
  readonly what: string
  readonly metric: Metric
  readonly a: number
  readonly b: number
  /** (b - a) / a, with its 95 % interval; its ends are not numbers where one pass says nothing of its uncertainty. */
  readonly change: number
  readonly low: number
  readonly high: number
  readonly test: RankTest | undefined
  /** Relative, that a repetition of the same trial may differ by. */
  readonly repeatability: number
  readonly isBelowRepeatability: boolean
}

/** `repeatability` is relative, by metric. */
export function compareSides(a: Side, b: Side, repeatability: (metric: Metric) => number): Difference[] {
  const what = a.name === b.name ? a.name : `${a.name} -> ${b.name}`
  return METRICS.flatMap((metric) => {
    const [of, to] = [a.values[metric], b.values[metric]]
    if (of === undefined || to === undefined || of.mean === 0) return []
    return [differenceOf(what, metric, of, to, a.gain === b.gain, repeatability(metric))]
  })
}

/** Welch's interval (Biometrika 34, 1947) of b - a, relative to a. */
function differenceOf(
  what: string,
  metric: Metric,
  a: Values,
  b: Values,
  isSameGain: boolean,
  repeatability: number,
): Difference {
  const delta = b.mean - a.mean
  const ownU = Math.hypot(a.u, b.u)
  const gains = [a.commonURel * a.mean, b.commonURel * b.mean]
  const commonU = isSameGain ? Math.abs(a.commonURel * delta) : Math.hypot(...gains)
  const u = Math.hypot(ownU, commonU)
  const share = a.u ** 4 / a.freedom + b.u ** 4 / b.freedom
  const freedom = share > 0 ? u ** 4 / share : Number.POSITIVE_INFINITY
  const half = u === 0 ? 0 : studentQuantile(0.975, Math.min(freedom, 1e7)) * u
  const change = delta / a.mean
  const reach = half / Math.abs(a.mean)
  return {
    what,
    metric,
    a: a.mean,
    b: b.mean,
    change,
    low: change - reach,
    high: change + reach,
    test: Math.min(a.each.length, b.each.length) < 2 ? undefined : rankSumTest(a.each, b.each),
    repeatability,
    isBelowRepeatability: Math.abs(change) < repeatability,
  }
}

/** Whether trials that were paired by name tend to one side, by metric. */
export function testOverTrials(differences: readonly Difference[]): ReadonlyMap<Metric, RankTest> {
  const tests = new Map<Metric, RankTest>()
  for (const metric of METRICS) {
    const changes = differences.flatMap((d) => (d.metric === metric ? [d.change] : []))
    const test = changes.length < 2 ? undefined : signedRankTest(changes)
    if (test !== undefined) tests.set(metric, test)
  }
  return tests
}

export interface Threshold {
  readonly metric: Metric
  readonly isAbove: boolean
  /** Relative. */
  readonly change: number
  readonly text: string
}

/** `energy_j>+3%`; undefined where it is no such thing. */
export function parseThreshold(text: string): Threshold | undefined {
  const parts = /^\s*(?<metric>[a-z0-9_]+)\s*(?<sign>[<>])\s*(?<percent>[-+]?\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.groups
  const metric = METRICS.find((name) => name === parts?.metric)
  if (parts === undefined || metric === undefined) return undefined
  return { metric, isAbove: parts.sign === '>', change: Number(parts.percent) / 100, text: text.trim() }
}

/** Beyond the threshold, and not by chance: an interval, where there is one, must not contain zero. */
export function isBroken({ metric, isAbove, change }: Threshold, difference: Difference): boolean {
  if (difference.metric !== metric) return false
  const isBeyond = isAbove ? difference.change > change : difference.change < change
  return isBeyond && !(difference.low <= 0 && difference.high >= 0)
}
