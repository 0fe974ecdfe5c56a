import { hullBound } from './drift-hull.ts'
import { Envelope, type EnvelopeOptions } from './envelope.ts'
import { type Oscillator, perDeviceSecond } from './oscillator.ts'
import type { PairLog } from './pair-log.ts'

/** For each query: host(d) lies in [lower, upper], seconds; infinite where that side is not known. */
export interface Certified {
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Stretches of device time [start, end], s, around a step of the clock: nothing is certain there. Ascending. */
  readonly steps: readonly Stretch[]
}

export interface Stretch {
  readonly start: number
  readonly end: number
}

/**
 * The same envelope run forward and over reversed time, and the hull of both sides, intersected: what is known from before and
 * after each instant. Where a step is found the stretch that may hold it is cut out, and both sides are done afresh.
 *
 * `queries` ascend. Reversed, d becomes -d and v becomes -v, so an upper constraint turns into a lower one.
 */
export function certify(
  pairs: PairLog,
  queries: Float64Array,
  oscillator: Oscillator,
  options: EnvelopeOptions = {},
): Certified {
  const order = Array.from({ length: pairs.length }, (_, i) => i).sort((a, b) => pairs.d(a) - pairs.d(b) || a - b)
  const lower = new Float64Array(queries.length).fill(Number.NEGATIVE_INFINITY)
  const upper = new Float64Array(queries.length).fill(Number.POSITIVE_INFINITY)
  const steps: Stretch[] = []
  /** Settles the queries [from, to) by the pairs of `part`, ascending in d. */
  const settle = (part: readonly number[], from: number, to: number, depth: number): void => {
    const asked = queries.subarray(from, to)
    const forward = pass(pairs, part, asked, oscillator, options, 1)
    const backward = pass(pairs, [...part].reverse(), asked.slice().reverse(), oscillator, options, -1)
    if (forward.contradictions.length + backward.contradictions.length === 0) {
      upper.set(smallest(forward.upper, mirrored(backward.lower)), from)
      lower.set(largest(forward.lower, mirrored(backward.upper)), from)
      // a slewed clock bends as it likes
      if (options.hostSlewPerS) return
      const drift = perDeviceSecond(oscillator)
      upper.set(smallest(upper.subarray(from, to), hullBound(pairs, part, asked, drift, 1)), from)
      lower.set(largest(lower.subarray(from, to), hullBound(pairs, part, asked, drift, -1)), from)
      return
    }
    if (depth === STEPS_DEEP) {
      steps.push({ start: pairs.d(part[0] as number), end: pairs.d(part[part.length - 1] as number) })
      return
    }
    const found = locateSteps(pairs, part, forward.contradictions, backward.contradictions, oscillator, options)
    steps.push(...found)
    for (const side of sidesOf(found)) {
      const rows = part.filter((i) => holds(side, pairs, i))
      const [first, end] = [firstIndexFrom(asked, side.start), firstIndexAfter(asked, side.end)]
      if (rows.length > 0 && end > first) settle(rows, from + first, from + end, depth + 1)
    }
  }
  settle(order, 0, queries.length, 0)
  queries.forEach((_, q) => {
    if ((upper[q] as number) >= (lower[q] as number)) return
    upper[q] = Number.POSITIVE_INFINITY
    lower[q] = Number.NEGATIVE_INFINITY
  })
  return { lower, upper, steps: steps.sort((a, b) => a.start - b.start).map(({ start, end }) => ({ start, end })) }
}

/** The stretches that steps leave, from -Infinity to Infinity; both ends belong to them. */
export function between(steps: readonly Stretch[]): Stretch[] {
  const sides: Stretch[] = []
  let start = Number.NEGATIVE_INFINITY
  for (const step of steps) {
    if (step.start >= start) sides.push({ start, end: step.start })
    start = Math.max(start, step.end)
  }
  sides.push({ start, end: Number.POSITIVE_INFINITY })
  return sides
}

function smallest(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => Math.min(value, b[i] as number))
}

function largest(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => Math.max(value, b[i] as number))
}

/** What the reversed pass says, in forward time. */
function mirrored(column: Float64Array): Float64Array {
  return column.map((value) => -value).reverse()
}

interface Pass {
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Pairs that contradicted what was certain. */
  readonly contradictions: readonly number[]
}

function pass(
  pairs: PairLog,
  order: readonly number[],
  queries: Float64Array,
  oscillator: Oscillator,
  options: EnvelopeOptions,
  direction: 1 | -1,
): Pass {
  const envelope = new Envelope(oscillator, options)
  const lower = new Float64Array(queries.length)
  const upper = new Float64Array(queries.length)
  const contradictions: number[] = []
  let next = 0
  const answerUpTo = (d: number): void => {
    for (; next < queries.length && direction * (queries[next] as number) < d; next++) {
      lower[next] = envelope.lower(direction * (queries[next] as number))
      upper[next] = envelope.upper(direction * (queries[next] as number))
    }
  }
  for (const i of order) {
    const d = direction * pairs.d(i)
    answerUpTo(d)
    const v = direction * pairs.v(i)
    const fits = pairs.isUpper(i) === (direction === 1) ? envelope.addUpper(d, v) : envelope.addLower(d, v)
    if (!fits) contradictions.push(i)
  }
  answerUpTo(Number.POSITIVE_INFINITY)
  return { lower, upper, contradictions }
}

