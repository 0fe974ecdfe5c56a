import {
  type Data,
  type DataType,
  Dictionary,
  Float32,
  Float64,
  Int32,
  Int64,
  makeData,
  TimestampMicrosecond,
  Uint32,
  Utf8,
  Vector,
} from 'apache-arrow'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Column } from './column.ts'
import { Validity } from './validity.ts'

/**
 * The values of one column of one row group, growing. Cells are set by row number, so a row that turned out bad half-way
 * is overwritten by the next one.
 */
export abstract class ColumnBuffer {
  readonly column: Column
  readonly type: DataType
  protected readonly table: string
  protected readonly validity = new Validity()

  constructor(table: string, column: Column, type: DataType) {
    this.table = table
    this.column = column
    this.type = type
  }

  set(row: number, value: unknown): void {
    if (value === null || value === undefined || !this.isPresent(value)) {
      if (!this.column.nullable) throw this.unexpected(row, value)
      this.validity.setNull(row)
      this.setAbsent(row)
    } else {
      this.setPresent(row, value)
      this.validity.setValid(row)
    }
  }

  /** Room for at least this many rows. */
  grow(rows: number): void {
    this.validity.grow(rows)
    this.growValues(rows)
  }

  /** The first `rows` rows as an Arrow column over the buffers themselves: use it before the next `set`. */
  toData(rows: number): Data {
    const nullCount = this.validity.countNulls(rows)
    const nullBitmap = nullCount === 0 ? null : this.validity.bitmap(rows)
    return makeData({ type: this.type, length: rows, nullCount, nullBitmap, ...this.valueBuffers(rows) } as never)
  }

  /** Forget all rows, keep the room. */
  reset(): void {}

  protected abstract growValues(rows: number): void
  protected abstract setPresent(row: number, value: unknown): void
  /** A null cell holds a fixed value, so that equal rows give equal bytes. */
  protected abstract setAbsent(row: number): void
  protected abstract valueBuffers(rows: number): object
  protected isPresent(_value: unknown): boolean {
    return true
  }

  protected unexpected(row: number, value: unknown): JoulespanError {
    const { name, type, values, nullable } = this.column
    const wanted = values === undefined ? type : `one of ${values.join(', ')}`
    return new JoulespanError(
      'dataset',
      `table ${this.table}, column ${name}: expected ${wanted}${nullable ? ' or null' : ''}, saw ${show(value)} in row ${row} of the row group`,
    )
  }
}

export class Int64Buffer extends ColumnBuffer {
  #values = new BigInt64Array(0)
  /** Low and high half of each value: two 32-bit stores are several times faster than making a BigInt. */
  #halves = new Uint32Array(0)

  protected growValues(rows: number): void {
    const grown = new BigInt64Array(rows)
    grown.set(this.#values)
    this.#values = grown
    this.#halves = new Uint32Array(grown.buffer)
  }

  protected setPresent(row: number, value: unknown): void {
    if (typeof value === 'number' && Number.isSafeInteger(value)) this.#store(row, value)
    else if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) this.#values[row] = value
    else throw this.unexpected(row, value)
  }

  protected setAbsent(row: number): void {
    this.#values[row] = 0n
  }

  /** `source[from + i]` into rows `row + i`. */
  setBlock(row: number, source: Float64Array | BigInt64Array, from: number, count: number): void {
    this.validity.setValidBlock(row, count)
    if (source instanceof BigInt64Array) {
      this.#values.set(source.subarray(from, from + count), row)
      return
    }
    for (let i = 0; i < count; i++) {
      const value = source[from + i]!
      if (!Number.isSafeInteger(value)) throw this.unexpected(row + i, value)
      this.#store(row + i, value)
    }
  }

  /** `first + i * step` into rows `row + i`. */
  setSequence(row: number, first: number, step: number, count: number): void {
    const last = first + (count - 1) * step
    if (!Number.isSafeInteger(first)) throw this.unexpected(row, first)
    if (!Number.isSafeInteger(last) || !Number.isSafeInteger(step)) throw this.unexpected(row + count - 1, last)
    this.validity.setValidBlock(row, count)
    for (let i = 0; i < count; i++) this.#store(row + i, first + i * step)
  }

  protected valueBuffers(rows: number): object {
    return { data: this.#values.subarray(0, rows) }
  }

  #store(row: number, value: number): void {
    this.#halves[2 * row] = value
    this.#halves[2 * row + 1] = Math.floor(value / 2 ** 32)
  }
}

type NumberArray = Int32Array | Uint32Array | Float32Array | Float64Array

/** int32, uint32, float32 and float64: what JavaScript holds as it is. */
export class NumberBuffer<A extends NumberArray = NumberArray> extends ColumnBuffer {
  readonly #make: (rows: number) => A
  readonly #isInteger: boolean
  #values: A

  constructor(table: string, column: Column, type: DataType, make: (rows: number) => A) {
    super(table, column, type)
    this.#make = make
    this.#values = make(0)
    this.#isInteger = !(this.#values instanceof Float32Array || this.#values instanceof Float64Array)
  }

