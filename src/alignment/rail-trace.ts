/**
 * Power of one rail on host time: blocks of equal cells, a prefix integral over all of them, and nothing in between.
 *
 * A cell is centred on its sample (a step, not a trapezoid: see docs/measurement.md). Energy and covered time up to any
 * instant cost one search; ascending instants cost none, the last block found is tried first.
 */
export class RailTrace {
  #startNs = new Float64Array(256)
  #endNs = new Float64Array(256)
  /** Number of the block's first cell. */
  #firstCell = new Uint32Array(257)
  #coveredNs = new Float64Array(257)
  #saturated = new Uint8Array(256)
  #joules = new Float64Array(1 << 15)
  #blocks = 0
  #hint = 0

  /** Appends cells [startNs, endNs) of `watts[0..count)`; a start before the last end is moved to it. */
  append(startNs: number, endNs: number, watts: Float64Array, count: number, saturated: boolean): void {
    const start = this.#blocks === 0 ? startNs : Math.max(startNs, this.#endNs[this.#blocks - 1] as number)
    if (!(endNs > start) || count === 0) return
    this.#reserve(count)
    const block = this.#blocks
    const first = this.#firstCell[block] as number
    const cellS = (endNs - start) / count / 1e9
    let sum = this.#joules[first] as number
    for (let i = 0; i < count; i++) {
      sum += (watts[i] as number) * cellS
      this.#joules[first + i + 1] = sum
    }
    this.#startNs[block] = start
    this.#endNs[block] = endNs
    this.#saturated[block] = saturated ? 1 : 0
    this.#firstCell[block + 1] = first + count
    this.#coveredNs[block + 1] = (this.#coveredNs[block] as number) + (endNs - start)
    this.#blocks++
  }

  get cells(): number {
    return this.#firstCell[this.#blocks] as number
  }

  get startNs(): number {
    return this.#blocks === 0 ? Number.NaN : (this.#startNs[0] as number)
  }

  get endNs(): number {
    return this.#blocks === 0 ? Number.NaN : (this.#endNs[this.#blocks - 1] as number)
  }

