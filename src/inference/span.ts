import type { HostNs } from '../units/units.ts'

/** A stretch of activity [start, end) as the runner told it: an inference, a stage, a load, an unload or a warm-up. */
export interface Span {
  /** Number of the runner's source within this run. */
  readonly source: number
  readonly spanId: number
  /** NONE32 when it belongs to no inference. */
  readonly inferenceId: number
  /** KIND_* of protocol/event.md. */
  readonly kind: number
  readonly device: number
  readonly model: number
  readonly segment: number
  readonly task: number
  readonly startNs: HostNs
  /** NaN while it is open, or when its end never came. */
  endNs: HostNs
  failed: boolean
  /** ROW_FLAGS that are known of it before any energy is, such as a row of a span list that contradicts itself. */
  readonly flags?: number
}

/** A device is in `state` (STATE_*) from `tNs` on. */
export interface DeviceState {
  readonly source: number
  readonly device: number
  readonly state: number
  readonly tNs: HostNs
}

/** The runner set its marker line to `level` between `fromNs` and `toNs`. */
export interface MarkerToggle {
  readonly source: number
  readonly level: 0 | 1
  readonly fromNs: HostNs
  readonly toNs: HostNs
}

/** Nothing is known of a source's events in [startNs, endNs). */
export interface BlindStretch {
  readonly source: number
  readonly startNs: HostNs
  readonly endNs: HostNs
  readonly eventsLost: number
}
