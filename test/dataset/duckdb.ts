import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api'

let connected: Promise<DuckDBConnection> | undefined

/** Rows of a query, int64 as bigint, timestamps as microseconds since 1970. */
export async function duckdb(sql: string): Promise<readonly Record<string, unknown>[]> {
  connected ??= DuckDBInstance.create(':memory:').then((instance) => instance.connect())
  const reader = await (await connected).runAndReadAll(sql)
  return reader
    .getRowObjects()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
}

function plain(value: DuckDBValue): unknown {
  const isTime = value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue
  return isTime ? value.micros : value
}