  /** Joules of all cells before `ns`, the one that holds it in part. */
  energyTo(ns: number): number {
    const block = this.#blockAt(ns)
    if (block < 0) return 0
    const first = this.#firstCell[block] as number
    const after = this.#firstCell[block + 1] as number
    const end = this.#endNs[block] as number
    if (ns >= end) return this.#joules[after] as number
    const start = this.#startNs[block] as number
    const cell = ((ns - start) / (end - start)) * (after - first)
    const whole = Math.min(Math.floor(cell), after - first - 1)
    const before = this.#joules[first + whole] as number
    return before + ((this.#joules[first + whole + 1] as number) - before) * (cell - whole)
  }

  /** Nanoseconds before `ns` that samples cover. */
  coveredTo(ns: number): number {
    const block = this.#blockAt(ns)
    if (block < 0) return 0
    return (
      (this.#coveredNs[block] as number) + Math.min(ns, this.#endNs[block] as number) - (this.#startNs[block] as number)
    )
  }

  /** Any sample at the end of the converter's range in [startNs, endNs); whole blocks are marked. */
  saturatedIn(startNs: number, endNs: number): boolean {
    for (let b = Math.max(0, this.#blockAt(startNs)); b < this.#blocks && (this.#startNs[b] as number) < endNs; b++)
      if (this.#saturated[b] === 1 && (this.#endNs[b] as number) > startNs) return true
    return false
  }

  /** Calls `visit(start, length, watts)` for every cell whose centre lies in [startNs, endNs). */
  forEachCell(startNs: number, endNs: number, visit: (centreNs: number, watts: number) => void): void {
    for (let b = Math.max(0, this.#blockAt(startNs)); b < this.#blocks && (this.#startNs[b] as number) < endNs; b++) {
      const first = this.#firstCell[b] as number
      const count = (this.#firstCell[b + 1] as number) - first
      const start = this.#startNs[b] as number
      const cellNs = ((this.#endNs[b] as number) - start) / count
      const from = Math.max(0, Math.ceil((startNs - start) / cellNs - 0.5))
      for (let i = from; i < count; i++) {
        const centre = start + (i + 0.5) * cellNs
        if (centre >= endNs) return
        const joules = (this.#joules[first + i + 1] as number) - (this.#joules[first + i] as number)
        visit(centre, (joules * 1e9) / cellNs)
      }
    }
  }

  /** Largest power, W, and number of the cells whose centre lies in [startNs, endNs). */
  peakIn(startNs: number, endNs: number): { peakW: number; samples: number } {
    let peakW = Number.NaN
    let samples = 0
    for (let b = Math.max(0, this.#blockAt(startNs)); b < this.#blocks && (this.#startNs[b] as number) < endNs; b++) {
      const first = this.#firstCell[b] as number
      const count = (this.#firstCell[b + 1] as number) - first
      const start = this.#startNs[b] as number
      const cellNs = ((this.#endNs[b] as number) - start) / count
      const from = Math.max(0, Math.ceil((startNs - start) / cellNs - 0.5))
      const to = Math.min(count, Math.ceil((endNs - start) / cellNs - 0.5))
      let peakJ = Number.NEGATIVE_INFINITY
      for (let i = first + from; i < first + to; i++) {
        const joules = (this.#joules[i + 1] as number) - (this.#joules[i] as number)
        if (joules > peakJ) peakJ = joules
      }
      if (to <= from) continue
      samples += to - from
      if (!((peakJ * 1e9) / cellNs <= peakW)) peakW = (peakJ * 1e9) / cellNs
    }
    return { peakW, samples }
  }

  /** Power of the cell that holds `ns`; 0 where there is none. */
  wattsAt(ns: number): number {
    const block = this.#blockAt(ns)
    if (block < 0 || ns >= (this.#endNs[block] as number)) return 0
    const first = this.#firstCell[block] as number
    const count = (this.#firstCell[block + 1] as number) - first
    const cellNs = ((this.#endNs[block] as number) - (this.#startNs[block] as number)) / count
    const cell = first + Math.min(count - 1, Math.floor((ns - (this.#startNs[block] as number)) / cellNs))
    return (((this.#joules[cell + 1] as number) - (this.#joules[cell] as number)) * 1e9) / cellNs
  }

  /** Mean length of a cell, ns. */
  get cellNs(): number {
    return this.cells === 0 ? Number.NaN : (this.#coveredNs[this.#blocks] as number) / this.cells
  }

  /** Forgets blocks that end before `ns`; energies are then counted from the first that is left. */
  dropBefore(ns: number): void {
    let gone = 0
    while (gone < this.#blocks && (this.#endNs[gone] as number) < ns) gone++
    if (gone === 0) return
    const firstCell = this.#firstCell[gone] as number
    const base = { joules: this.#joules[firstCell] as number, coveredNs: this.#coveredNs[gone] as number }
    const cells = this.cells
    for (const column of [this.#startNs, this.#endNs, this.#saturated]) column.copyWithin(0, gone, this.#blocks)
    for (let b = gone; b <= this.#blocks; b++) {
      this.#firstCell[b - gone] = (this.#firstCell[b] as number) - firstCell
      this.#coveredNs[b - gone] = (this.#coveredNs[b] as number) - base.coveredNs
    }
    for (let c = firstCell; c <= cells; c++) this.#joules[c - firstCell] = (this.#joules[c] as number) - base.joules
    this.#blocks -= gone
    this.#hint = 0
  }

  /** Last block that starts at or before `ns`, -1 before the first. */
  #blockAt(ns: number): number {
    const starts = this.#startNs
    let block = this.#hint
    if (block < this.#blocks && (starts[block] as number) <= ns) {
      for (let tries = 0; tries < 4; tries++, block++)
        if (block + 1 === this.#blocks || (starts[block + 1] as number) > ns) {
          this.#hint = block
          return block
        }
    }
    let low = 0
    let high = this.#blocks
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) <= ns) low = middle + 1
      else high = middle
    }
    if (low > 0) this.#hint = low - 1
    return low - 1
  }

  #reserve(count: number): void {
    const cells = this.cells + count + 1
    if (cells > this.#joules.length)
      this.#joules = grown(this.#joules, new Float64Array(Math.max(cells, this.#joules.length * 2)))
    if (this.#blocks < this.#startNs.length) return
    const size = this.#startNs.length * 2
    this.#startNs = grown(this.#startNs, new Float64Array(size))
    this.#endNs = grown(this.#endNs, new Float64Array(size))
    this.#saturated = grown(this.#saturated, new Uint8Array(size))
    this.#firstCell = grown(this.#firstCell, new Uint32Array(size + 1))
    this.#coveredNs = grown(this.#coveredNs, new Float64Array(size + 1))
  }
}

function grown<A extends Float64Array | Uint32Array | Uint8Array>(old: A, larger: A): A {
  larger.set(old)
  return larger
}
