import type { HostNs, SampleIndex, Ticks } from '../units/units.ts'

/** Samples with consecutive indices from one frame. */
export interface SampleBlock {
  /** Counts boots of the device as this run saw them: one tick line, one time map. */
  readonly epoch: number
  readonly bootId: number
  readonly frameSequence: number
  /** Identity of the first sample; sample j of the block is `first + j`. */
  readonly first: SampleIndex
  /** Timer at the sample-and-hold of the first sample, unwrapped within the epoch. */
  readonly tick: Ticks
  readonly periodTicks: number
  /** Bit c: ADC input c; sample j belongs to input number j modulo their count. */
  readonly channels: number
  readonly counts: Uint16Array
  /** Frame flags, as in protocol/frame.md. */
  readonly frameFlags: number
  readonly arrivalNs: HostNs
}

/** A stretch of sample indices [first, end) that never arrived. */
export interface SampleGap {
  readonly first: SampleIndex
  readonly end: SampleIndex
  readonly cause: 'link' | 'overrun' | 'slip' | 'reset' | 'stopped'
}

/** An edge of the marker pin: it came after tick `after` and not after tick `until`. */
export interface MarkerEdge {
  readonly epoch: number
  /** Level of the pin behind it. */
  readonly level: 0 | 1
  readonly after: Ticks
  readonly until: Ticks
  /** Of the frame that told it. */
  readonly arrivalNs: HostNs
}

/** A point on the tick line with the host time it was known by; see timebase. */
export interface TickPair {
  readonly kind: 'up' | 'down'
  readonly epoch: number
  readonly tick: Ticks
  readonly hostNs: HostNs
}
