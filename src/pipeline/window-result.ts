import type { LedgerRows } from '../energy/ledger.ts'
import type { InferenceEvent } from '../inference/event-message.ts'
import type { SampleGap } from '../samples/sample-block.ts'
import type { Interval } from '../units/interval.ts'
import type { HostNs } from '../units/units.ts'
import type { PlacedBlock } from './placed-blocks.ts'

/** Everything final about one window of the run: the rows of one part of the dataset. */
export interface WindowResult extends LedgerRows {
  readonly window: Interval
  /** Blocks whose middle lies in the window; those that could not be placed stand where they arrived. */
  readonly blocks: readonly PlacedBlock[]
  readonly gaps: readonly SampleGap[]
  readonly events: readonly ReceivedEvent[]
  readonly knots: readonly ClockKnot[]
  readonly probes: readonly ClockProbe[]
}

export interface ReceivedEvent {
  readonly event: InferenceEvent
  /** Number of the source. */
  readonly source: number
  readonly tNs: HostNs
  readonly receivedNs: HostNs
  readonly filled: boolean
}

/** A node of the map from device ticks to host time. */
export interface ClockKnot {
  readonly epoch: number
  readonly tick: number
  readonly hostNs: number
  /** Of the stretch that ends here, ns; NaN where nothing is certain. */
  readonly boundNs: number
  /** Device clock against host clock on that stretch, 1e-6. */
  readonly ratePpm: number
  /** Sample held at `tick`, where one is known. */
  readonly sampleIndex: number | undefined
  readonly bootId: number | undefined
}

/** One reading of the clock probe, ns; monotonic relative to the run. */
export interface ClockProbe {
  readonly monoNs: number
  readonly rawNs: bigint
  readonly boottimeNs: bigint
  readonly realtimeNs: bigint
  readonly suspends: number
  /** Half the time between the monotonic readings around the others. */
  readonly halfBracketNs: number
}
