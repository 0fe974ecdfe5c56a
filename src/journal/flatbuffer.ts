/**
 * One table of a flatbuffer, the form of Arrow's metadata.
 *
 * Read here and not by apache-arrow, because a journal may be damaged anywhere: one flipped bit in a length makes
 * apache-arrow 21.2 loop for minutes. Every access goes through a DataView and throws RangeError outside of it; every count
 * is checked against the bytes that are there.
 */
export class FlatTable {
  readonly #view: DataView
  readonly #at: number

  /** The table that a whole flatbuffer starts with. */
  static root(view: DataView): FlatTable {
    return new FlatTable(view, view.getUint32(0, true))
  }

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
  }

  has(field: number): boolean {
    return this.#position(field) !== 0
  }

  uint8(field: number): number {
    const at = this.#position(field)
    return at === 0 ? 0 : this.#view.getUint8(at)
  }

  int16(field: number): number {
    const at = this.#position(field)
    return at === 0 ? 0 : this.#view.getInt16(at, true)
  }

  int32(field: number): number {
    const at = this.#position(field)
    return at === 0 ? 0 : this.#view.getInt32(at, true)
  }

  int64(field: number): number {
    const at = this.#position(field)
    return at === 0 ? 0 : safeInt64(this.#view, at)
  }

  table(field: number): FlatTable {
    return new FlatTable(this.#view, this.#target(field))
  }

  /** The tables of a vector; none when the field is absent. */
  tables(field: number): FlatTable[] {
    if (!this.has(field)) return []
    const { at, count } = this.#vector(field, 4)
    return Array.from({ length: count }, (_, i) => {
      const slot = at + 4 * i
      return new FlatTable(this.#view, slot + this.#view.getUint32(slot, true))
    })
  }

  /** A vector of structs of two int64, as [first, second] each. */
  int64Pairs(field: number): (readonly [number, number])[] {
    const { at, count } = this.#vector(field, 16)
    return Array.from({ length: count }, (_, i) => {
      const pair = at + 16 * i
      return [safeInt64(this.#view, pair), safeInt64(this.#view, pair + 8)] as const
    })
  }

  text(field: number): string {
    if (!this.has(field)) return ''
    const { at, count } = this.#vector(field, 1)
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, count))
  }

  /** Where the field's value stands, 0 when it is absent. */
  #position(field: number): number {
    const vtable = this.#at - this.#view.getInt32(this.#at, true)
    const slot = 4 + 2 * field
    if (slot + 2 > this.#view.getUint16(vtable, true)) return 0
    const offset = this.#view.getUint16(vtable + slot, true)
    return offset === 0 ? 0 : this.#at + offset
  }

  /** Where the object stands that the field refers to. */
  #target(field: number): number {
    const at = this.#position(field)
    if (at === 0) throw new RangeError(`metadata field ${field} is missing`)
    return at + this.#view.getUint32(at, true)
  }

  #vector(field: number, elementBytes: number): { at: number; count: number } {
    const start = this.#target(field)
    const count = this.#view.getUint32(start, true)
    const at = start + 4
    if (at + count * elementBytes > this.#view.byteLength) {
      throw new RangeError(
        `metadata field ${field} counts ${count} elements, beyond its ${this.#view.byteLength} bytes`,
      )
    }
    return { at, count }
  }
}

function safeInt64(view: DataView, at: number): number {
  const value = view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)
  if (!Number.isSafeInteger(value)) throw new RangeError(`metadata holds ${value}, beyond 2^53`)
  return value
}
