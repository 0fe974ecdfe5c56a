import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Column } from '../../src/dataset/column.ts'
import { PartWriter } from '../../src/dataset/parquet-writer.ts'
import { appendPowerBlock } from '../../src/dataset/power-block.ts'
import { POWER } from '../../src/dataset/power-table.ts'
import { columnsOf, TABLE_NAMES, TABLES, type TableName } from '../../src/dataset/schema.ts'
import { duckdb } from './duckdb.ts'
import { scratchFolder } from './scratch-folder.ts'
import { type MadeRow, makeRows, type Stored } from './table-rows.ts'

const RAILS = ['v12', 'v3_3', 'v1_8']
const ROWS = 2500
const ROW_GROUP_ROWS = 1000
const DUCKDB_TYPES: Record<Column['type'], string> = {
  int64: 'BIGINT',
  int32: 'INTEGER',
  uint32: 'UINTEGER',
  float64: 'DOUBLE',
  float32: 'FLOAT',
  utf8: 'VARCHAR',
  dictionary: 'VARCHAR',
  timestamp_us: 'TIMESTAMP WITH TIME ZONE',
}

const folder = scratchFolder()

for (const name of TABLE_NAMES) {
  const columns = columnsOf(TABLES[name], RAILS)
  const path = join(folder, name, 'part-00000.parquet')
  const made: readonly MadeRow<(typeof TABLES)[TableName]>[] = makeRows(TABLES[name], RAILS, ROWS, 1 + name.length)

  test(`${name}: DuckDB finds every cell, type and null as written`, async () => {
    const writer = await PartWriter.open(TABLES[name], { path, runId: 'r', rails: RAILS, rowGroupRows: ROW_GROUP_ROWS })
    for (const { row } of made) writer.rows.appendRow(row as never)
    const part = await writer.close()
    assert.is(part.rows, ROWS)
    assert.is(part.row_groups, 3)

    const types = await duckdb(`describe select * from '${path}'`)
    assert.equal(
      types.map(({ column_name, column_type }) => [column_name, column_type]),
      columns.map((column) => [column.name, DUCKDB_TYPES[column.type]]),
    )
    const rows = await duckdb(`select * from '${path}'`)
    assert.is(rows.length, ROWS)
    rows.forEach((row, i) => {
      assert.equal(row, made[i]!.stored, `row ${i}`)
    })
  })

  test(`${name}: a column that may not be null is required in the file`, async () => {
    const schema = await duckdb(`select name, repetition_type from parquet_schema('${path}') where type is not null`)
    assert.equal(
      schema.map(({ name: column, repetition_type }) => [column, repetition_type]),
      columns.map((column) => [column.name, column.nullable ? 'OPTIONAL' : 'REQUIRED']),
    )
  })

  test(`${name}: statistics of every row group agree with its data`, async () => {
    const chunks = await duckdb(`select row_group_id, row_group_num_rows, path_in_schema, compression, encodings,
      stats_null_count, stats_min_value, stats_max_value from parquet_metadata('${path}')`)
    assert.is(chunks.length, 3 * columns.length)
    for (const chunk of chunks) {
      const column = columns.find((candidate) => candidate.name === chunk.path_in_schema)!
      const first = Number(chunk.row_group_id) * ROW_GROUP_ROWS
      const cells = made.slice(first, first + ROW_GROUP_ROWS).map(({ stored }) => stored[column.name]!)
      assert.is(Number(chunk.row_group_num_rows), cells.length)
      assert.is(Number(chunk.stats_null_count), cells.filter((cell) => cell === null).length, column.name)
      assert.is(chunk.compression, 'ZSTD')
      assert.match(String(chunk.encodings), encodingOf(column), column.name)
      const { least, greatest } = extremes(cells)
      assert.equal(parseStatistic(column, chunk.stats_min_value), least, `${column.name} least`)
      assert.equal(parseStatistic(column, chunk.stats_max_value), greatest, `${column.name} greatest`)
    }
  })

  test(`${name}: no rows are a file with the schema`, async () => {
    const empty = join(folder, name, 'part-00001.parquet')
    const writer = await PartWriter.open(TABLES[name], { path: empty, runId: 'r', rails: RAILS })
    const part = await writer.close()
    assert.is(part.rows, 0)
    assert.is(part.row_groups, 0)
    const types = await duckdb(`describe select * from '${empty}'`)
    assert.is(types.length, columns.length)
    assert.equal(await duckdb(`select count(*)::int as n from '${empty}'`), [{ n: 0 }])
    assert.equal(await duckdb(`select count(*)::int as n from '${join(folder, name)}/*.parquet'`), [{ n: ROWS }])
  })
}

