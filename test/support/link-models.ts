// Seeded models of the way between device and host, to test the timebase against a true clock that only the test knows.
import { seededRandom } from '../../src/units/random.ts'

export type LinkKind = 'cdc' | 'ftdi1' | 'ftdi16'

export interface LinkScenario {
  readonly seed: number
  readonly durationS: number
  readonly link: LinkKind
  /** Relative error of the device's clock. */
  readonly skew: number
  readonly driftPpmPerMin?: number
  /** Warm-up: the frequency error grows by `ppm` with time constant `tauS`. */
  readonly warmUp?: { readonly ppm: number; readonly tauS: number }
  readonly framesPerS?: number
  readonly pingsPerS?: number
  /** False: the frame period is an exact multiple of the USB frame. */
  readonly dither?: boolean
  readonly tickS?: number
}

/** What passed over the link; true host times in `sentS`, in seconds since the start. */
export interface LinkTrace {
  readonly frames: { readonly d: Float64Array; readonly sentS: Float64Array; readonly arrivedS: Float64Array }
  readonly pings: { readonly d: Float64Array; readonly writtenS: Float64Array; readonly knownS: Float64Array }
  readonly tickS: number
}

const MS = 1e-3
const US = 1e-6

export function simulateLink(scenario: LinkScenario): LinkTrace {
  const random = seededRandom(scenario.seed)
  const exponential = (mean: number): number => -mean * Math.log(1 - random())
  const uniform = (low: number, high: number): number => low + (high - low) * random()
  const tickS = scenario.tickS ?? (scenario.link === 'cdc' ? 1 * US : 4 * US)
  const deviceTime = deviceClock(scenario, uniform(0, 1000))
  const tickAt = (t: number): number => Math.floor(deviceTime(t) / tickS) * tickS

  // USB frames of a host controller whose clock is 7 ppm off
  const usbFrame = MS * (1 + 7e-6)
  const phase = uniform(0, MS)
  const nextUsb = (t: number, step = 1): number => phase + Math.ceil((t - phase) / (usbFrame * step)) * usbFrame * step
  const spike = (): number => (random() < 0.005 ? uniform(2 * MS, 20 * MS) : 0)
  const up = (t: number): number => {
    const ready = t + (scenario.link === 'cdc' ? 60 : 80) * US + exponential(100 * US)
    const polled = nextUsb(ready, scenario.link === 'ftdi16' && random() >= 0.5 ? 16 : 1)
    return polled + 40 * US + exponential(30 * US) + spike()
  }

  const framesPerS = scenario.framesPerS ?? (scenario.link === 'cdc' ? 200 : 100)
  const count = Math.floor(scenario.durationS * framesPerS)
  const offset = uniform(0, 1 / framesPerS)
  const sentS = Float64Array.from(
    { length: count },
    (_, i) => (i / framesPerS) * (1 + 3e-5) + offset + uniform(0, scenario.dither === false ? 20 * US : 2 * MS),
  )
  const arrivedS = sentS.map(up)
  for (let i = 1; i < count; i++) arrivedS[i] = Math.max(arrivedS[i] as number, arrivedS[i - 1] as number)

  const pingsPerS = scenario.pingsPerS ?? 10
  const pingCount = Math.floor(scenario.durationS * pingsPerS)
  const writtenS = Float64Array.from({ length: pingCount }, (_, i) => (i + 0.9 * random()) / pingsPerS)
  const seenS = writtenS.map(
    (t) => nextUsb(t + 40 * US + exponential(100 * US)) + 30 * US + exponential(20 * US) + spike(),
  )
  return {
    frames: { d: sentS.map(tickAt), sentS, arrivedS },
    pings: { d: seenS.map(tickAt), writtenS, knownS: seenS.map((t) => up(t + 5 * MS)) },
    tickS,
  }
}

/** Device time as a function of host time. */
function deviceClock(scenario: LinkScenario, offset: number): (t: number) => number {
  const drift = ((scenario.driftPpmPerMin ?? 0) * 1e-6) / 60
  const { ppm, tauS } = scenario.warmUp ?? { ppm: 0, tauS: 1 }
  return (t) =>
    offset + (1 + scenario.skew) * t + 0.5 * drift * t * t + ppm * 1e-6 * (t - tauS * (1 - Math.exp(-t / tauS)))
}
