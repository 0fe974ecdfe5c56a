/** Counts positive values in bins a thousandth wide: quantiles of any number of values in bounded memory. */
export class LogHistogram {
  readonly #bins = new Map<number, number>()
  count = 0

  add(value: number): void {
    if (!(value > 0)) return
    const bin = Math.round(Math.log(value) / BIN)
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + 1)
    this.count++
  }

  /** Within 0.05 % of the value at `share` of the count; undefined when there is none. */
  quantile(share: number): number | undefined {
    const target = Math.max(1, Math.ceil(share * this.count))
    let seen = 0
    for (const [bin, count] of [...this.#bins].sort(([a], [b]) => a - b)) {
      seen += count
      if (seen >= target) return Math.exp(bin * BIN)
    }
    return undefined
  }
}

const BIN = 1e-3
