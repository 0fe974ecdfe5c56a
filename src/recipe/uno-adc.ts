/** The converter of an Arduino Uno as the firmware uses it: 10 bits, reference AVcc. */
export const ADC_STEPS = 1024
/** Nominal; a ratiometric sensor moves with it, a divider does not. */
export const ADC_REFERENCE_V = 5
/** The Uno's header brings out ADC0 to ADC5; the ATmega328P in its flat package has two more. */
export const UNO_INPUTS = 6

/** code = floor(1024 v / Vref): the mean code of a noisy input lies half a count below the exact quotient. */
export function meanCounts(pinV: number): number {
  return (pinV * ADC_STEPS) / ADC_REFERENCE_V - 0.5
}

/** Counts of a difference, where no half count matters. */
export function countsOf(differenceV: number): number {
  return (differenceV * ADC_STEPS) / ADC_REFERENCE_V
}

/** Ampere or volt per count of a channel that puts `pinVPerUnit` on the pin. */
export function scalePerCount(pinVPerUnit: number): number {
  return ADC_REFERENCE_V / ADC_STEPS / pinVPerUnit
}
