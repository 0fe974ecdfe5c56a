import { type HostNs, hostNs, type Ticks } from '../units/units.ts'

/**
 * Device ticks to host time within one epoch: straight lines between nodes, each with its guaranteed bound.
 *
 * A node, once placed, does not move: a sample keeps its time. Between `from` and `to` only; outside, and on stretches
 * marked unaligned, the answer is NaN, never a guess.
 */
export class TimeMap {
  readonly #ticks: number[] = []
  readonly #hostNs: number[] = []
  /** Bound of the stretch that ends at node i, ns; NaN where nothing is certain. */
  readonly #boundNs: number[] = []

  /** Appends a node behind all others. `boundNs` covers the stretch from the node before to this one. */
  append(tick: Ticks, host: HostNs, boundNs: number): void {
    const last = this.#ticks.length - 1
    if (last >= 0 && !(tick > (this.#ticks[last] as number) && host > (this.#hostNs[last] as number)))
      throw new RangeError(
        `time map: node (${tick}, ${host}) does not follow (${this.#ticks[last]}, ${this.#hostNs[last]})`,
      )
    this.#ticks.push(tick)
    this.#hostNs.push(host)
    this.#boundNs.push(boundNs)
  }

  get nodes(): number {
    return this.#ticks.length
  }

  get lastTick(): number {
    return this.#ticks[this.#ticks.length - 1] ?? Number.NaN
  }

  get lastHostNs(): number {
    return this.#hostNs[this.#hostNs.length - 1] ?? Number.NaN
  }

  tickAt(i: number): number {
    return this.#ticks[i] as number
  }

  hostAt(i: number): number {
    return this.#hostNs[i] as number
  }

  boundAt(i: number): number {
    return this.#boundNs[i] as number
  }

  /** Number of the node that ends the stretch holding `tick`; undefined outside the map. */
  stretchOf(tick: number): number | undefined {
    return stretch(this.#ticks, tick)
  }

  toHost(tick: Ticks): HostNs {
    const i = this.stretchOf(tick)
    if (i === undefined || Number.isNaN(this.#boundNs[i])) return hostNs(Number.NaN)
    return hostNs(line(tick, this.#ticks, this.#hostNs, i))
  }

  boundNs(tick: Ticks): number {
    const i = this.stretchOf(tick)
    return i === undefined ? Number.NaN : (this.#boundNs[i] as number)
  }

  /** Bound of the stretch around a host time, ns. */
  boundAtHostNs(host: HostNs): number {
    const i = stretch(this.#hostNs, host)
    return i === undefined ? Number.NaN : (this.#boundNs[i] as number)
  }

  /** Host nanoseconds per tick on the stretch that ends at node i. */
  nsPerTick(i: number): number {
    return (this.hostAt(i) - this.hostAt(i - 1)) / (this.tickAt(i) - this.tickAt(i - 1))
  }

  /** Drops nodes that no instant at or after `host` needs. */
  dropBefore(host: HostNs): void {
    const i = stretch(this.#hostNs, host)
    if (i === undefined || i < 2) return
    for (const column of [this.#ticks, this.#hostNs, this.#boundNs]) column.splice(0, i - 1)
  }
}

/** First i with column[i] >= value, given column[0] <= value. */
function stretch(column: readonly number[], value: number): number | undefined {
  const last = column.length - 1
  if (last < 1 || !(value >= (column[0] as number)) || !(value <= (column[last] as number))) return undefined
  let low = 1
  let high = last
  while (low < high) {
    const middle = (low + high) >> 1
    if ((column[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

function line(x: number, xs: readonly number[], ys: readonly number[], i: number): number {
  const x0 = xs[i - 1] as number
  const y0 = ys[i - 1] as number
  return y0 + ((x - x0) * ((ys[i] as number) - y0)) / ((xs[i] as number) - x0)
}
