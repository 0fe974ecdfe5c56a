import type { DataType } from 'apache-arrow'
import { Field, Schema, Table, tableToIPC } from 'apache-arrow'
import type { Column } from './column.ts'
import { SCHEMA_VERSION } from './schema.ts'

/** What a file says about itself, beside its columns. */
export interface FileIdentity {
  readonly table: string
  readonly runId: string
}

/** The schema with unit and description on every field: what pandas, Polars and Arrow show. */
export function arrowSchema(columns: readonly Column[], types: readonly DataType[], identity: FileIdentity): Schema {
  const fields = columns.map(({ name, nullable, unit, description }, i) => {
    const metadata = new Map([
      ['unit', unit],
      ['description', description],
    ])
    return new Field(name, types[i]!, nullable, metadata)
  })
  const metadata = new Map([
    ['joulespan.table', identity.table],
    ['joulespan.schema_version', String(SCHEMA_VERSION)],
    ['joulespan.run_id', identity.runId],
  ])
  return new Schema(fields, metadata)
}

/** Name of the one key-value entry that readers without Arrow (DuckDB, R's nanoparquet) find the units under. */
export const KEY_VALUE_NAME = 'joulespan'

/**
 * The same as JSON, under one key: parquet-wasm writes several entries in the order of a hash map, which is another one in
 * every file, and equal rows must give equal bytes.
 */
export function keyValueJson(columns: readonly Column[], identity: FileIdentity): string {
  return JSON.stringify({
    table: identity.table,
    schema_version: SCHEMA_VERSION,
    run_id: identity.runId,
    units: Object.fromEntries(columns.map(({ name, unit }) => [name, unit])),
  })
}

/** Value of the key-value entry `ARROW:schema`, for a writer that does not make it: an Arrow IPC schema message. */
export function encodeArrowSchema(schema: Schema): string {
  const stream = tableToIPC(new Table(schema), 'stream')
  return Buffer.from(stream.subarray(0, stream.length - END_OF_STREAM_BYTES)).toString('base64')
}

const END_OF_STREAM_BYTES = 8
