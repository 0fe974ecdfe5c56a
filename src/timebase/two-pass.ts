import { Envelope, type Oscillator } from './envelope.ts'
import type { PairLog } from './pair-log.ts'

/** For each query: host(d) lies in [lower, upper], seconds; infinite where that side is not known. */
export interface Certified {
  readonly lower: Float64Array
  readonly upper: Float64Array
  /** Stretches of device time [start, end], s, around a step of the clock: nothing is certain there. */
  readonly steps: readonly { start: number; end: number }[]
}

/**
 * The same envelope run forward and over reversed time, intersected: what is known from both sides of each instant.
 *
 * `queries` ascend. Reversed, d becomes -d and v becomes -v, so an upper constraint turns into a lower one.
 */
export function certify(pairs: PairLog, queries: Float64Array, oscillator: Oscillator): Certified {
  const order = Array.from({ length: pairs.length }, (_, i) => i).sort((a, b) => pairs.d(a) - pairs.d(b) || a - b)
  const forward = pass(pairs, order, queries, oscillator, 1)
  const backward = pass(pairs, order.reverse(), queries.slice().reverse(), oscillator, -1)
  const last = queries.length - 1
  const steps = locateSteps(forward.contradictions, backward.contradictions)
  const lower = queries.map((_, i) => Math.max(forward.lower[i] as number, -(backward.upper[last - i] as number)))
  const upper = queries.map((_, i) => Math.min(forward.upper[i] as number, -(backward.lower[last - i] as number)))
  queries.forEach((d, i) => {
    const uncertain = steps.some((step) => d >= step.start && d <= step.end)
    if (!uncertain && (upper[i] as number) >= (lower[i] as number)) return
    lower[i] = Number.NEGATIVE_INFINITY
    upper[i] = Number.POSITIVE_INFINITY
  })
  return { lower, upper, steps }
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
  direction: 1 | -1,
): Pass {
  const envelope = new Envelope(oscillator)
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
function locateSteps(forward: readonly number[], backward: readonly number[]): { start: number; end: number }[] {
  const steps = forward.map((end) => {
    const before = backward.filter((start) => start <= end)
    return { start: before.length > 0 ? Math.max(...before) : end - STEP_UNSEEN_S, end }
  })
  for (const start of backward)
    if (!steps.some((step) => start >= step.start && start <= step.end))
      steps.push({ start, end: start + STEP_UNSEEN_S })
  return steps
}

/** A step met by one pass only: results of about 2 s on its other side may still carry a wrong bound (docs/timebase.md). */
const STEP_UNSEEN_S = 2
