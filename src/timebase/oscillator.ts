/**
 * What is declared about a clock. It is the one thing the bound rests on that nothing measures: docs/timebase.md.
 */
export interface Oscillator {
  /** Largest change of the rate, per second. */
  readonly driftPerS: number
  /** How much history the rate is certified from, s. The best choice is near sqrt(2 * half-gap / drift). */
  readonly windowS: number
}

/**
 * The declared classes. Crystal: 0.05 ppm/s, three times a 1 ppm/min room drift. Ceramic resonator: 2 ppm/s, about 10 ppm/degC
 * at 0.2 degC/s of a board warming up.
 */
export const OSCILLATORS = {
  crystal: { driftPerS: 5e-8, windowS: 60 },
  resonator: { driftPerS: 2e-6, windowS: 16 },
} as const satisfies Record<string, Oscillator>

export type OscillatorName = keyof typeof OSCILLATORS

/** One clock as another sees it: the limits add, the shorter memory holds. */
export function seenFrom(clock: Oscillator, other: Oscillator): Oscillator {
  return { driftPerS: clock.driftPerS + other.driftPerS, windowS: Math.min(clock.windowS, other.windowS) }
}

/** Largest change of the rate per second of the device: it is declared per second of the host, and the device may be 1 % off. */
export function perDeviceSecond({ driftPerS }: Oscillator): number {
  return 1.035 * driftPerS
}