/** A step lies in a stretch of device time, and between two pairs; undefined where none can be trusted. */
interface Step extends Stretch {
  /** Last pair that is known to be of before, first that is known to be of after. */
  readonly before: number | undefined
  readonly after: number | undefined
}

/** What lies between two steps. */
interface Side extends Stretch {
  readonly since: Step | undefined
  readonly until: Step | undefined
}

function sidesOf(steps: readonly Step[]): Side[] {
  return [...steps, undefined].map((until, k) => {
    const since = steps[k - 1]
    return {
      start: since?.end ?? Number.NEGATIVE_INFINITY,
      end: until?.start ?? Number.POSITIVE_INFINITY,
      since,
      until,
    }
  })
}

function holds({ start, end, since, until }: Side, pairs: PairLog, i: number): boolean {
  const d = pairs.d(i)
  const isSince = since === undefined || isAfter(pairs, since.after, i)
  return isSince && (until === undefined || isBefore(pairs, until.before, i)) && d >= start && d <= end
}

/** Known no later and stamped no later by the host: frames and pings keep their order, each in its direction. */
function isBefore(pairs: PairLog, before: number | undefined, i: number): boolean {
  return before !== undefined && i <= before && pairs.v(i) <= pairs.v(before)
}

function isAfter(pairs: PairLog, after: number | undefined, i: number): boolean {
  return after !== undefined && i >= after && pairs.v(i) >= pairs.v(after)
}

/**
 * The forward pass meets a step after it happened, the backward pass before: it lies between the two. They are run in order of
 * arrival, as a clock set back shows the same ticks twice. A step that one pass alone has met lies between the pair that told it
 * and the last pair that is far enough away to be trusted.
 */
function locateSteps(
  pairs: PairLog,
  part: readonly number[],
  sortedForward: readonly number[],
  sortedBackward: readonly number[],
  oscillator: Oscillator,
  options: EnvelopeOptions,
): Step[] {
  const arrived = [...part].sort((a, b) => a - b)
  const none = new Float64Array(0)
  let forward = pass(pairs, arrived, none, oscillator, options, 1).contradictions
  let backward = pass(pairs, [...arrived].reverse(), none, oscillator, options, -1).contradictions
  if (forward.length + backward.length === 0) [forward, backward] = [sortedForward, sortedBackward]
  const trusted = (i: number, side: 1 | -1): number | undefined => {
    const isFar = (k: number): boolean => side * (pairs.d(k) - pairs.d(i)) >= STEP_UNSEEN_S
    return side === 1 ? arrived.find((k) => k > i && isFar(k)) : arrived.findLast((k) => k < i && isFar(k))
  }
  const met = forward.map((after): Ends => {
    const near = backward.filter((i) => i < after && pairs.d(after) - pairs.d(i) <= STEP_UNSEEN_MAX_S)
    return [near.length > 0 ? Math.max(...near) : trusted(after, -1), after]
  })
  for (const before of backward)
    if (!met.some(([b, a]) => before >= (b ?? 0) && before <= (a as number))) met.push([before, trusted(before, 1)])
  return merged(met).map(([before, after]) => stepBetween(pairs, arrived, before, after))
}

type Ends = [before: number | undefined, after: number | undefined]

function merged(met: readonly Ends[]): Ends[] {
  const out: Ends[] = []
  for (const [before, after] of [...met].sort(([a = -1], [b = -1]) => a - b)) {
    const last = out[out.length - 1]
    if (last === undefined || (last[1] !== undefined && (before ?? -1) >= last[1])) out.push([before, after])
    else if (last[1] !== undefined) last[1] = after === undefined ? undefined : Math.max(last[1], after)
  }
  return out
}

/** The device times of a step: where a clock was set back and ticks came twice, all of them. */
function stepBetween(
  pairs: PairLog,
  arrived: readonly number[],
  before: number | undefined,
  after: number | undefined,
): Step {
  let start = before === undefined ? Number.NEGATIVE_INFINITY : pairs.d(before)
  let end = after === undefined ? Number.POSITIVE_INFINITY : pairs.d(after)
  for (const i of arrived) {
    if (!pairs.isUpper(i)) continue
    if (!isBefore(pairs, before, i)) start = Math.min(start, pairs.d(i) - WITHIN_S)
    if (!isAfter(pairs, after, i)) end = Math.max(end, pairs.d(i) + WITHIN_S)
  }
  return { start, end, before, after }
}

function firstIndexFrom(ascending: Float64Array, d: number): number {
  return firstIndex(ascending, (value) => value >= d)
}

function firstIndexAfter(ascending: Float64Array, d: number): number {
  return firstIndex(ascending, (value) => value > d)
}

function firstIndex(ascending: Float64Array, isBeyond: (value: number) => boolean): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBeyond(ascending[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

/** Less than a tick: a frame of the stretch lies within it, not at its edge. */
const WITHIN_S = 1e-9
/** A step met by one pass only: results of about 5 s on its other side may still carry a wrong bound (docs/timebase.md). */
const STEP_UNSEEN_S = 5
/** No step takes longer than this to be met by the other pass as well; what is farther away is another one. */
const STEP_UNSEEN_MAX_S = 30
/** Sides of steps hold steps that only show once the others are out; after so many rounds nothing is certain there. */
const STEPS_DEEP = 8
