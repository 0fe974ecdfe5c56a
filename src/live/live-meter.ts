import type { RailCalibration } from '../calibration/rail.ts'
import { gainURel } from '../calibration/rail.ts'
import { BaselineFit } from '../energy/baseline.ts'
import { DeviceStates } from '../energy/device-states.ts'
import { findIdleGaps, type IdleGap } from '../energy/idle-gaps.ts'
import { EnergyLedger } from '../energy/ledger.ts'
import { type Noise, NoiseEstimate } from '../energy/noise.ts'
import type { Guards } from '../energy/sweep.ts'
import type { RailUncertainty } from '../energy/uncertainty.ts'
import type { DeviceState, Span } from '../inference/span.ts'
import type { MarkerEdge, SampleBlock, TickPair } from '../samples/sample-block.ts'
import type { Oscillator } from '../timebase/envelope.ts'
import type { Toggle } from '../timebase/marker-edges.ts'
import { OnlinePlacement } from './online-placement.ts'

export interface LiveOptions {
  readonly rails: readonly RailCalibration[]
  readonly oscillator: Oscillator
  readonly guards: Guards
}

/** Provisional: the final figures are made from the journal when the run closes. */
export interface LiveFigures {
  /** Host time the figures reach, ns; NaN before the clock is aligned. */
  readonly untilNs: number
  /** Newest sample, ns. */
  readonly sampledNs: number
  /** Mean power since the figures before, W, one per rail. */
  readonly powerW: readonly number[]
  readonly boundNs: number
  readonly inferences: number
  /** Mean over inferences so far, J; NaN before the first. */
  readonly meanEnergyJ: number
  readonly baselineW: readonly number[]
}

/** Figures wait for the runner's watermark, which an idle runner moves every 100 ms, but no longer. */
const LAG_MAX_NS = 110e6
/** Idle time that is remembered for the baseline. */
const MEMORY_NS = 10e9
const SILENT: Noise = { densityJ2PerS: 0, cellSdW: 0 }

/** The figures of the moment, by the same ledger as the final ones, with the online map and the idle time of the last seconds. */
export class LiveMeter {
  readonly #options: LiveOptions
  readonly #placement: OnlinePlacement
  readonly #ledger: EnergyLedger
  readonly #states = new DeviceStates()
  readonly #noise: NoiseEstimate[]
  #gaps: IdleGap[] = []
  #untilNs = Number.NaN
  #energyJ = 0
  #inferences = 0
  #droppedNs = 0

  constructor(options: LiveOptions) {
    this.#options = options
    this.#placement = new OnlinePlacement(options.rails, options.oscillator)
    this.#ledger = new EnergyLedger(
      options.rails.map(({ name }) => name),
      options.guards,
    )
    this.#noise = options.rails.map(() => new NoiseEstimate())
  }

  get boundNs(): number {
    return this.#placement.boundNs
  }

  addPair(pair: TickPair): void {
    this.#placement.addPair(pair)
  }

  addEdge(edge: MarkerEdge): void {
    this.#placement.addEdge(edge)
  }

  addToggle(toggle: Toggle): void {
    this.#placement.addToggle(toggle)
  }

  addBlock(block: SampleBlock): void {
    this.#placement.addBlock(block)
  }

  addSpan(span: Span): void {
    this.#ledger.addSpan(span)
  }

  addState(state: DeviceState): void {
    this.#states.push(state)
  }

  /** Figures up to what both sides have reached: the newest sample and the runner's watermark. */
  advance(watermarkNs: number): LiveFigures {
    this.#placement.match(watermarkNs)
    const { traces } = this.#placement
    const sampledNs = Math.min(...traces.map((trace) => trace.endNs))
    if (Number.isNaN(this.#untilNs)) this.#untilNs = Math.max(...traces.map((trace) => trace.startNs))
    const untilNs = Math.max(Math.min(sampledNs, watermarkNs), sampledNs - LAG_MAX_NS)
    const window = { start: this.#untilNs, end: untilNs }
    let powerW = traces.map(() => Number.NaN)
    if (window.end > window.start) {
      powerW = traces.map(
        (trace) => ((trace.energyTo(untilNs) - trace.energyTo(window.start)) * 1e9) / (untilNs - window.start),
      )
      this.#divide(window)
      this.#untilNs = untilNs
      this.#forget(untilNs)
    }
    return {
      untilNs: this.#untilNs,
      sampledNs,
      powerW,
      boundNs: this.#placement.boundNs,
      inferences: this.#inferences,
      meanEnergyJ: this.#energyJ / this.#inferences,
      baselineW: this.#baselineW(),
    }
  }

  #baselineW(): number[] {
    if (Number.isNaN(this.#untilNs)) return this.#options.rails.map(() => Number.NaN)
    const key = this.#states.keyAt(this.#untilNs)
    return this.#fits().map((fit) => fit.at(this.#untilNs, key)?.watts ?? Number.NaN)
  }

  #divide(window: { start: number; end: number }): void {
    const { traces } = this.#placement
    const { leadNs, tailNs } = this.#options.guards
    const found = findIdleGaps(this.#ledger.busy(window), [], this.#states, traces, window, tailNs, leadNs)
    for (const gap of found)
      traces.forEach((trace, r) => {
        this.#noise[r]?.addGap(trace, gap)
      })
    this.#gaps.push(...found)
    const fits = this.#fits()
    const { inferences } = this.#ledger.runWindow({
      window,
      traces,
      states: this.#states,
      blind: [],
      baseline: (r, ns, key) => fits[r]?.at(ns, key),
      knownUntilNs: undefined,
      isLast: false,
      uncertainty: this.#uncertainty(),
      boundNsAt: () => this.#placement.boundNs,
    })
    for (const { energyJ } of inferences) {
      if (energyJ === undefined) continue
      this.#energyJ += energyJ.reduce((sum, joules) => sum + joules, 0)
      this.#inferences++
    }
  }

  #fits(): BaselineFit[] {
    return this.#options.rails.map((_, r) => new BaselineFit(this.#gaps, r, this.#noise[r]?.value ?? SILENT, new Map()))
  }

  #uncertainty(): RailUncertainty[] {
    return this.#options.rails.map((rail, r) => {
      const noise = this.#noise[r]?.value ?? SILENT
      return {
        gainURel: gainURel(rail),
        noiseDensityJ2PerS: noise.densityJ2PerS,
        cellSdW: noise.cellSdW,
        countW: 0,
        cellNs: this.#placement.traces[r]?.cellNs ?? 0,
        timeConstantNs: rail.current.timeConstantNs,
      }
    })
  }

  /** Now and then, as it copies what is left. */
  #forget(ns: number): void {
    if (ns - this.#droppedNs < MEMORY_NS) return
    this.#droppedNs = ns
    this.#placement.dropBefore(ns - MEMORY_NS)
    this.#gaps = this.#gaps.filter((gap) => gap.endNs > ns - MEMORY_NS)
    this.#states.dropBefore(ns - MEMORY_NS)
  }
}
