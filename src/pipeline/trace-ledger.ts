import { PowerCells } from '../alignment/power-cells.ts'
import { RailTrace } from '../alignment/rail-trace.ts'
import { type Baseline, BaselineFit } from '../energy/baseline.ts'
import { DeviceStates } from '../energy/device-states.ts'
import { findIdleGaps, type IdleGap } from '../energy/idle-gaps.ts'
import { EnergyLedger, type LedgerRows } from '../energy/ledger.ts'
import { type Noise, NoiseEstimate } from '../energy/noise.ts'
import type { Guards } from '../energy/sweep.ts'
import type { RailUncertainty } from '../energy/uncertainty.ts'
import type { Sampling } from '../foreign/sample-period.ts'
import type { Interval } from '../units/interval.ts'
import { IdleSurvey } from './idle-survey.ts'
import type { ListedSpans } from './listed-spans.ts'

/** What is known of one rail's instrument, standard uncertainties. */
export interface RailSettings {
  readonly name: string
  readonly gainURel: number
  readonly offsetUW: number
  /** Standard deviation of a sample; undefined: estimated in idle gaps. */
  readonly noiseW: number | undefined
  /** Idle power as a given figure; undefined: measured in idle gaps. */
  readonly idleW: number | undefined
}

export interface TraceSettings {
  readonly rails: readonly RailSettings[]
  readonly sampling: Sampling
  readonly guards: Guards
  readonly delayNs: number
  readonly delayUNs: number
  readonly timeConstantNs: number
  readonly alignBoundNs: number
  /** What the trace covers. */
  readonly trace: Interval
  /** What is held in memory at a time; undefined: as much as memory bears. */
  readonly windowNs: number | undefined
}

export interface TraceRows extends LedgerRows {
  /** Rows of the list that repeat earlier ones. */
  readonly repeated: readonly number[]
}

/** Samples of all rails that a window may hold: 32 MB and as much again while it grows. */
const WINDOW_CELLS = 4e6
/** Fitting a baseline takes time with the square of a window. */
const LONGEST_WINDOW_NS = 600e9
/** Idle gaps are searched so far beyond a window, so that a baseline has both its sides. */
const BEYOND_NS = 4e9
const BEHIND_NS = 40e9
/** Gaps that are kept however long ago they were: a saturated card is compared with what it once was. */
const LEAST_GAPS = 8
/** A baseline from further away is flagged. */
const FAR_NS = 30e9

/**
 * The energy ledger on a trace of another instrument: samples in, rows out, a window at a time. Memory holds one window and
 * the longest span before it.
 */
export class TraceLedger {
  readonly ledger: EnergyLedger
  readonly idle: IdleSurvey
  idleGaps = 0
  readonly #settings: TraceSettings
  readonly #spans: ListedSpans
  readonly #traces: readonly RailTrace[]
  readonly #cells: PowerCells
  readonly #noise: readonly NoiseEstimate[]
  /** One state for the whole card: a list of spans tells nothing of open contexts. */
  readonly #states = new DeviceStates()
  readonly #doubtful: readonly Interval[]
  readonly #windowNs: number
  #gaps: IdleGap[] = []
  #gapsUntilNs: number
  #windowStartNs: number
  #repeated: number[] = []
  uncertainty: readonly RailUncertainty[] = []

  constructor(settings: TraceSettings, spans: ListedSpans) {
    const { rails, sampling, guards } = settings
    this.#settings = settings
    this.#spans = spans
    this.#doubtful = spans.doubtful()
    this.ledger = new EnergyLedger(
      rails.map(({ name }) => name),
      guards,
    )
    this.idle = new IdleSurvey(rails.length)
    this.#traces = rails.map(() => new RailTrace())
    this.#cells = new PowerCells(this.#traces, { ...sampling, delayNs: settings.delayNs })
    this.#noise = rails.map(() => new NoiseEstimate(Math.max(2e6, 20 * sampling.periodNs)))
    const mostNs = Math.max(5e9, (WINDOW_CELLS / rails.length) * sampling.periodNs)
    this.#windowNs = settings.windowNs ?? Math.min(LONGEST_WINDOW_NS, mostNs)
    this.#gapsUntilNs = settings.trace.start
    this.#windowStartNs = settings.trace.start - guards.leadNs
  }

