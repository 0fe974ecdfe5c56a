/** Taken boundaries are forgotten so many at a time. */
const TAKEN_MAX = 4096

/** Boundaries by time; nearly sorted input costs nearly nothing. */
export class BoundaryQueue<T> {
  readonly #timeOf: (item: T) => number
  #items: T[] = []
  #next = 0
  #sorted = true

  constructor(timeOf: (item: T) => number) {
    this.#timeOf = timeOf
  }

  push(item: T): void {
    const last = this.#items[this.#items.length - 1]
    if (last !== undefined && this.#timeOf(last) > this.#timeOf(item)) this.#sorted = false
    this.#items.push(item)
  }

  get peek(): T | undefined {
    this.#sort()
    return this.#items[this.#next]
  }

  get nextNs(): number {
    const item = this.peek
    return item === undefined ? Number.POSITIVE_INFINITY : this.#timeOf(item)
  }

  takeUpTo(t: number): T | undefined {
    const item = this.peek
    if (item === undefined || this.#timeOf(item) > t) return undefined
    this.#next++
    if (this.#next === TAKEN_MAX) {
      this.#items.splice(0, TAKEN_MAX)
      this.#next = 0
    }
    return item
  }

  #sort(): void {
    if (this.#sorted) return
    this.#items = this.#items.slice(this.#next).sort((a, b) => this.#timeOf(a) - this.#timeOf(b))
    this.#next = 0
    this.#sorted = true
  }
}
