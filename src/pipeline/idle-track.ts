import type { RailTrace } from '../alignment/rail-trace.ts'
import { type Baseline, BaselineFit } from '../energy/baseline.ts'
import type { DeviceStates } from '../energy/device-states.ts'
import { findIdleGaps, type IdleGap } from '../energy/idle-gaps.ts'
import { type Noise, NoiseEstimate } from '../energy/noise.ts'
import type { Guards } from '../energy/sweep.ts'
import type { Interval } from '../units/interval.ts'
import { IdleSurvey } from './idle-survey.ts'

/** Maps of idle power reach so far beyond a window, so that a baseline has both its sides. */
export const BEYOND_NS = 4e9
const BEHIND_NS = 40e9
/** Gaps that are kept however long ago they were: a saturated card is compared with what it once was. */
const LEAST_GAPS = 8
/** A baseline from further away is flagged. */
const FAR_NS = 30e9

/** Idle power of a trace that is gone through once, window by window: what `Finaliser` does for runs, for any sample period. */
export class IdleTrack {
  readonly survey: IdleSurvey
  /** Idle gaps found so far. */
  found = 0
  readonly #guards: Guards
  readonly #lengths: { readonly shortestNs: number; readonly longestNs: number }
  readonly #noise: readonly NoiseEstimate[]
  readonly #steps: readonly CellSteps[]
  readonly #periodNs: number
  #gaps: IdleGap[] = []
  #untilNs: number

  constructor(rails: number, periodNs: number, guards: Guards, fromNs: number) {
    this.survey = new IdleSurvey(rails)
    this.#guards = guards
    this.#lengths = { shortestNs: Math.max(1e6, 4 * periodNs), longestNs: Math.max(50e6, 200 * periodNs) }
    this.#noise = Array.from({ length: rails }, () => new NoiseEstimate(Math.max(2e6, 20 * periodNs)))
    this.#steps = Array.from({ length: rails }, () => new CellSteps())
    this.#periodNs = periodNs
    this.#untilNs = fromNs
  }

  /** Searches idle gaps from where it stopped last until `untilNs`. */
  search(
    busy: (range: Interval) => readonly Interval[],
    unknown: readonly Interval[],
    states: DeviceStates,
    traces: readonly RailTrace[],
    untilNs: number,
  ): void {
    const range = { start: this.#untilNs, end: untilNs }
    const { tailNs, leadNs } = this.#guards
    const gaps = findIdleGaps(busy(range), unknown, states, traces, range, tailNs, leadNs, this.#lengths)
    for (const gap of gaps) {
      for (const [r, trace] of traces.entries()) {
        this.#noise[r]?.addGap(trace, gap)
        this.#steps[r]?.addGap(trace, gap)
      }
      this.survey.add(gap)
      this.#gaps.push(gap)
    }
    this.found += gaps.length
    this.#untilNs = untilNs
  }

  /** Baselines within `window`; `means` stand in for states without a gap near by. */
  baselines(window: Interval): (r: number, ns: number, key: string) => Baseline | undefined {
    const fits = this.#noise.map(
      (_, r) => new BaselineFit(this.#gaps, r, this.noise(r) ?? SILENT, this.survey.means(r)),
    )
    for (const [r, fit] of fits.entries()) this.survey.noteWander(r, fit, this.#gaps, window)
    const middles = this.#gaps.map(({ startNs, endNs }) => (startNs + endNs) / 2)
    return (r, ns, key) => {
      const fitted = fits[r]?.at(ns, key)
      return fitted === undefined || !isFar(middles, ns) ? fitted : { ...fitted, isInferred: true }
    }
  }

  /** Of a trace too short to compare means, from neighbouring samples as if it were white; undefined: not even that. */
  noise(r: number): Noise | undefined {
    return this.#noise[r]?.value ?? this.#steps[r]?.value(this.#periodNs)
  }

  forget(beforeNs: number): void {
    const recent = this.#gaps.findIndex(({ endNs }) => endNs >= beforeNs - BEHIND_NS)
    const first = recent < 0 ? this.#gaps.length : recent
    this.#gaps = this.#gaps.slice(Math.max(0, Math.min(first, this.#gaps.length - LEAST_GAPS)))
  }
}

/** Steps from sample to sample in idle time: all that a short trace tells of its noise. */
class CellSteps {
  #squares = 0
  #count = 0

  addGap(trace: RailTrace, gap: IdleGap): void {
    if (this.#count >= ENOUGH_STEPS) return
    let before = Number.NaN
    trace.forEachCell(gap.startNs, gap.endNs, (_, watts) => {
      if (!Number.isNaN(before)) {
        this.#squares += (watts - before) ** 2
        this.#count++
      }
      before = watts
    })
  }

  value(periodNs: number): Noise | undefined {
    if (this.#count < LEAST_STEPS) return undefined
    const variance = this.#squares / this.#count / 2
    return { densityJ2PerS: (variance * periodNs) / 1e9, cellSdW: Math.sqrt(variance) }
  }
}

const LEAST_STEPS = 10
const ENOUGH_STEPS = 10_000

export const SILENT: Noise = { densityJ2PerS: 0, cellSdW: 0 }

/** Is every idle gap far from this instant? `middles` ascend. */
function isFar(middles: readonly number[], ns: number): boolean {
  let low = 0
  let high = middles.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((middles[middle] as number) < ns) low = middle + 1
    else high = middle
  }
  const after = (middles[low] ?? Number.POSITIVE_INFINITY) - ns
  const before = ns - (middles[low - 1] ?? Number.NEGATIVE_INFINITY)
  return Math.min(after, before) > FAR_NS
}
