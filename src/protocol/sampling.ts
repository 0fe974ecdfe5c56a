import * as P from './constants.ts'

/** Timer ticks from one sample to the next, by mode: 13 ADC clocks. */
export const PERIOD_TICKS: readonly number[] = [
  P.MODE_FAST_PERIOD_TICKS,
  P.MODE_BALANCED_PERIOD_TICKS,
  P.MODE_ACCURATE_PERIOD_TICKS,
]

/** From a sample's hold to the end of its conversion, by mode: 11.5 ADC clocks. */
export const HOLD_TO_END_TICKS: readonly number[] = [
  P.MODE_FAST_PRESCALER,
  P.MODE_BALANCED_PRESCALER,
  P.MODE_ACCURATE_PRESCALER,
].map((prescaler) => (11.5 * prescaler) / P.TICK_DIVIDER)

/** How many ADC inputs a channel set holds. */
export function channelCount(channels: number): number {
  let count = 0
  for (let bits = channels; bits !== 0; bits &= bits - 1) count++
  return count
}
