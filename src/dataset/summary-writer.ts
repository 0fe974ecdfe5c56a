import { type DataType, Float64, Int64, TimestampMicrosecond, Utf8 } from 'apache-arrow'
import parquet, { type FieldDefinition } from 'parquetjs-lite'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { arrowSchema, encodeArrowSchema, KEY_VALUE_NAME, keyValueJson } from './arrow-schema.ts'
import type { Column } from './column.ts'
import { replaceFile } from './replace-file.ts'
import { SUMMARY, type SummaryRow } from './summary-table.ts'

type SummaryType = (typeof SUMMARY)['columns'][number]['type']
type Cell = string | number | bigint | undefined

/** `summary.parquet`, by parquetjs-lite: a few rows, kept within what that library writes correctly. */
export async function writeSummary(path: string, runId: string, rows: readonly SummaryRow[]): Promise<void> {
  const columns: readonly (Column & { type: SummaryType })[] = SUMMARY.columns
  const cells = rows.map((row) => Object.fromEntries(columns.map((column) => [column.name, cellOf(column, row)])))
  const identity = { table: SUMMARY.name, runId }
  const types = columns.map((column) => ARROW_TYPES[column.type])
  const bytes = await encode(columns, cells, {
    [KEY_VALUE_NAME]: keyValueJson(columns, identity),
    'ARROW:schema': encodeArrowSchema(arrowSchema(columns, types, identity)),
  })
  await replaceFile(path, bytes)
}

/** Checked here, because parquetjs-lite rounds an int64 of 2^53 and more, keeps its statistics unrounded, and throws on NaN. */
function cellOf(column: Column & { type: SummaryType }, row: SummaryRow): Cell {
  const value: unknown = row[column.name as keyof SummaryRow]
  const isFigure = typeof value !== 'number' || column.type !== 'float64' || Number.isFinite(value)
  if (value === null || value === undefined || !isFigure) {
    if (column.nullable) return undefined
    throw unexpected(column, value)
  }
  switch (column.type) {
    case 'utf8':
      if (typeof value === 'string') return value
      break
    case 'float64':
      if (typeof value === 'number') return value
      break
    case 'int64':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value
      if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value)
      break
    case 'timestamp_us':
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  }
  throw unexpected(column, value)
}

function unexpected(column: Column, value: unknown): JoulespanError {
  const range = column.type === 'int64' ? ' between -(2^53 - 1) and 2^53 - 1' : ''
  return new JoulespanError(
    'dataset',
    `table ${SUMMARY.name}, column ${column.name}: expected ${column.type}${range}, saw ${String(value)}`,
  )
}

async function encode(
  columns: readonly (Column & { type: SummaryType })[],
  rows: readonly Record<string, Cell>[],
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const stream: parquet.OutputStream = {
    write: (bytes, done) => {
      chunks.push(bytes)
      done()
    },
    end: (done) => done(),
  }
  // Its page index lacks a required field: readers built on parquet-rs refuse the file.
  const options = { pageIndex: false }
  const schema = new parquet.ParquetSchema(Object.fromEntries(columns.map(fieldOf)))
  const writer = await parquet.ParquetWriter.openStream(schema, stream, options)
  for (const [key, value] of Object.entries(metadata)) writer.setMetadata(key, value)
  for (const row of rows) await writer.appendRow(row)
  await writer.close()
  return Buffer.concat(chunks)
}

function fieldOf({ name, type, nullable }: Column & { type: SummaryType }): [string, FieldDefinition] {
  return [name, { type: PARQUET_TYPES[type], optional: nullable, compression: 'SNAPPY' }]
}

const PARQUET_TYPES: Record<SummaryType, FieldDefinition['type']> = {
  utf8: 'UTF8',
  int64: 'INT64',
  float64: 'DOUBLE',
  timestamp_us: 'TIMESTAMP_MICROS',
}

const ARROW_TYPES: Record<SummaryType, DataType> = {
  utf8: new Utf8(),
  int64: new Int64(),
  float64: new Float64(),
  timestamp_us: new TimestampMicrosecond('UTC'),
}