test('pruning at exact nanoseconds finds each sample once, and nothing between', async () => {
  const path = join(folder, 'exact', 'part-00000.parquet')
  const samples = 5000
  const first = 2 ** 53 - 1 - (samples - 1) * 2
  const tNs = Float64Array.from({ length: samples }, (_, i) => first + 2 * i)
  const writer = await PartWriter.open(POWER, { path, runId: 'r', rails: ['v12'], rowGroupRows: 100 })
  const watts = [new Float32Array(samples)]
  appendPowerBlock(writer.rows, { tNs, utcAtStartUs: 0, watts, firstIndex: 0, flags: 0 })
  assert.is((await writer.close()).row_groups, 50)

  const ends = tNs.filter((_, i) => i % 100 === 0 || i % 100 === 99)
  for (const t of ends) {
    const [hit] = await duckdb(`select count(*)::int as n, min(sample_index) as i from '${path}' where t_ns = ${t}`)
    assert.equal(hit, { n: 1, i: BigInt((t - first) / 2) })
    const [miss] = await duckdb(`select count(*)::int as n from '${path}' where t_ns = ${t}::bigint + 1`)
    assert.equal(miss, { n: 0 })
  }
  const [range] = await duckdb(
    `select count(*)::int as n from '${path}' where t_ns >= ${tNs[1234]} and t_ns < ${tNs[2345]}`,
  )
  assert.equal(range, { n: 2345 - 1234 })
})

test('units are under one key for readers without Arrow', async () => {
  const path = join(folder, 'power', 'part-00000.parquet')
  const [entry] = await duckdb(
    `select decode(value) as json from parquet_kv_metadata('${path}') where decode(key) = 'joulespan'`,
  )
  const document = JSON.parse(String(entry!.json))
  assert.is(document.table, 'power')
  assert.is(document.schema_version, 1)
  assert.is(document.run_id, 'r')
  assert.equal(document.units, {
    t_ns: 'ns',
    time: 'us',
    v12_w: 'W',
    v3_3_w: 'W',
    v1_8_w: 'W',
    sample_index: '{sample}',
    flags: '1',
  })
})

test('row groups of several open parts do not mix', async () => {
  const open = (i: number) =>
    PartWriter.open(POWER, { path: join(folder, `mixed-${i}.parquet`), runId: 'r', rails: ['v12'], rowGroupRows: 50 })
  const writers = await Promise.all([0, 1, 2].map(open))
  for (let round = 0; round < 9; round++) {
    await Promise.all(
      writers.map((writer, i) => {
        const tNs = Float64Array.from({ length: 40 }, (_, j) => round * 40 + j)
        const watts = [new Float32Array(40).fill(i)]
        appendPowerBlock(writer.rows, { tNs, utcAtStartUs: 0, watts, firstIndex: round * 40, flags: i })
        return writer.flush()
      }),
    )
  }
  for (const [i, writer] of writers.entries()) {
    await writer.close()
    const [seen] = await duckdb(`select count(*)::int as n, min(flags) as least, max(flags) as most,
      max(t_ns)::int as last from '${join(folder, `mixed-${i}.parquet`)}'`)
    assert.equal(seen, { n: 360, least: i, most: i, last: 359 })
  }
})

function encodingOf(column: Column): RegExp {
  if (column.type === 'utf8' || column.type === 'dictionary') return /DICTIONARY/
  return column.type.startsWith('float') ? /BYTE_STREAM_SPLIT/ : /DELTA_BINARY_PACKED/
}

function extremes(cells: readonly Stored[]): { least: Stored; greatest: Stored } {
  const sorted = cells.filter((cell) => cell !== null).sort(compare)
  return { least: sorted[0]!, greatest: sorted.at(-1)! }
}

/** Text by its bytes, as Parquet orders it. */
function compare(a: NonNullable<Stored>, b: NonNullable<Stored>): number {
  if (typeof a === 'string' || typeof b === 'string')
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
  return a < b ? -1 : a > b ? 1 : 0
}

function parseStatistic(column: Column, text: unknown): Stored {
  switch (column.type) {
    case 'int64':
      return BigInt(String(text))
    case 'timestamp_us':
      return epochMicroseconds(String(text))
    case 'utf8':
    case 'dictionary':
      return String(text)
    case 'float32':
      return Math.fround(Number(text))
    default:
      return Number(text)
  }
}

/** `2026-11-23 20:40:01.123456+00` */
function epochMicroseconds(text: string): bigint {
  const [, seconds, fraction = ''] = /^([^.+]+)(?:\.(\d+))?\+00$/.exec(text)!
  return BigInt(Date.parse(`${seconds!.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

test.run()