  protected growValues(rows: number): void {
    const grown = this.#make(rows)
    grown.set(this.#values)
    this.#values = grown
  }

  /** NaN and infinity are not figures: they are null where null is allowed, else an error. */
  protected override isPresent(value: unknown): boolean {
    return this.#isInteger || typeof value !== 'number' || Number.isFinite(value)
  }

  protected setPresent(row: number, value: unknown): void {
    if (typeof value !== 'number') throw this.unexpected(row, value)
    this.#values[row] = value
    if (this.#isInteger && this.#values[row] !== value) throw this.unexpected(row, value)
  }

  protected setAbsent(row: number): void {
    this.#values[row] = 0
  }

  /** `source[from + i]` into rows `row + i`. */
  setBlock(row: number, source: A, from: number, count: number): void {
    this.#values.set(source.subarray(from, from + count), row)
    this.validity.setValidBlock(row, count)
    if (this.#isInteger) return
    for (let i = row; i < row + count; i++) {
      if (!Number.isFinite(this.#values[i]!)) this.set(i, Number.NaN)
    }
  }

  /** One figure, never null, into `count` rows. */
  fill(row: number, value: number, count: number): void {
    if (count === 0) return
    if (!this.isPresent(value)) throw this.unexpected(row, value)
    this.setPresent(row, value)
    this.#values.fill(value, row, row + count)
    this.validity.setValidBlock(row, count)
  }

  protected valueBuffers(rows: number): object {
    return { data: this.#values.subarray(0, rows) }
  }
}

/** Text that repeats: codes into the distinct texts of this row group. */
class DictionaryBuffer extends ColumnBuffer {
  #codes = new Int32Array(0)
  readonly #codeOf = new Map<string, number>()

  protected growValues(rows: number): void {
    const grown = new Int32Array(rows)
    grown.set(this.#codes)
    this.#codes = grown
  }

  protected setPresent(row: number, value: unknown): void {
    if (typeof value !== 'string') throw this.unexpected(row, value)
    let code = this.#codeOf.get(value)
    if (code === undefined) {
      if (this.column.values?.includes(value) === false) throw this.unexpected(row, value)
      code = this.#codeOf.size
      this.#codeOf.set(value, code)
    }
    this.#codes[row] = code
  }

  protected setAbsent(row: number): void {
    this.#codes[row] = 0
  }

  protected valueBuffers(rows: number): object {
    return { data: this.#codes.subarray(0, rows), dictionary: new Vector([utf8Data([...this.#codeOf.keys()])]) }
  }

  override reset(): void {
    this.#codeOf.clear()
  }
}

/** Text that is different in every row. */
class Utf8Buffer extends ColumnBuffer {
  /** Text of row i is bytes [ends[i], ends[i + 1]). */
  #ends = new Int32Array(1)
  #bytes = new Uint8Array(0)
  readonly #encoder = new TextEncoder()

  protected growValues(rows: number): void {
    const grown = new Int32Array(rows + 1)
    grown.set(this.#ends)
    this.#ends = grown
  }

  protected setPresent(row: number, value: unknown): void {
    if (typeof value !== 'string') throw this.unexpected(row, value)
    const start = this.#ends[row]!
    // A UTF-16 code unit takes three bytes of UTF-8 at most.
    const roomBytes = start + 3 * value.length
    if (roomBytes > this.#bytes.length) {
      const grown = new Uint8Array(2 * roomBytes)
      grown.set(this.#bytes.subarray(0, start))
      this.#bytes = grown
    }
    this.#ends[row + 1] = start + this.#encoder.encodeInto(value, this.#bytes.subarray(start)).written
  }

  protected setAbsent(row: number): void {
    this.#ends[row + 1] = this.#ends[row]!
  }

  protected valueBuffers(rows: number): object {
    const valueOffsets = this.#ends.subarray(0, rows + 1)
    return { valueOffsets, data: this.#bytes.subarray(0, valueOffsets[rows]) }
  }
}

export function columnBuffer(table: string, column: Column): ColumnBuffer {
  switch (column.type) {
    case 'int64':
      return new Int64Buffer(table, column, new Int64())
    case 'timestamp_us':
      return new Int64Buffer(table, column, new TimestampMicrosecond('UTC'))
    case 'int32':
      return new NumberBuffer(table, column, new Int32(), (rows) => new Int32Array(rows))
    case 'uint32':
      return new NumberBuffer(table, column, new Uint32(), (rows) => new Uint32Array(rows))
    case 'float32':
      return new NumberBuffer(table, column, new Float32(), (rows) => new Float32Array(rows))
    case 'float64':
      return new NumberBuffer(table, column, new Float64(), (rows) => new Float64Array(rows))
    case 'utf8':
      return new Utf8Buffer(table, column, new Utf8())
    case 'dictionary':
      return new DictionaryBuffer(table, column, new Dictionary(new Utf8(), new Int32()))
  }
}

function utf8Data(texts: readonly string[]): Data<Utf8> {
  const encoded = texts.map((text) => Buffer.from(text))
  const valueOffsets = new Int32Array(texts.length + 1)
  encoded.forEach((bytes, i) => {
    valueOffsets[i + 1] = valueOffsets[i]! + bytes.length
  })
  return makeData({ type: new Utf8(), length: texts.length, nullCount: 0, valueOffsets, data: Buffer.concat(encoded) })
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : typeof value === 'bigint' ? `${value}n` : String(value)
}
