/**
 * Where the energy of one rail went, J. The identity of the project, exact but for rounding:
 * measured = idle + attributed + load + unattributed + uncovered.
 */
export interface RailTotals {
  readonly rail: string
  /** Integral of the power over everything sampled. */
  measuredJ: number
  /** Baseline while events and baseline were known. */
  idleJ: number
  /** The part of `idleJ` in which no inference was under way. */
  idleUnownedJ: number
  /** Above idle, given to stages of inferences. */
  attributedJ: number
  /** Above idle, given to loads, unloads and warm-ups. */
  loadJ: number
  /** Above idle while nothing was active: noise, tails, misfit. */
  unattributedJ: number
  /** Measured, but not to be divided: unaligned, events missing, baseline unknown, rows that touch a gap. */
  uncoveredJ: number
  /** Time without samples between the first and the last, s; its energy is unknown. */
  gapS: number
}

export function emptyTotals(rail: string): RailTotals {
  const zero = { measuredJ: 0, idleJ: 0, idleUnownedJ: 0, attributedJ: 0, loadJ: 0, unattributedJ: 0, uncoveredJ: 0 }
  return { rail, ...zero, gapS: 0 }
}

/** Relative misfit of the identity. */
export function conservationError(t: RailTotals): number {
  const parts = t.idleJ + t.attributedJ + t.loadJ + t.unattributedJ + t.uncoveredJ
  return t.measuredJ === 0 ? Math.abs(parts) : Math.abs(t.measuredJ - parts) / Math.abs(t.measuredJ)
}
