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
  const settle = (part: number[], from: number, to: number, depth: number): void => {
    if (part.length === 0) return
    const asked = queries.subarray(from, to)
    const forward = pass(pairs, part, asked, oscillator, options, 1)
    const backward = pass(pairs, part.slice().reverse(), asked.slice().reverse(), oscillator, options, -1)
    const found = locateSteps(forward.contradictions, backward.contradictions)
    if (found.length === 0) {
      const hull = options.hostSlewPerS ? undefined : hulls(pairs, part, asked, oscillator)
      for (let q = 0, last = asked.length - 1; q <= last; q++) {
        const high = Math.min(
          forward.upper[q] as number,
          -(backward.lower[last - q] as number),
          hull?.upper[q] ?? Infinity,
        )
        const low = Math.max(
          forward.lower[q] as number,
          -(backward.upper[last - q] as number),
          -(hull?.lower[q] ?? Infinity),
        )
        if (high < low) continue
        upper[from + q] = high
        lower[from + q] = low
      }
      return
    }
    const all = pairs.d(part[part.length - 1] as number)
    if (depth === STEPS_DEEP) {
      steps.push({ start: pairs.d(part[0] as number), end: all })
      return
    }
    steps.push(...found)
    let start = Number.NEGATIVE_INFINITY
    for (const step of [...found, { start: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY }]) {
      const within = (d: number): boolean => d >= start && d <= step.start
      const side = part.filter((i) => within(pairs.d(i)))
      const first = from + asked.findIndex(within)
      if (first >= from) settle(side, first, from + asked.findLastIndex(within) + 1, depth + 1)
      start = step.end
    }
  }
  settle(order, 0, queries.length, 0)
  return { lower, upper, steps: steps.sort((a, b) => a.start - b.start) }
}

function hulls(
  pairs: PairLog,
  part: number[],
  asked: Float64Array,
  oscillator: Oscillator,
): Pick<Certified, 'lower' | 'upper'> {
  const drift = perDeviceSecond(oscillator)
  return {
    upper: hullBound(pairs, part, asked, drift, 1),
    lower: hullBound(pairs, part, asked, drift, -1),
  }
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

/** The forward pass meets a step after it happened, the backward pass before: it lies between the two. */
function locateSteps(forward: readonly number[], backward: readonly number[]): Stretch[] {
  const steps = forward.map((end) => {
    const before = backward.filter((start) => start <= end && start >= end - STEP_UNSEEN_MAX_S)
    return { start: before.length > 0 ? Math.max(...before) : end - STEP_UNSEEN_S, end }
  })
  for (const start of backward)
    if (!steps.some((step) => start >= step.start && start <= step.end))
      steps.push({ start, end: start + STEP_UNSEEN_S })
  return merged(steps)
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
