import {
  compareSides,
  type Difference,
  isBroken,
  METRICS,
  type Metric,
  parseThreshold,
  type Side,
  testOverTrials,
} from '../../campaign/compare.ts'
import { type Compared, readCompared } from '../../campaign/compare-sides.ts'
import type { RankTest } from '../../campaign/rank-test.ts'
import { JoulespanError } from '../../errors/joulespan-error.ts'
import { percent, withUnit } from '../figures.ts'
import { table } from '../table.ts'

export interface CompareFlags {
  readonly failIf?: readonly string[]
  readonly json?: boolean
}

/** ISO 5725-6: two results of the same trial differ by more than 2.8 standard deviations in one case of twenty. */
const REPEATABILITY_FACTOR = 2.8
/** Published repeatability of Edge TPU measurements is 0.6 to 1.6 %; without passes this stands for it. */
const REPEATABILITY_UNKNOWN = 0.02

export async function compare(a: string, b: string, flags: CompareFlags): Promise<void> {
  const thresholds = (flags.failIf ?? []).map((text) => {
    const threshold = parseThreshold(text)
    if (threshold !== undefined) return threshold
    throw new JoulespanError('usage', `--fail-if: expected such as energy_j>+3%, saw '${text}'`, {
      hint: `figures: ${METRICS.join(', ')}`,
    })
  })
  const [before, after] = [await readCompared(a), await readCompared(b)]
  const pairs = pairsOf(before, after, a, b)
  const repeatability = (metric: Metric): number => repeatabilityOf(metric, before, after)
  const differences = pairs.flatMap(([from, to]) => compareSides(from, to, repeatability))
  const overTrials = pairs.length < 2 ? new Map<Metric, RankTest>() : testOverTrials(differences)
  const broken = thresholds.flatMap((threshold) =>
    differences
      .filter((d) => isBroken(threshold, d))
      .map((d) => ({ threshold: threshold.text, what: d.what, change: d.change })),
  )
  if (flags.json) {
    const over = Object.fromEntries(overTrials)
    const document = { format: 'joulespan.compare', version: 1, a, b, differences, over_trials: over, broken }
    process.stdout.write(`${JSON.stringify(document)}\n`)
  } else process.stdout.write(report(differences, overTrials, pairs.length, before, after))
  if (broken.length === 0) return
  const [first] = broken as [(typeof broken)[number]]
  throw new JoulespanError(
    'threshold',
    `${first.what}: expected not ${first.threshold}, saw ${percent(first.change)}${broken.length > 1 ? `, and ${broken.length - 1} more` : ''}`,
  )
}

/** By name; single ones need no common name. */
function pairsOf(before: Compared, after: Compared, a: string, b: string): [Side, Side][] {
  if (before.sides.size === 1 && after.sides.size === 1)
    return [[[...before.sides.values()][0] as Side, [...after.sides.values()][0] as Side]]
  const pairs = [...before.sides].flatMap(([name, side]): [Side, Side][] => {
    const other = after.sides.get(name)
    return other === undefined ? [] : [[side, other]]
  })
  if (pairs.length > 0) return pairs
  throw new JoulespanError('usage', `expected trials of the same name in ${a} and ${b}, saw none`, {
    hint: 'name two trials as <campaign>:<trial>',
  })
}

function repeatabilityOf(metric: Metric, a: Compared, b: Compared): number {
  const parts = [a, b].flatMap(({ scatter }) => scatter.get(metric) ?? [])
  const freedom = parts.reduce((sum, part) => sum + part.freedom, 0)
  if (freedom === 0) return REPEATABILITY_UNKNOWN
  return REPEATABILITY_FACTOR * Math.sqrt(parts.reduce((sum, part) => sum + part.square, 0) / freedom)
}

function report(
  differences: readonly Difference[],
  overTrials: ReadonlyMap<Metric, RankTest>,
  pairs: number,
  before: Compared,
  after: Compared,
): string {
  const rows = differences.map((d) => [
    d.what,
    d.metric,
    written(d.metric, d.a),
    written(d.metric, d.b),
    percent(d.change),
    `[${percent(d.low)}, ${percent(d.high)}]`,
    d.test === undefined ? '-' : probability(d.test),
    d.isBelowRepeatability
      ? 'below repeatability'
      : Number.isNaN(d.low)
        ? 'unknown'
        : d.low > 0 || d.high < 0
          ? 'differs'
          : 'not told apart',
  ])
  const head = ['what', 'figure', 'a', 'b', 'change', '95 %', 'rank test p', 'verdict']
  const notes = [
    ...[...overTrials].map(
      ([metric, test]) => `over ${pairs} trials, ${metric}: signed-rank test p ${probability(test)}`,
    ),
    ...onlyIn(before, after, 'a', pairs),
    ...onlyIn(after, before, 'b', pairs),
    ...(before.isRun || after.isRun
      ? ['note: inferences of one run share baseline and temperature; passes of a campaign say more']
      : []),
  ]
  return `${table(head, rows)}\n${notes.length === 0 ? '' : `\n${notes.join('\n')}\n`}`
}

function onlyIn(one: Compared, other: Compared, name: string, pairs: number): string[] {
  const alone = [...one.sides.keys()].filter((key) => !other.sides.has(key))
  return pairs === 1 && one.sides.size === 1 ? [] : alone.length === 0 ? [] : [`only in ${name}: ${alone.join(', ')}`]
}

function probability({ p, isExact }: RankTest): string {
  const text = p < 0.001 ? '<0.001' : p.toFixed(3)
  return isExact ? text : `${text}~`
}

function written(metric: Metric, value: number): string {
  if (metric.endsWith('_ns')) return `${(value / 1e6).toFixed(3)} ms`
  if (metric.endsWith('_per_s')) return `${value.toPrecision(4)} /s`
  return withUnit(value, metric.endsWith('_w') ? 'W' : 'J')
}
