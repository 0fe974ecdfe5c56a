import type { HostSlew } from './recipe.ts'
import type { RecipeDocument } from './recipe-shape.ts'

/** How the virtual board's clock strays, for the emulator. */
export interface VirtualClock {
  readonly ppm_sd: number
  /** Fixed; null: drawn from ppm_sd. */
  readonly ppm: number | null
  readonly warmup_ppm: number
  readonly warmup_tau_s: number
  readonly sine_ppm: number
  readonly sine_period_s: number
}

/** Tolerance, warm-up and slow sine of common parts, ppm; well within what is declared for either. */
const USUAL = {
  crystal: { spread: 30, warmup: 2, sway: 0.2 },
  resonator: { spread: 1500, warmup: 60, sway: 3 },
} as const

type Clock = RecipeDocument['testbed']['clock']

export function clockOf(
  clock: Partial<Clock> & Pick<Clock, 'warmup_time' | 'sway_period'>,
  oscillator: keyof typeof USUAL,
): VirtualClock {
  const usual = USUAL[oscillator]
  return {
    ppm_sd: clock.spread ?? usual.spread,
    ppm: clock.offset ?? null,
    warmup_ppm: clock.warmup ?? usual.warmup,
    warmup_tau_s: clock.warmup_time,
    sine_ppm: clock.sway ?? usual.sway,
    sine_period_s: clock.sway_period,
  }
}

export function hostSlewOf({ testbed }: RecipeDocument): HostSlew[] {
  return testbed.host_slew.map(({ at, time, by }) => ({ fromS: at, untilS: at + time, ratio: by * 1e-6 }))
}

/** Largest change of the rate, per second: at power-on, where the sine may add to the warm-up. */
export function worstDriftPerS(clock: VirtualClock): number {
  return (clock.warmup_ppm / clock.warmup_tau_s + (2 * Math.PI * clock.sine_ppm) / clock.sine_period_s) * 1e-6
}
