/** Values of many runs, and their percentiles. */
export class Pool {
  #values = new Float64Array(1024)
  length = 0
  #sorted: Float64Array | undefined

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length++] = value
    this.#sorted = undefined
  }

  /** The smallest value that `share` of all do not exceed. */
  percentile(share: number): number {
    this.#sorted ??= this.#values.slice(0, this.length).sort()
    return this.#sorted[Math.max(0, Math.ceil(share * this.length) - 1)] ?? Number.NaN
  }
}
