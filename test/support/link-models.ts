// Seeded models of the way between device and host, to test the timebase against a true clock that only the test knows.
import { type Random, seededRandom } from '../../src/units/random.ts'

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
  /** The rate swings to and fro at this limit all the time: the worst a declared drift allows. */
  readonly swing?: { readonly ppmPerS: number; readonly periodS: number }
  readonly framesPerS?: number
  readonly pingsPerS?: number
  /** False: the frame period is an exact multiple of the USB frame. */
  readonly dither?: boolean
  readonly tickS?: number
  /** Share of frames and pings that are late by 2 to 20 ms. Default 0.005. */
  readonly spikes?: number
  /** The device's clock jumps ahead. */
  readonly steps?: readonly { readonly atS: number; readonly stepS: number }[]
  /** The device starts anew: a new boot id, its counter from 0, nothing for `downS`. */
  readonly resets?: readonly { readonly atS: number; readonly downS: number }[]
  /** The host does not read for a while; what came is then read at once, with one stamp. */
  readonly stalls?: readonly { readonly atS: number; readonly forS: number }[]
  /** Nothing is sent in either direction. */
  readonly silences?: readonly { readonly atS: number; readonly forS: number }[]
  /** The host's clock stands still: suspend. */
  readonly suspends?: readonly { readonly atS: number; readonly forS: number }[]
  /** The host's clock is slewed by so much within [fromS, toS). */
  readonly slews?: readonly { readonly fromS: number; readonly toS: number; readonly ppm: number }[]
  /** Pings are sent when this says so instead: true seconds, ascending. */
  readonly pingTimes?: (random: Random, phaseS: number) => Float64Array
}

/** What passed over the link; true instants on the host's clock in `sentS`, seconds since the start. */
export interface LinkTrace {
  readonly frames: {
    readonly d: Float64Array
    readonly sentS: Float64Array
    readonly arrivedS: Float64Array
    readonly boot: Uint8Array
  }
  readonly pings: {
    readonly d: Float64Array
    readonly writtenS: Float64Array
    /** The device's stamp of the answer, 5 ms after it saw the ping. */
    readonly repliedD: Float64Array
    readonly knownS: Float64Array
    readonly boot: Uint8Array
  }
  readonly tickS: number
  /** Host's clock at true time t, which is also that of CLOCK_MONOTONIC_RAW. */
  readonly host: (t: number) => number
  /** Device's clock at true time t, s. */
  readonly device: (t: number) => number
}

const MS = 1e-3
const US = 1e-6

export function simulateLink(scenario: LinkScenario): LinkTrace {
  const random = seededRandom(scenario.seed)
  const exponential = (mean: number): number => -mean * Math.log(1 - random())
  const uniform = (low: number, high: number): number => low + (high - low) * random()
  const tickS = scenario.tickS ?? (scenario.link === 'cdc' ? 1 * US : 4 * US)
  const clock = deviceClock(scenario, uniform(0, 1000))
  const tickAt = (t: number): number => Math.floor(clock(t) / tickS) * tickS
  const host = hostClock(scenario)
  const read = stalled(scenario)

  // USB frames of a host controller whose clock is 7 ppm off
  const usbFrame = MS * (1 + 7e-6)
  const phase = uniform(0, MS)
  const nextUsb = (t: number, step = 1): number => phase + Math.ceil((t - phase) / (usbFrame * step)) * usbFrame * step
  const spikes = scenario.spikes ?? 0.005
  const spike = (): number => (random() < spikes ? uniform(2 * MS, 20 * MS) : 0)
  const up = (t: number): number => {
    const ready = t + (scenario.link === 'cdc' ? 60 : 80) * US + exponential(100 * US)
    const polled = nextUsb(ready, scenario.link === 'ftdi16' && random() >= 0.5 ? 16 : 1)
    return polled + 40 * US + exponential(30 * US) + spike()
  }

  const framesPerS = scenario.framesPerS ?? (scenario.link === 'cdc' ? 200 : 100)
  const offset = uniform(0, 1 / framesPerS)
  const jitterS = scenario.dither === false ? 20 * US : Math.min(2 * MS, 0.5 / framesPerS)
  const sentS = Float64Array.from(
    { length: Math.floor(scenario.durationS * framesPerS) },
    (_, i) => (i / framesPerS) * (1 + 3e-5) + offset + uniform(0, jitterS),
  ).filter((t) => isOn(scenario, t))
  const cameS = sentS.map(up)
  // the link is first in, first out
  for (let i = 1; i < cameS.length; i++) cameS[i] = Math.max(cameS[i] as number, cameS[i - 1] as number)

  const pingsPerS = scenario.pingsPerS ?? 10
  const writtenS = (
    scenario.pingTimes?.(random, phase) ??
    Float64Array.from(
      { length: Math.floor(scenario.durationS * pingsPerS) },
      (_, i) => (i + 0.9 * random()) / pingsPerS,
    )
  ).filter((t) => isOn(scenario, t))
  const seenS = writtenS.map(
    (t) => nextUsb(t + 40 * US + exponential(100 * US)) + 30 * US + exponential(20 * US) + spike(),
  )
  const boots = (of: Float64Array): Uint8Array =>
    Uint8Array.from(of, (t) => (scenario.resets ?? []).filter((reset) => t >= reset.atS).length)
  // a ping seen after a reset it was sent before is lost: the device never reports it
  const kept = Array.from(seenS.keys()).filter((i) => isOn(scenario, seenS[i] as number))
  const seen = Float64Array.from(kept, (i) => seenS[i] as number)
  return {
    frames: { d: sentS.map(tickAt), sentS: sentS.map(host), arrivedS: cameS.map(read).map(host), boot: boots(sentS) },
    pings: {
      d: seen.map(tickAt),
      writtenS: Float64Array.from(kept, (i) => host(writtenS[i] as number)),
      repliedD: seen.map((t) => tickAt(t + 5 * MS)),
      knownS: seen.map((t) => host(read(up(t + 5 * MS)))),
      boot: boots(seen),
    },
    tickS,
    host,
    device: clock,
  }
}

