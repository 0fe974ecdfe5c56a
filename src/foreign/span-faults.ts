import type { SpanList } from './span-list.ts'

/** What can be wrong with a row of a span list; bits. */
export const SPAN_FAULTS = {
  endsBeforeStart: 1,
  neverEnds: 2,
  overlapsItself: 4,
  outsideTrace: 8,
  repeated: 16,
} as const
export type SpanFault = keyof typeof SPAN_FAULTS

export interface CheckedSpans {
  /** Rows in the order of their starts. */
  readonly order: Uint32Array
  /** SPAN_FAULTS of each row. */
  readonly faults: Uint8Array
  /** Ends as they are used: a span that never ends is given up. */
  readonly endNs: Float64Array
  /** Rows that begin before the row above them. */
  readonly unsorted: number
}

export interface SpanLimits {
  /** What the trace covers. */
  readonly fromNs: number
  readonly toNs: number
  /** A span without an end is given up after so long. */
  readonly openNs: number
}

/** Finds what is wrong with the rows of a list. A device does one thing at a time, so nothing lasts beyond the next start on it. */
export function checkSpans(spans: SpanList, limits: SpanLimits): CheckedSpans {
  const { startNs } = spans
  const order = Uint32Array.from({ length: spans.count }, (_, i) => i).sort(
    (a, b) => (startNs[a] as number) - (startNs[b] as number) || a - b,
  )
  const faults = new Uint8Array(spans.count)
  const endNs = Float64Array.from(spans.endNs)
  markRepeated(spans, order, faults)
  endOpen(spans, order, faults, endNs, limits)
  for (let i = 0; i < spans.count; i++) {
    if (!((endNs[i] as number) > (startNs[i] as number))) mark(faults, i, SPAN_FAULTS.endsBeforeStart)
    else if ((startNs[i] as number) < limits.fromNs || (endNs[i] as number) > limits.toNs)
      mark(faults, i, SPAN_FAULTS.outsideTrace)
  }
  markOverlaps(spans, order, faults, endNs)
  let unsorted = 0
  for (let i = 1; i < spans.count; i++) if ((startNs[i] as number) < (startNs[i - 1] as number)) unsorted++
  return { order, faults, endNs, unsorted }
}

/** The same inference, device, segment, kind and start once more. */
function markRepeated(spans: SpanList, order: Uint32Array, faults: Uint8Array): void {
  const seen = new Set<string>()
  let ns = Number.NaN
  for (const i of order) {
    const start = spans.startNs[i] as number
    if (start !== ns) seen.clear()
    ns = start
    const key = [spans.inference[i], spans.device[i], spans.segment[i], spans.kind[i]].join(':')
    if (seen.has(key)) mark(faults, i, SPAN_FAULTS.repeated)
    seen.add(key)
  }
}

function endOpen(
  spans: SpanList,
  order: Uint32Array,
  faults: Uint8Array,
  endNs: Float64Array,
  limits: SpanLimits,
): void {
  const nextNs = new Map<number, { startNs: number; afterNs: number }>()
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k] as number
    const device = spans.device[i] as number
    const start = spans.startNs[i] as number
    const next = nextNs.get(device)
    // starts of one instant: the next one is the one behind them
    const afterNs = next === undefined ? Number.POSITIVE_INFINITY : next.startNs > start ? next.startNs : next.afterNs
    nextNs.set(device, { startNs: start, afterNs })
    if (!Number.isNaN(endNs[i] as number)) continue
    mark(faults, i, SPAN_FAULTS.neverEnds)
    const untilNs = Math.min(start + limits.openNs, afterNs)
    // a span that begins behind the trace was never seen at all
    endNs[i] = start < limits.toNs ? Math.min(untilNs, limits.toNs) : untilNs
  }
}

function markOverlaps(spans: SpanList, order: Uint32Array, faults: Uint8Array, endNs: Float64Array): void {
  const latest = new Map<number, number>()
  for (const i of order) {
    const isOdd = (faults[i] as number) & (SPAN_FAULTS.endsBeforeStart | SPAN_FAULTS.repeated)
    if (isOdd) continue
    const device = spans.device[i] as number
    const before = latest.get(device)
    if (before !== undefined && (endNs[before] as number) > (spans.startNs[i] as number)) {
      mark(faults, i, SPAN_FAULTS.overlapsItself)
      mark(faults, before, SPAN_FAULTS.overlapsItself)
    }
    if (before === undefined || (endNs[i] as number) > (endNs[before] as number)) latest.set(device, i)
  }
}

function mark(faults: Uint8Array, i: number, fault: number): void {
  faults[i] = (faults[i] as number) | fault
}
