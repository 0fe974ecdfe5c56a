import { PowerCells } from '../alignment/power-cells.ts'
import { RailTrace } from '../alignment/rail-trace.ts'
import type { Sampling } from '../alignment/sample-period.ts'
import type { Baseline } from '../energy/baseline.ts'
import { DeviceStates } from '../energy/device-states.ts'
import { EnergyLedger, type LedgerRows } from '../energy/ledger.ts'
import type { Noise } from '../energy/noise.ts'
import type { Guards } from '../energy/sweep.ts'
import type { RailUncertainty } from '../energy/uncertainty.ts'
import type { Interval } from '../units/interval.ts'
import { BEYOND_NS, IdleTrack, SILENT } from './idle-track.ts'
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
/** A window with many spans is cut short: what is alive long is slow to collect. */
const WINDOW_SPANS = 10_000
const SHORTEST_WINDOW_NS = 1e9
/** Fitting a baseline takes time with the square of a window. */
const LONGEST_WINDOW_NS = 600e9

/**
 * The energy ledger on a trace of another instrument: samples in, rows out, a window at a time. Memory holds one window and
 * the longest span before it.
 */
export class TraceLedger {
  readonly ledger: EnergyLedger
  readonly idle: IdleTrack
  readonly #settings: TraceSettings
  readonly #spans: ListedSpans
  readonly #traces: readonly RailTrace[]
  readonly #cells: PowerCells
  /** One state for the whole card: a list of spans tells nothing of open contexts. */
  readonly #states = new DeviceStates()
  readonly #doubtful: readonly Interval[]
  readonly #windowNs: number
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
    this.idle = new IdleTrack(rails.length, sampling.periodNs, guards, settings.trace.start)
    this.#traces = rails.map(() => new RailTrace())
    this.#cells = new PowerCells(this.#traces, { ...sampling, delayNs: settings.delayNs })
    const mostNs = Math.max(5e9, (WINDOW_CELLS / rails.length) * sampling.periodNs)
    this.#windowNs = settings.windowNs ?? Math.min(LONGEST_WINDOW_NS, mostNs)
    this.#windowStartNs = settings.trace.start - guards.leadNs
  }

  push(tNs: Float64Array, watts: readonly Float64Array[], count: number): TraceRows[] {
    const knownNs = this.#cells.push(tNs, watts, count)
    const finished: TraceRows[] = []
    for (let endNs = this.#windowEndNs(); knownNs >= endNs + BEYOND_NS; endNs = this.#windowEndNs())
      finished.push(this.#finish(endNs, false))
    return finished
  }

  /** Where the window ends that is being filled. */
  #windowEndNs(): number {
    const latestNs = this.#windowStartNs + this.#windowNs
    const crowdedNs = this.#spans.startAhead(WINDOW_SPANS) ?? Number.POSITIVE_INFINITY
    return Math.min(latestNs, Math.max(crowdedNs, this.#windowStartNs + SHORTEST_WINDOW_NS))
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
    this.idle.search((range) => this.ledger.busy(range), this.#doubtful, this.#states, this.#traces, reachNs)
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

  /** The baseline as the ledger asks for it: given, or interpolated between idle gaps. */
  #baselines(window: Interval): (r: number, ns: number, key: string) => Baseline | undefined {
    const { rails } = this.#settings
    const measured = this.idle.baselines(window)
    return (r, ns, key) => {
      const { idleW, offsetUW } = rails[r] as RailSettings
      return idleW === undefined ? measured(r, ns, key) : { watts: idleW, uW: offsetUW, isInferred: false }
    }
  }

  /** Given as white noise of a sample, or estimated; undefined samples of noise are none. */
  noiseOf(r: number): Noise {
    const { rails, sampling } = this.#settings
    const given = (rails[r] as RailSettings).noiseW
    if (given === undefined) return this.idle.noise(r) ?? SILENT
    return { densityJ2PerS: (given * given * sampling.periodNs) / 1e9, cellSdW: given }
  }

  /** Neither given nor to be seen: there was too little idle time. */
  isNoiseUnknown(r: number): boolean {
    return this.#settings.rails[r]?.noiseW === undefined && this.idle.noise(r) === undefined
  }

  /** Of the baseline of rail r as it enters a mean over the whole trace, W. */
  meanBaselineUW(r: number): number {
    const { idleW, offsetUW } = this.#settings.rails[r] as RailSettings
    if (idleW !== undefined) return offsetUW
    return this.idle.survey.meanBaselineUW(r, this.idle.survey.mainKey, this.noiseOf(r).densityJ2PerS)
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
    this.idle.forget(beforeNs)
  }
}
