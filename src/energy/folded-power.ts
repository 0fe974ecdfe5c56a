/** Power as a function of phase, from samples of many executions. */
export interface FoldedBin {
  /** Bin [from, to): ns since the start, or part of the duration. */
  readonly from: number
  readonly to: number
  /** Mean above idle, W; NaN without a sample. */
  readonly watts: number
  /** Standard error of the mean, from the scatter of the samples, W; NaN with fewer than two. */
  readonly seW: number
  readonly count: number
}

/** Sorts samples into bins by phase. Memory is the bins. */
export class FoldedPower {
  readonly #from: number
  readonly #width: number
  readonly #count: Float64Array
  readonly #mean: Float64Array
  readonly #squares: Float64Array

  constructor(from: number, to: number, bins: number) {
    this.#from = from
    this.#width = (to - from) / bins
    this.#count = new Float64Array(bins)
    this.#mean = new Float64Array(bins)
    this.#squares = new Float64Array(bins)
  }

  /** B. P. Welford, Technometrics 4 (1962): stable in one pass. */
  add(phase: number, watts: number): void {
    const bin = Math.floor((phase - this.#from) / this.#width)
    if (!(bin >= 0 && bin < this.#count.length)) return
    const n = (this.#count[bin] as number) + 1
    const delta = watts - (this.#mean[bin] as number)
    this.#count[bin] = n
    this.#mean[bin] = (this.#mean[bin] as number) + delta / n
    this.#squares[bin] = (this.#squares[bin] as number) + delta * (watts - (this.#mean[bin] as number))
  }

  get bins(): FoldedBin[] {
    return Array.from(this.#count, (count, i) => ({
      from: this.#from + i * this.#width,
      to: this.#from + (i + 1) * this.#width,
      watts: count === 0 ? Number.NaN : (this.#mean[i] as number),
      seW: count < 2 ? Number.NaN : Math.sqrt((this.#squares[i] as number) / (count - 1) / count),
      count,
    }))
  }
}