/** Pairs in the order the host knew them. */
export function inArrivalOrder(trace: LinkTrace): { isUp: boolean; i: number }[] {
  const { frames, pings } = trace
  const known = [
    ...Array.from(frames.d.keys(), (i) => ({ isUp: true, i, at: frames.arrivedS[i] as number })),
    ...Array.from(pings.d.keys(), (i) => ({ isUp: false, i, at: pings.knownS[i] as number })),
  ]
  return known.sort((a, b) => a.at - b.at)
}

/** Device time as a function of true time. */
function deviceClock(scenario: LinkScenario, offset: number): (t: number) => number {
  const drift = ((scenario.driftPpmPerMin ?? 0) * 1e-6) / 60
  const { ppm, tauS } = scenario.warmUp ?? { ppm: 0, tauS: 1 }
  const { ppmPerS, periodS } = scenario.swing ?? { ppmPerS: 0, periodS: 1 }
  const steps = scenario.steps ?? []
  const runs = (t: number): number =>
    (1 + scenario.skew) * t +
    0.5 * drift * t * t +
    ppm * 1e-6 * (t - tauS * (1 - Math.exp(-t / tauS))) +
    ppmPerS * 1e-6 * swung(t, periodS) +
    steps.reduce((sum, step) => sum + (t >= step.atS ? step.stepS : 0), 0)
  return (t) => {
    const reset = (scenario.resets ?? []).filter(({ atS }) => t >= atS).at(-1)
    return reset === undefined ? offset + runs(t) : runs(t) - runs(reset.atS)
  }
}

/** Second integral of +1, -1, -1, +1 over the quarters of a period: a rate that swings as fast as it may. */
function swung(t: number, periodS: number): number {
  const q = periodS / 4
  const x = t % periodS
  const s = x / q
  if (s < 1) return (x * x) / 2
  if (s < 3) return q * q - ((2 * q - x) * (2 * q - x)) / 2
  return ((4 * q - x) * (4 * q - x)) / 2
}

function hostClock(scenario: LinkScenario): (t: number) => number {
  const { suspends = [], slews = [] } = scenario
  return (t) =>
    t -
    suspends.reduce((sum, s) => sum + Math.min(Math.max(t - s.atS, 0), s.forS), 0) +
    slews.reduce((sum, s) => sum + s.ppm * 1e-6 * (Math.min(Math.max(t, s.fromS), s.toS) - s.fromS), 0)
}

/** When bytes that came at t are read. */
function stalled(scenario: LinkScenario): (t: number) => number {
  const stalls = scenario.stalls ?? []
  return (t) => {
    const stall = stalls.find(({ atS, forS }) => t >= atS && t < atS + forS)
    return stall === undefined ? t : stall.atS + stall.forS
  }
}

function isOn(scenario: LinkScenario, t: number): boolean {
  const off = [
    ...(scenario.silences ?? []),
    ...(scenario.suspends ?? []),
    ...(scenario.resets ?? []).map(({ atS, downS }) => ({ atS, forS: downS })),
  ]
  return t >= 0 && t < scenario.durationS && !off.some(({ atS, forS }) => t >= atS && t < atS + forS)
}
