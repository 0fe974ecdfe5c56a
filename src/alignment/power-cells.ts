import type { RailTrace } from './rail-trace.ts'

export interface CellOptions {
  readonly periodNs: number
  /** A longer step from one time to the next is a gap. */
  readonly gapNs: number
  /** Group delay of the sensor: the power of a sample was drawn so long before its time. */
  readonly delayNs: number
}

/** Cells of one block; more would be searched for an even grid in vain. */
const LONGEST_BLOCK = 4096
/** Times within so many periods of an even grid are put on it: far below what sampling an edge costs, and blocks stay long. */
const GRID_TOLERANCE = 0.01

/**
 * Makes cells of samples that come with a time each. A cell is centred on its time: its edges lie half-way to its
 * neighbours, and half a period away at a gap. Samples of one time become one, their mean.
 */
export class PowerCells {
  readonly #traces: readonly RailTrace[]
  readonly #options: CellOptions
  /** Samples whose right edge is not known yet, and after them those of a block. */
  #tNs = new Float64Array(0)
  #watts: Float64Array[]
  #same = new Uint32Array(0)
  #count = 0
  #edges = new Float64Array(0)
  #rightNs = Number.NaN

  constructor(traces: readonly RailTrace[], options: CellOptions) {
    this.#traces = traces
    this.#options = options
    this.#watts = traces.map(() => new Float64Array(0))
  }

  /** Samples in the order of their times; NaN power is a gap of that rail. Returns until when cells are complete. */
  push(tNs: Float64Array, watts: readonly Float64Array[], count: number): number {
    this.#reserve(this.#count + count)
    for (let i = 0; i < count; i++) this.#add(tNs[i] as number, watts, i)
    if (this.#count < 2) return Number.NEGATIVE_INFINITY
    const last = this.#count - 1
    this.#makeCells(last, this.#tNs[last] as number)
    this.#tNs[0] = this.#tNs[last] as number
    this.#same[0] = this.#same[last] as number
    for (const column of this.#watts) column[0] = column[last] as number
    this.#count = 1
    const leftNs = Number.isNaN(this.#rightNs) ? (this.#tNs[0] as number) - this.#options.periodNs / 2 : this.#rightNs
    return leftNs - this.#options.delayNs
  }

  close(): void {
    if (this.#count > 0) this.#makeCells(this.#count, Number.POSITIVE_INFINITY)
    this.#count = 0
  }

  #add(t: number, watts: readonly Float64Array[], i: number): void {
    const before = this.#count - 1
    if (before < 0 || this.#tNs[before] !== t) {
      this.#tNs[this.#count] = t
      this.#same[this.#count] = 1
      for (const [r, column] of this.#watts.entries()) column[this.#count] = watts[r]?.[i] as number
      this.#count++
      return
    }
    const n = (this.#same[before] as number) + 1
    this.#same[before] = n
    for (const [r, column] of this.#watts.entries()) {
      const mean = column[before] as number
      column[before] = mean + ((watts[r]?.[i] as number) - mean) / n
    }
  }

  /** Cells of the first `count` samples; `nextNs` is the time of the sample after them. */
  #makeCells(count: number, nextNs: number): void {
    const { periodNs, gapNs } = this.#options
    let from = 0
    for (let i = 0; i < count; i++) {
      const t = this.#tNs[i] as number
      const next = i + 1 < count ? (this.#tNs[i + 1] as number) : nextNs
      const isGap = next - t > gapNs
      if (i === from) this.#edges[i] = Number.isNaN(this.#rightNs) ? t - periodNs / 2 : this.#rightNs
      this.#rightNs = isGap ? t + periodNs / 2 : (t + next) / 2
      this.#edges[i + 1] = this.#rightNs
      if (!isGap) continue
      this.#appendAll(from, i + 1)
      from = i + 1
      this.#rightNs = Number.NaN
    }
    if (from < count) this.#appendAll(from, count)
  }

  #appendAll(from: number, to: number): void {
    for (const [r, watts] of this.#watts.entries()) {
      const trace = this.#traces[r] as RailTrace
      for (let i = from; i < to; ) {
        let end = i
        while (end < to && !Number.isNaN(watts[end] as number)) end++
        for (let block = i; block < end; block += LONGEST_BLOCK)
          this.#append(trace, watts, block, Math.min(end, block + LONGEST_BLOCK))
        while (end < to && Number.isNaN(watts[end] as number)) end++
        i = end
      }
    }
  }

  /** One block when the edges are even, else its halves. */
  #append(trace: RailTrace, watts: Float64Array, from: number, to: number): void {
    const start = this.#edges[from] as number
    const end = this.#edges[to] as number
    const step = (end - start) / (to - from)
    const tolerance = GRID_TOLERANCE * this.#options.periodNs
    for (let k = from + 1; k < to; k++)
      if (Math.abs((this.#edges[k] as number) - start - (k - from) * step) > tolerance) {
        const middle = (from + to) >> 1
        this.#append(trace, watts, from, middle)
        this.#append(trace, watts, middle, to)
        return
      }
    const { delayNs } = this.#options
    trace.append(start - delayNs, end - delayNs, watts.subarray(from, to), to - from, false)
  }

  #reserve(count: number): void {
    if (count < this.#tNs.length) return
    const size = Math.max(1024, 2 * count)
    this.#tNs = grown(this.#tNs, new Float64Array(size))
    this.#edges = grown(this.#edges, new Float64Array(size + 1))
    this.#same = grown(this.#same, new Uint32Array(size))
    this.#watts = this.#watts.map((column) => grown(column, new Float64Array(size)))
  }
}

function grown<A extends Float64Array | Uint32Array>(old: A, larger: A): A {
  larger.set(old as never)
  return larger
}
