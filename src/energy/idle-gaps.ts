import type { RailTrace } from '../alignment/rail-trace.ts'
import type { Interval } from '../units/interval.ts'
import type { DeviceStates } from './device-states.ts'

/** A stretch in which nothing was active, with the mean power of each rail. */
export interface IdleGap {
  readonly startNs: number
  readonly endNs: number
  readonly key: string
  /** Watts, one per rail. */
  readonly meanW: Float64Array
}

export interface IdleGapLengths {
  /** Shorter stretches say more about edges than about the baseline. */
  readonly shortestNs: number
  /** Long stretches are cut, so that drift within them is seen. */
  readonly longestNs: number
}

const LENGTHS: IdleGapLengths = { shortestNs: 1e6, longestNs: 50e6 }

/**
 * Idle stretches in [fromNs, toNs) between activities, each shortened by `settleNs` behind an activity and `leadNs` before the
 * next: what a sensor filter and the supply need to settle. `busy` ascends by start; `unknown` are stretches whose activity
 * is not known.
 */
export function findIdleGaps(
  busy: readonly Interval[],
  unknown: readonly Interval[],
  states: DeviceStates,
  traces: readonly RailTrace[],
  range: Interval,
  settleNs: number,
  leadNs: number,
  lengths: IdleGapLengths = LENGTHS,
): IdleGap[] {
  const gaps: IdleGap[] = []
  let from = range.start
  for (const { start, end } of [...merged([...busy, ...unknown]), { start: range.end + leadNs, end: range.end }]) {
    const until = Math.min(start - leadNs, range.end)
    for (const piece of piecesOf(from, until, states, lengths)) {
      const gap = measure(piece.start, piece.end, states, traces)
      if (gap !== undefined) gaps.push(gap)
    }
    from = Math.max(from, end + settleNs)
  }
  return gaps
}

/** Overlapping intervals joined, ascending. */
export function merged(intervals: Interval[]): Interval[] {
  const sorted = intervals.sort((a, b) => a.start - b.start)
  const out: { start: number; end: number }[] = []
  for (const { start, end } of sorted) {
    const last = out[out.length - 1]
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else out.push({ start, end })
  }
  return out
}

function* piecesOf(
  from: number,
  until: number,
  states: DeviceStates,
  { shortestNs, longestNs }: IdleGapLengths,
): Generator<Interval> {
  if (until - from < shortestNs) return
  const cuts = [from, ...states.changesWithin(from, until), until]
  for (let i = 1; i < cuts.length; i++) {
    const start = cuts[i - 1] as number
    const length = (cuts[i] as number) - start
    if (length < shortestNs) continue
    const pieces = Math.ceil(length / longestNs)
    for (let k = 0; k < pieces; k++)
      yield { start: start + (length * k) / pieces, end: start + (length * (k + 1)) / pieces }
  }
}

function measure(
  startNs: number,
  endNs: number,
  states: DeviceStates,
  traces: readonly RailTrace[],
): IdleGap | undefined {
  const meanW = new Float64Array(traces.length)
  for (const [r, trace] of traces.entries()) {
    const coveredNs = trace.coveredTo(endNs) - trace.coveredTo(startNs)
    if (coveredNs < 0.9 * (endNs - startNs) || trace.saturatedIn(startNs, endNs)) return undefined
    meanW[r] = ((trace.energyTo(endNs) - trace.energyTo(startNs)) * 1e9) / coveredNs
  }
  return { startNs, endNs, key: states.keyAt(startNs), meanW }
}
