/**
 * Constraints of one epoch in the order the host knew them: host(d) <= v (upper) or host(d) >= v (lower), seconds.
 * Columns, so that hours of them cost 17 bytes each.
 */
export class PairLog {
  #isUpper = new Uint8Array(1024)
  #d = new Float64Array(1024)
  #v = new Float64Array(1024)
  length = 0

  push(isUpper: boolean, d: number, v: number): void {
    if (this.length === this.#d.length) this.#grow()
    this.#isUpper[this.length] = isUpper ? 1 : 0
    this.#d[this.length] = d
    this.#v[this.length] = v
    this.length++
  }

  isUpper(i: number): boolean {
    return this.#isUpper[i] === 1
  }

  d(i: number): number {
    return this.#d[i] as number
  }

  v(i: number): number {
    return this.#v[i] as number
  }

  /** Forgets pairs of device times before d; the order of the rest stays. */
  dropBefore(d: number): void {
    let kept = 0
    for (let i = 0; i < this.length; i++) {
      if (this.d(i) < d) continue
      this.#isUpper[kept] = this.#isUpper[i] as number
      this.#d[kept] = this.d(i)
      this.#v[kept] = this.v(i)
      kept++
    }
    this.length = kept
  }

  #grow(): void {
    const size = this.#d.length * 2
    this.#isUpper = grown(this.#isUpper, new Uint8Array(size))
    this.#d = grown(this.#d, new Float64Array(size))
    this.#v = grown(this.#v, new Float64Array(size))
  }
}

function grown<A extends Uint8Array | Float64Array>(old: A, larger: A): A {
  larger.set(old)
  return larger
}
