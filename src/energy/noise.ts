import type { RailTrace } from '../alignment/rail-trace.ts'
import type { IdleGap } from './idle-gaps.ts'

/** Noise of one rail as an integral sees it. */
export interface Noise {
  /**
   * Variance of the energy of a stretch divided by its length, J^2/s = W^2 s: the two-sided spectral density of the power at
   * low frequency. Includes the sensor, the converter and dithered quantisation, and the correlation a filter puts between
   * samples.
   */
  readonly densityJ2PerS: number
  /** Standard deviation of a single cell, W. */
  readonly cellSdW: number
}

/** Much longer than a sensor's filter, much shorter than drift. */
const BLOCK_NS = 2e6

/**
 * Collects Allan (two-sample) variances of block means in idle gaps: differences of neighbouring blocks, so that drift and the
 * level itself cancel. D. W. Allan, "Statistics of atomic frequency standards", Proc. IEEE 54 (1966).
 */
export class NoiseEstimate {
  #sumSquares = 0
  #differences = 0
  #cellSquares = 0
  #cellDifferences = 0
  readonly #blockNs: number

  /** `blockNs`: of the means that are compared; longer for an instrument that samples slowly. */
  constructor(blockNs = BLOCK_NS) {
    this.#blockNs = blockNs
  }

  addGap(trace: RailTrace, gap: IdleGap): void {
    const blocks = Math.floor((gap.endNs - gap.startNs) / this.#blockNs)
    let before = Number.NaN
    for (let k = 0; k < blocks; k++) {
      const start = gap.startNs + k * this.#blockNs
      const joules = trace.energyTo(start + this.#blockNs) - trace.energyTo(start)
      if (!Number.isNaN(before)) {
        this.#sumSquares += (joules - before) ** 2
        this.#differences++
      }
      before = joules
    }
    this.#addCells(trace, gap)
  }

  /** Undefined until enough idle time has been seen. */
  get value(): Noise | undefined {
    if (this.#differences < 10) return undefined
    return {
      densityJ2PerS: this.#sumSquares / this.#differences / 2 / (this.#blockNs / 1e9),
      cellSdW: Math.sqrt(this.#cellSquares / Math.max(1, this.#cellDifferences) / 2),
    }
  }

  /** Cells one filter time apart differ by the full noise; a distance of 16 cells is past any filter used here. */
  #addCells(trace: RailTrace, gap: IdleGap): void {
    const values: number[] = []
    trace.forEachCell(gap.startNs, Math.min(gap.endNs, gap.startNs + this.#blockNs), (_, watts) => values.push(watts))
    for (let i = 16; i < values.length; i += 16) {
      this.#cellSquares += ((values[i] as number) - (values[i - 16] as number)) ** 2
      this.#cellDifferences++
    }
  }
}
