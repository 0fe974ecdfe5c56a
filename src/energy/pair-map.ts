/** A map with keys of two numbers: telling spans apart by text would cost more than measuring them. */
export class PairMap<T> {
  readonly #rows = new Map<number, Map<number, T>>()

  get(first: number, second: number): T | undefined {
    return this.#rows.get(first)?.get(second)
  }

  set(first: number, second: number, value: T): void {
    const row = this.#rows.get(first)
    if (row === undefined) this.#rows.set(first, new Map([[second, value]]))
    else row.set(second, value)
  }
}