  push(tNs: Float64Array, watts: readonly Float64Array[], count: number): TraceRows[] {
    const knownNs = this.#cells.push(tNs, watts, count)
    const finished: TraceRows[] = []
    while (knownNs >= this.#windowStartNs + this.#windowNs + BEYOND_NS)
      finished.push(this.#finish(this.#windowStartNs + this.#windowNs, false))
    return finished
  }

  close(): TraceRows {
    this.#cells.close()
    return this.#finish(this.#settings.trace.end + this.#settings.guards.tailNs, true)
  }

  #finish(endNs: number, isLast: boolean): TraceRows {
    const { guards, trace, alignBoundNs } = this.#settings
    const window = { start: this.#windowStartNs, end: endNs }
    const reachNs = isLast ? trace.end : endNs + BEYOND_NS
    this.#admit(isLast ? Number.POSITIVE_INFINITY : reachNs + guards.leadNs + guards.tailNs)
    this.#surveyIdle(reachNs)
    this.uncertainty = this.#assessUncertainty()
    const baseline = this.#baselines(window)
    const rows = this.ledger.runWindow({
      window,
      traces: this.#traces,
      states: this.#states,
      blind: [],
      baseline,
      knownUntilNs: undefined,
      isLast,
      uncertainty: this.uncertainty,
      boundNsAt: () => alignBoundNs,
    })
    this.#noteGaps(window)
    this.#windowStartNs = endNs
    const repeated = this.#repeated
    this.#repeated = []
    this.#forget(endNs)
    return { ...rows, repeated }
  }

  #admit(beforeNs: number): void {
    const { spans, repeated } = this.#spans.startingBefore(beforeNs)
    for (const span of spans) this.ledger.addSpan(span)
    for (const row of repeated) this.#repeated.push(row)
  }

  #surveyIdle(untilNs: number): void {
    const { guards, sampling } = this.#settings
    const range = { start: this.#gapsUntilNs, end: untilNs }
    const lengths = {
      shortestNs: Math.max(1e6, 4 * sampling.periodNs),
      longestNs: Math.max(50e6, 200 * sampling.periodNs),
    }
    const { tailNs, leadNs } = guards
    const busy = this.ledger.busy(range)
    const found = findIdleGaps(busy, this.#doubtful, this.#states, this.#traces, range, tailNs, leadNs, lengths)
    for (const gap of found) {
      for (const [r, trace] of this.#traces.entries()) this.#noise[r]?.addGap(trace, gap)
      this.idle.add(gap)
    }
    this.idleGaps += found.length
    this.#gaps.push(...found)
    this.#gapsUntilNs = untilNs
  }

  /** The baseline as the ledger asks for it: given, or interpolated between idle gaps. */
  #baselines(window: Interval): (r: number, ns: number, key: string) => Baseline | undefined {
    const { rails } = this.#settings
    const fits = rails.map((_, r) => new BaselineFit(this.#gaps, r, this.noiseOf(r), new Map()))
    for (const [r, fit] of fits.entries()) this.idle.noteWander(r, fit, this.#gaps, window)
    const middles = this.#gaps.map(({ startNs, endNs }) => (startNs + endNs) / 2)
    return (r, ns, key) => {
      const { idleW, offsetUW } = rails[r] as RailSettings
      if (idleW !== undefined) return { watts: idleW, uW: offsetUW, isInferred: false }
      const fitted = fits[r]?.at(ns, key)
      return fitted === undefined || !isFar(middles, ns) ? fitted : { ...fitted, isInferred: true }
    }
  }

  /** Given as white noise of a sample, or estimated; undefined samples of noise are none. */
  noiseOf(r: number): Noise {
    const { rails, sampling } = this.#settings
    const given = (rails[r] as RailSettings).noiseW
    if (given === undefined) return this.#noise[r]?.value ?? SILENT
    return { densityJ2PerS: (given * given * sampling.periodNs) / 1e9, cellSdW: given }
  }

  /** Neither given nor to be seen: there was too little idle time. */
  isNoiseUnknown(r: number): boolean {
    return this.#settings.rails[r]?.noiseW === undefined && this.#noise[r]?.value === undefined
  }

  /** Of the baseline of rail r as it enters a mean over the whole trace, W. */
  meanBaselineUW(r: number): number {
    const { idleW, offsetUW } = this.#settings.rails[r] as RailSettings
    if (idleW !== undefined) return offsetUW
    return this.idle.meanBaselineUW(r, this.idle.mainKey, this.noiseOf(r).densityJ2PerS)
  }

  #assessUncertainty(): RailUncertainty[] {
    const { rails, sampling, timeConstantNs, delayUNs } = this.#settings
    return rails.map(({ gainURel }, r) => ({
      gainURel,
      noiseDensityJ2PerS: this.noiseOf(r).densityJ2PerS,
      cellSdW: this.noiseOf(r).cellSdW,
      // the step of another instrument's converter is not known: its noise, as estimated, includes it
      countW: 0,
      cellNs: sampling.periodNs,
      timeConstantNs,
      delayUNs,
    }))
  }

  /** What of the trace has no power, rail by rail. */
  #noteGaps(window: Interval): void {
    const { trace } = this.#settings
    const [start, end] = [Math.max(window.start, trace.start), Math.min(window.end, trace.end)]
    for (const [r, totals] of this.ledger.totals.entries()) {
      const coveredNs = (this.#traces[r]?.coveredTo(end) ?? 0) - (this.#traces[r]?.coveredTo(start) ?? 0)
      totals.gapS += (end - start - coveredNs) / 1e9
    }
  }

  #forget(beforeNs: number): void {
    const { guards } = this.#settings
    const reachNs = Math.max(this.#spans.longestNs, 1e9) + guards.leadNs + guards.tailNs
    for (const trace of this.#traces) trace.dropBefore(beforeNs - reachNs)
    const recent = this.#gaps.findIndex(({ endNs }) => endNs >= beforeNs - BEHIND_NS)
    const first = recent < 0 ? this.#gaps.length : recent
    this.#gaps = this.#gaps.slice(Math.max(0, Math.min(first, this.#gaps.length - LEAST_GAPS)))
  }
}

const SILENT: Noise = { densityJ2PerS: 0, cellSdW: 0 }

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
