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
  /** Settles the queries [from, to) by the pairs of `part`. */
  const settle = (part: readonly number[], from: number, to: number, depth: number): void => {
    const asked = queries.subarray(from, to)
    const forward = pass(pairs, part, asked, oscillator, options, 1)
    const backward = pass(pairs, [...part].reverse(), asked.slice().reverse(), oscillator, options, -1)
    const ds = Float64Array.from(part, (i) => pairs.d(i))
    const found = locateSteps(ds, forward.contradictions, backward.contradictions)
    if (found.length === 0) {
      upper.set(smallest(forward.upper, mirrored(backward.lower)), from)
      lower.set(largest(forward.lower, mirrored(backward.upper)), from)
      // a slewed clock bends as it likes
      if (!options.hostSlewPerS) {
        const drift = perDeviceSecond(oscillator)
        upper.set(smallest(upper.subarray(from, to), hullBound(pairs, part, asked, drift, 1)), from)
        lower.set(largest(lower.subarray(from, to), hullBound(pairs, part, asked, drift, -1)), from)
      }
      return
    }
    if (depth === STEPS_DEEP) {
      steps.push({ start: ds[0] as number, end: ds[ds.length - 1] as number })
      return
    }
    steps.push(...found)
    for (const side of between(found)) {
      const rows = part.slice(firstIndexFrom(ds, side.start), firstIndexAfter(ds, side.end))
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
  return { lower, upper, steps: steps.sort((a, b) => a.start - b.start) }
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
  /** Device times, s, at which a constraint contradicted what was certain. */
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
    if (!fits) contradictions.push(pairs.d(i))
  }
  answerUpTo(Number.POSITIVE_INFINITY)
  return { lower, upper, contradictions }
}

/**
 * The forward pass meets a step after it happened, the backward pass before: it lies between the two. A step that one pass alone
 * has met lies between the pair that told it and the last pair that is far enough away to be trusted.
 */
function locateSteps(ds: Float64Array, forward: readonly number[], backward: readonly number[]): Stretch[] {
  const steps = forward.map((end) => {
    const before = backward.filter((start) => start <= end && start >= end - STEP_UNSEEN_MAX_S)
    return { start: before.length > 0 ? Math.max(...before) : lastUpTo(ds, end - STEP_UNSEEN_S), end }
  })
  for (const start of backward)
    if (!steps.some((step) => start >= step.start && start <= step.end))
      steps.push({ start, end: firstFrom(ds, start + STEP_UNSEEN_S) })
  return merged(steps)
}

function lastUpTo(ds: Float64Array, d: number): number {
  const i = firstIndexFrom(ds, d)
  return ds[i] === d ? d : (ds[i - 1] ?? Number.NEGATIVE_INFINITY)
}

function firstFrom(ds: Float64Array, d: number): number {
  return ds[firstIndexFrom(ds, d)] ?? Number.POSITIVE_INFINITY
}

function firstIndexFrom(ds: Float64Array, d: number): number {
  return firstIndex(ds, (value) => value >= d)
}

function firstIndexAfter(ds: Float64Array, d: number): number {
  return firstIndex(ds, (value) => value > d)
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

function merged(steps: readonly Stretch[]): Stretch[] {
  const out: { start: number; end: number }[] = []
  for (const { start, end } of [...steps].sort((a, b) => a.start - b.start)) {
    const last = out[out.length - 1]
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else out.push({ start, end })
  }
  return out
}

/** A step met by one pass only: results of about 2 s on its other side may still carry a wrong bound (docs/timebase.md). */
const STEP_UNSEEN_S = 2
/** No step takes longer than this to be met by the other pass as well; what is farther away is another one. */
const STEP_UNSEEN_MAX_S = 30
/** Sides of steps hold steps that only show once the others are out; after so many rounds nothing is certain there. */
const STEPS_DEEP = 8
