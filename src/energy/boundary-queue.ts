/** Taken boundaries are forgotten so many at a time. */
const TAKEN_MAX = 4096

/** Boundaries by time; nearly sorted input costs nearly nothing. */
export class BoundaryQueue<T> {
  readonly #timeOf: (item: T) => number
  #items: T[] = []
  #next = 0
  #sorted = true
  /** Time of the next boundary; asked for far more often than it changes. */
  #nextNs = Number.POSITIVE_INFINITY

  constructor(timeOf: (item: T) => number) {
    this.#timeOf = timeOf
  }

  push(item: T): void {
    const ns = this.#timeOf(item)
    const last = this.#items[this.#items.length - 1]
    if (last !== undefined && this.#timeOf(last) > ns) this.#sorted = false
    this.#items.push(item)
    if (ns < this.#nextNs) this.#nextNs = ns
  }

  get peek(): T | undefined {
    this.#sort()
    return this.#items[this.#next]
  }

  get nextNs(): number {
    return this.#nextNs
  }

  takeUpTo(t: number): T | undefined {
    if (this.#nextNs > t) return undefined
    const item = this.peek
    if (item === undefined) return undefined
    this.#next++
    if (this.#next === TAKEN_MAX) {
      this.#items.splice(0, TAKEN_MAX)
      this.#next = 0
    }
    const following = this.#items[this.#next]
    this.#nextNs = following === undefined ? Number.POSITIVE_INFINITY : this.#timeOf(following)
    return item
  }

  #sort(): void {
    if (this.#sorted) return
    this.#items = this.#items.slice(this.#next).sort((a, b) => this.#timeOf(a) - this.#timeOf(b))
    this.#next = 0
    this.#sorted = true
  }
}
