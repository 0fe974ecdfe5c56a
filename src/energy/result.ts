import type { Span } from '../inference/span.ts'
import type { Budget } from './uncertainty.ts'

/** How an energy was divided: DESIGN's words, as they stand in the column `method`. */
export type Method = 'isolated' | 'learned' | 'shapley' | 'group' | 'unresolved'

/** What one span or inference cost; joules above the baseline, one element per rail. */
export interface EnergyResult {
  readonly span: Span
  readonly method: Method
  /** Of the group that holds its energy, when only a sum is known. */
  readonly groupId: number | undefined
  /** Why there is no energy; undefined when there is one. */
  readonly reason: string | undefined
  /** All its energy lies within what was measured, whether it can be told apart from others' or not. */
  readonly isMeasured: boolean
  /** The best division there is: for sums and means, which carry what it leaves uncertain. */
  readonly shareJ: readonly number[]
  /** Undefined when no sensor can give it; never an even share called a measurement. */
  readonly energyJ: readonly number[] | undefined
  readonly budget: Budget | undefined
  readonly idleJ: readonly number[]
  readonly equalJ: readonly number[]
  readonly exclusiveJ: readonly number[]
  readonly inclusiveJ: readonly number[]
  /** Largest total power of a sample between start and end, W; NaN without samples. */
  readonly peakW: number
  readonly samples: number
  readonly coverage: number
  /** Share of its time in which others were active too. */
  readonly overlap: number
  /** Bound of the clock alignment at its start and end, the larger, ns. */
  readonly boundNs: number
  readonly flags: number
}

export interface InferenceResult extends EnergyResult {
  /** From enqueue to the start of the first stage, ns; NaN when the first stage is not known. */
  readonly queueNs: number
}
