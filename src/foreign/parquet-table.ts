import { DataType, type RecordBatch, type Schema, TimeUnit, tableFromIPC, type Vector } from 'apache-arrow'
import type { ParquetFile, RecordBatch as WasmBatch } from 'parquet-wasm'
import { openParquetFile } from '../dataset/parquet-file.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { badCell, type CellBlock, type ForeignTable, NS_HINT } from './foreign-table.ts'

const BLOCK_ROWS = 1 << 16

/** A Parquet file, decoded a block at a time: a row group in memory stays compressed. */
export async function openParquet(path: string): Promise<ForeignTable> {
  const file = await open(path)
  try {
    const schema = schemaOf(file)
    const columns = schema.fields.map(({ name }) => name)
    return { path, columns, seen: () => columns, places: 'row', blocks: (wanted) => readBlocks(path, wanted) }
  } finally {
    file.free()
  }
}

async function open(path: string): Promise<ParquetFile> {
  try {
    return await openParquetFile(path)
  } catch (error) {
    if (!(error instanceof JoulespanError)) throw error
    // its hint is about the tables of a run
    throw new JoulespanError(error.code, error.message, { hint: 'was the file written to its end?', cause: error })
  }
}

function schemaOf(file: ParquetFile): Schema {
  return tableFromIPC(file.schema().intoIPCStream()).schema
}

async function* readBlocks(path: string, wanted: readonly string[]): AsyncGenerator<CellBlock> {
  const file = await open(path)
  try {
    const metadata = file.metadata()
    const fileMetadata = metadata.fileMetadata()
    const total = fileMetadata.numRows()
    for (const held of [fileMetadata, metadata]) held.free()
    const names = schemaOf(file).fields.map(({ name }) => name)
    const columns = wanted.filter((name) => names.includes(name))
    if (total === 0) return
    let first = 1
    const stream = (await file.stream({ batchSize: BLOCK_ROWS, columns })) as ReadableStream<WasmBatch>
    for await (const batch of stream)
      for (const rows of tableFromIPC(batch.intoIPCStream()).batches) {
        if (rows.numRows === 0) continue
        yield blockOf(path, rows, wanted, first, (first - 1 + rows.numRows) / total)
        first += rows.numRows
      }
    if (first - 1 !== total)
      throw new JoulespanError('dataset', `expected ${total} rows as its footer says, saw ${first - 1} in ${path}`)
  } finally {
    file.free()
  }
}

function blockOf(path: string, batch: RecordBatch, wanted: readonly string[], first: number, share: number): CellBlock {
  const rows = batch.numRows
  const table = { path, places: 'row' } as const
  const vectors = wanted.map((name) => batch.getChild(name))
  const bad = (column: number, i: number, expected: string, seen: string, hint?: string): JoulespanError =>
    badCell(table, first + i, wanted[column] as string, expected, seen, hint)
  const int64 = (column: number, i: number): bigint | undefined => {
    const value = wholeAt(vectors[column], i)
    if (value === null) throw bad(column, i, 'a whole number', show(vectors[column], i), NS_HINT)
    return value
  }
  return {
    rows,
    share,
    place: (i) => first + i,
    ns: (column, originNs, out) => {
      const vector = vectors[column] ?? undefined
      if (vector === undefined) out.fill(Number.NaN, 0, rows)
      else if (!fillNs64(vector, originNs, out))
        for (let i = 0; i < rows; i++) {
          const value = int64(column, i)
          out[i] = value === undefined ? Number.NaN : Number(value - originNs)
        }
    },
    int64,
    numbers: (column, out) => {
      const vector = vectors[column] ?? undefined
      if (vector === undefined) {
        out.fill(Number.NaN, 0, rows)
        return
      }
      if (!isNumeric(vector.type))
        throw bad(column, 0, 'floats or integers', `${vector.type}`, 'cast the column to DOUBLE')
      const values = vector.data[0]?.values as ArrayLike<number | bigint>
      for (let i = 0; i < rows; i++) {
        const value = Number(values[i])
        out[i] = Number.isFinite(value) ? value : Number.NaN
      }
      if (vector.nullCount > 0) for (let i = 0; i < rows; i++) if (!vector.isValid(i)) out[i] = Number.NaN
    },
    text: (column, i) => {
      const value: unknown = vectors[column]?.get(i) ?? undefined
      if (value === undefined || typeof value === 'string') return value?.trim() || undefined
      if (typeof value === 'number' || typeof value === 'bigint') return String(value)
      throw bad(column, i, 'text', show(vectors[column], i))
    },
  }
}

/** 64-bit integers and nanosecond timestamps by their halves: a BigInt each would cost more than all the rest. */
function fillNs64(vector: Vector, originNs: bigint, out: Float64Array): boolean {
  const { type } = vector
  const isInt64 = DataType.isInt(type) && type.bitWidth === 64
  const isTimestamp = DataType.isTimestamp(type) && type.unit === TimeUnit.NANOSECOND
  if (!isInt64 && !isTimestamp) return false
  const values = vector.data[0]?.values as BigInt64Array
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  const origin = new Int32Array(new BigInt64Array([originNs]).buffer)
  const [originLow, originHigh] = [(origin[0] as number) >>> 0, origin[1] as number]
  for (let i = 0; i < vector.length; i++)
    out[i] = ((halves[2 * i + 1] as number) - originHigh) * 2 ** 32 + (((halves[2 * i] as number) >>> 0) - originLow)
  if (vector.nullCount > 0) for (let i = 0; i < vector.length; i++) if (!vector.isValid(i)) out[i] = Number.NaN
  return true
}

/** Undefined when empty, null when it is no whole number. */
function wholeAt(vector: Vector | null | undefined, i: number): bigint | undefined | null {
  if (vector === null || vector === undefined || !vector.isValid(i)) return undefined
  const { type } = vector
  if (DataType.isTimestamp(type)) return type.unit === TimeUnit.NANOSECOND ? BigInt(vector.data[0]?.values[i]) : null
  const value: unknown = vector.get(i)
  if (typeof value === 'bigint') return value
  if (typeof value !== 'number') return null
  if (Number.isNaN(value)) return undefined
  return Number.isSafeInteger(value) ? BigInt(value) : null
}

function isNumeric(type: DataType): boolean {
  return DataType.isFloat(type) || DataType.isInt(type)
}

function show(vector: Vector | null | undefined, i: number): string {
  return vector === null || vector === undefined ? 'nothing' : `${vector.get(i)} (${vector.type})`
}
