import type { RailTrace } from '../alignment/rail-trace.ts'
import * as P from '../protocol/constants.ts'
import type { Interval } from '../units/interval.ts'
import type { Activity } from './activity.ts'

/** How late power follows the spans' edges by the data themselves: clock error and physical lag together. */
export interface Lag {
  readonly lagNs: number
  /** Standard deviation, ns. */
  readonly sdNs: number
  /** By how many standard errors the best lag explains the edges better than every lag within the bound. */
  readonly significance: number
}

const REACH_NS = 1e6
const STEP_NS = 50e3
const LAGS = 2 * (REACH_NS / STEP_NS) + 1
/** Stretches fall in turn into so many groups, whose scatter tells how well the lag is known. */
const GROUPS = 16
/** Enough to find a lag to some microseconds. */
const STRETCHES_PER_WINDOW = 480
/** Further off than this by chance is next to impossible. */
const ALARM_SIGMAS = 5
/** Devices may lag so much behind their stamps by nature. */
const DEVICE_LAG_NS = 100e3

/**
 * The lag x at which stretches of activity hold most energy, sum of F(end + x) - F(start + x) with F the integral of power. Only the
 * edges to and from idle count: where one execution ends and another begins, shapes say more than lags. A check, never a
 * correction: an error of the clock and the lag of devices and supply cannot be told apart by it.
 */
export class LagSearch {
  /** By group and lag, J. */
  readonly #energyJ = new Float64Array(GROUPS * LAGS)
  #stretches = 0

  forget(factor: number): void {
    for (let i = 0; i < this.#energyJ.length; i++) this.#energyJ[i] = (this.#energyJ[i] as number) * factor
  }

  /** Takes stretches of stages that lie in the window with room for every lag. */
  add(activities: readonly Activity[], traces: readonly RailTrace[], window: Interval): void {
    const fitting = busyStretches(activities).filter(
      ({ start, end }) => start - REACH_NS >= window.start && end + REACH_NS <= window.end,
    )
    const step = Math.max(1, Math.ceil(fitting.length / STRETCHES_PER_WINDOW))
    for (let i = 0; i < fitting.length; i += step) {
      const { start, end } = fitting[i] as Interval
      const row = (this.#stretches++ % GROUPS) * LAGS
      for (const trace of traces)
        for (let k = 0; k < LAGS; k++) {
          const lagNs = k * STEP_NS - REACH_NS
          const joules = trace.energyTo(end + lagNs) - trace.energyTo(start + lagNs)
          this.#energyJ[row + k] = (this.#energyJ[row + k] as number) + joules
        }
    }
  }

  /** Undefined while too few stretches were seen or none stands out. */
  find(boundNs: number): Lag | undefined {
    if (this.#stretches < 2 * GROUPS) return undefined
    const total = (k: number): number => {
      let sum = 0
      for (let g = 0; g < GROUPS; g++) sum += this.#energyJ[g * LAGS + k] as number
      return sum
    }
    const lagNs = apexNs(total)
    if (lagNs === undefined) return undefined
    const apexes = Array.from({ length: GROUPS }, (_, g) =>
      apexNs((k) => total(k) - (this.#energyJ[g * LAGS + k] as number)),
    )
    if (apexes.some((apex) => apex === undefined)) return undefined
    // leave one group out each time: B. Efron's jackknife
    const mean = (apexes as number[]).reduce((sum, apex) => sum + apex, 0) / GROUPS
    const squares = (apexes as number[]).reduce((sum, apex) => sum + (apex - mean) ** 2, 0)
    const sdNs = Math.sqrt((squares * (GROUPS - 1)) / GROUPS)
    return { lagNs, sdNs, significance: this.#significance(lagNs, boundNs) }
  }

  #significance(lagNs: number, boundNs: number): number {
    const best = Math.round((lagNs + REACH_NS) / STEP_NS)
    const nearest = Math.round((Math.sign(lagNs) * Math.min(Math.abs(lagNs), boundNs) + REACH_NS) / STEP_NS)
    if (best === nearest) return 0
    let sum = 0
    let squares = 0
    for (let g = 0; g < GROUPS; g++) {
      const gain = (this.#energyJ[g * LAGS + best] as number) - (this.#energyJ[g * LAGS + nearest] as number)
      sum += gain
      squares += gain * gain
    }
    const mean = sum / GROUPS
    return mean / Math.sqrt(Math.max((squares / GROUPS - mean * mean) / (GROUPS - 1), 1e-30))
  }
}

/** Stretches of stages with nothing active before and behind; those with loads in them change what is drawn from then on. */
function busyStretches(activities: readonly Activity[]): Interval[] {
  const spans = activities.map(({ span }) => span).sort((a, b) => a.startNs - b.startNs)
  const stretches: { start: number; end: number; isStages: boolean }[] = []
  for (const { startNs, endNs, kind } of spans) {
    const last = stretches[stretches.length - 1]
    const isStage = kind === P.KIND_STAGE && endNs > startNs
    if (last === undefined || startNs > last.end) stretches.push({ start: startNs, end: endNs, isStages: isStage })
    else {
      last.end = Math.max(last.end, endNs)
      last.isStages &&= isStage
    }
  }
  return stretches.filter(({ isStages }) => isStages)
}

/** Whether power and spans are further apart than the clock's bound and the devices' own lag explain. */
export function isOutOfStep(lag: Lag | undefined, boundNs: number): boolean {
  if (lag === undefined) return false
  const excessNs = Math.abs(lag.lagNs) - boundNs - DEVICE_LAG_NS
  return excessNs > 3 * lag.sdNs && lag.significance > ALARM_SIGMAS
}

/** Maximum between the lags tried, by a parabola through the best three; undefined at the ends. */
function apexNs(at: (k: number) => number): number | undefined {
  let best = 0
  for (let k = 1; k < LAGS; k++) if (at(k) > at(best)) best = k
  if (best === 0 || best === LAGS - 1) return undefined
  const [before, apex, after] = [at(best - 1), at(best), at(best + 1)]
  const curvature = before - 2 * apex + after
  const shift = curvature < 0 ? (before - after) / (2 * curvature) : 0
  return (best + shift) * STEP_NS - REACH_NS
}
