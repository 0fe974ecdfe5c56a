// The link models of the timebase section: each is run over all seeds with the oscillator class that would be declared for it.
import type { OscillatorName } from '../../src/timebase/oscillator.ts'
import type { LinkScenario } from '../support/link-models.ts'

export interface Scenario {
  readonly name: string
  readonly oscillator: OscillatorName
  readonly link: Omit<LinkScenario, 'seed' | 'durationS'>
  readonly durationS: number
  /** Width of the device's counter, and how far from its end it starts, s; unwrapped before it is used. */
  readonly counter?: { readonly bits: number; readonly delaySpreadS: number }
  /** How the slew of the host's clock is dealt with. */
  readonly hostClock?: 'probe'
  /** Declared slew of the host's clock. */
  readonly hostSlewPerS?: number
  /** Targets of the issue: online and two-pass error p99, online bound p99, us. */
  readonly targets?: { readonly onlineUs?: number; readonly boundUs?: number; readonly twoPassUs?: number }
}

const CRYSTAL = { onlineUs: 60, boundUs: 250, twoPassUs: 45 }
const RESONATOR = { onlineUs: 150, boundUs: 350, twoPassUs: 100 }
const STM32 = { link: 'cdc', skew: 40e-6, driftPpmPerMin: 1 } as const
const UNO = { link: 'ftdi1', skew: 5e-3, driftPpmPerMin: 1 } as const

export const SCENARIOS: readonly Scenario[] = [
  { name: 'A: STM32, CDC, crystal 40 ppm', oscillator: 'crystal', link: STM32, durationS: 180, targets: CRYSTAL },
  {
    name: 'B: A with a frame period of exactly 5 ms',
    oscillator: 'crystal',
    link: { ...STM32, dither: false },
    durationS: 180,
    targets: { boundUs: 400 },
  },
  {
    name: 'C: Uno, 1 ms latency timer, 5000 ppm',
    oscillator: 'resonator',
    link: UNO,
    durationS: 360,
    targets: RESONATOR,
  },
  {
    name: 'D: Uno, 16 ms latency timer, -5000 ppm',
    oscillator: 'resonator',
    link: { ...UNO, link: 'ftdi16', skew: -5e-3, driftPpmPerMin: -1 },
    durationS: 360,
    targets: RESONATOR,
  },
  {
    name: 'E: C warming up by 300 ppm in 3 min',
    oscillator: 'resonator',
    link: { ...UNO, warmUp: { ppm: 300, tauS: 180 } },
    durationS: 360,
    targets: RESONATOR,
  },
  {
    name: 'drift at the limit, crystal',
    oscillator: 'crystal',
    link: { link: 'cdc', skew: -9e-3, swing: { ppmPerS: 0.05, periodS: 150 } },
    durationS: 180,
  },
  {
    name: 'drift at the limit, resonator',
    oscillator: 'resonator',
    link: { link: 'ftdi16', skew: 9e-3, swing: { ppmPerS: 2, periodS: 40 } },
    durationS: 360,
  },
  {
    name: '1 ping/s, stalls of 3 s, a silence of 60 s',
    oscillator: 'resonator',
    link: {
      ...UNO,
      pingsPerS: 1,
      stalls: [{ atS: 60, forS: 3 }],
      silences: [{ atS: 120, forS: 60 }],
    },
    durationS: 420,
  },
  { name: 'reset', oscillator: 'crystal', link: { ...STM32, resets: [{ atS: 90, downS: 0.8 }] }, durationS: 180 },
  {
    name: 'suspend of 30 s',
    oscillator: 'crystal',
    link: { ...STM32, suspends: [{ atS: 90, forS: 30 }] },
    durationS: 210,
  },
  {
    name: 'wrap, 16 bits at 250 kHz',
    oscillator: 'resonator',
    link: { ...UNO, framesPerS: 100, tickS: 4e-6 },
    counter: { bits: 16, delaySpreadS: 0.05 },
    durationS: 360,
  },
  {
    name: 'wrap, 32 bits at 84 MHz',
    oscillator: 'crystal',
    link: { ...STM32, tickS: 1 / 84e6 },
    counter: { bits: 32, delaySpreadS: 1 },
    durationS: 180,
  },
  {
    name: 'NTP slew of 500 ppm, with the clock probe',
    oscillator: 'crystal',
    link: { ...STM32, slews: SLEWS() },
    hostClock: 'probe',
    durationS: 180,
    targets: CRYSTAL,
  },
  {
    name: 'NTP slew of 500 ppm, declared',
    oscillator: 'crystal',
    link: { ...STM32, slews: SLEWS() },
    hostSlewPerS: 5e-4,
    durationS: 180,
  },
]

/** To one side, to the other, and none. */
function SLEWS(): NonNullable<LinkScenario['slews']> {
  return [
    { fromS: 40, toS: 75, ppm: 500 },
    { fromS: 75, toS: 110, ppm: -500 },
    { fromS: 140, toS: 150, ppm: 500 },
  ]
}

/** Steps of the device's clock, ms. */
export const STEPS_MS = [0.4, -0.4, 1, -1, 5, -5]

export function stepScenario(stepMs: number): Scenario {
  return {
    name: `step of ${stepMs > 0 ? '+' : ''}${stepMs} ms`,
    oscillator: 'crystal',
    link: { ...STM32, steps: [{ atS: 60, stepS: stepMs * 1e-3 }] },
    durationS: 90,
  }
}
