import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readParquet } from '../../src/dataset/read-table.ts'
import { temporaryPath } from '../../src/dataset/replace-file.ts'
import { SUMMARY, type SummaryRow } from '../../src/dataset/summary-table.ts'
import { writeSummary } from '../../src/dataset/summary-writer.ts'
import { duckdb } from './duckdb.ts'
import { errorOf } from './error-of.ts'
import { scratchFolder } from './scratch-folder.ts'

const folder = scratchFolder()
const LARGEST = 2 ** 53 - 1
const INT64_COLUMNS = SUMMARY.columns.filter(({ type }) => type === 'int64').map(({ name }) => name)
const FLOAT_COLUMNS = SUMMARY.columns.filter(({ type }) => type === 'float64').map(({ name }) => name)

const ROW: SummaryRow = {
  run_id: '20261123T204001Z-mobilenetv2-4tpu-7k3f',
  start_time: 1_795_466_401_123_457,
  task: 'camera',
  model: 'naïve net',
  n_inferences: 1000,
  energy_mean_j: 0.0213,
  energy_mean_u_j: 0.0001,
  energy_idle_mean_j: 0.004,
  energy_gross_mean_j: 0.0253,
  energy_rail_per_inference_j: 0.03,
  energy_median_j: 0.0212,
  energy_sd_j: 0.0008,
  duration_mean_ns: 4_100_000,
  duration_p50_ns: 4_000_000,
  duration_p95_ns: 5_000_000,
  duration_p99_ns: 6_000_000,
  throughput_per_s: 240.5,
  coverage_min: 0.998,
  frames_lost: 0,
  events_lost: 0,
  align_bound_ns_p99: 91_000.5,
  conservation_error: 3e-16,
}

test('DuckDB finds every cell and type, and statistics that agree with them', async () => {
  const path = join(folder, 'summary.parquet')
  const total: SummaryRow = { ...ROW, task: null, model: null, n_inferences: 5000, energy_sd_j: undefined }
  await writeSummary(path, ROW.run_id, [ROW, { ...ROW, task: 'idle', n_inferences: 7 }, total])
  const rows = await duckdb(`select * from '${path}'`)
  const expected = (row: SummaryRow) =>
    Object.fromEntries(
      SUMMARY.columns.map(({ name, type }) => {
        const value = row[name] ?? null
        return [name, value !== null && (type === 'int64' || type === 'timestamp_us') ? BigInt(value) : value]
      }),
    )
  assert.equal(rows, [expected(ROW), expected({ ...ROW, task: 'idle', n_inferences: 7 }), expected(total)])
  const types = await duckdb(`select column_type from (describe select * from '${path}')`)
  // The library says the zone in the old way only, which DuckDB takes for a time without one.
  const byType = { utf8: 'VARCHAR', timestamp_us: 'TIMESTAMP', int64: 'BIGINT', float64: 'DOUBLE' }
  assert.equal(
    types.map(({ column_type }) => column_type),
    SUMMARY.columns.map(({ type }) => byType[type]),
  )
  const [n] = await duckdb(`select stats_min_value as least, stats_max_value as most, stats_null_count::int as nulls
    from parquet_metadata('${path}') where path_in_schema = 'n_inferences'`)
  assert.equal(n, { least: '7', most: '5000', nulls: 0 })
})

test('an int64 is exact to 2^53 - 1 either way, pruning included, and refused beyond by name', async () => {
  const path = join(folder, 'limits.parquet')
  for (const name of INT64_COLUMNS) {
    for (const value of [LARGEST, -LARGEST, BigInt(LARGEST), 0]) {
      await writeSummary(path, 'r', [{ ...ROW, [name]: value }])
      assert.equal(await duckdb(`select ${name} as v from '${path}' where ${name} = ${value}`), [{ v: BigInt(value) }])
    }
    for (const value of [2 ** 53, -(2 ** 53), 2n ** 53n, -(2n ** 60n), 0.5, Number.NaN]) {
      const error = await errorOf(writeSummary(path, 'r', [{ ...ROW, [name]: value }]))
      assert.is(error.code, 'dataset')
      assert.match(error.message, `table summary, column ${name}: expected int64 between -(2^53 - 1) and 2^53 - 1, saw`)
    }
  }
})

test('a figure that is NaN, infinite or missing is null', async () => {
  const path = join(folder, 'nulls.parquet')
  for (const absent of [Number.NaN, Number.POSITIVE_INFINITY, undefined, null]) {
    const absentFigures = Object.fromEntries(FLOAT_COLUMNS.map((name) => [name, absent]))
    await writeSummary(path, 'r', [{ ...ROW, ...absentFigures }, ROW])
    for (const name of FLOAT_COLUMNS) {
      const [seen] = await duckdb(`select count(*)::int as rows, count(${name})::int as figures from '${path}'`)
      assert.equal(seen, { rows: 2, figures: 1 }, name)
    }
  }
})

test('what may not be null or is of another type is refused by name', async () => {
  const path = join(folder, 'refused.parquet')
  for (const [name, value] of [
    ['run_id', null],
    ['run_id', 7],
    ['n_inferences', undefined],
    ['task', 7],
    ['start_time', -1],
    ['start_time', 0.5],
    ['energy_mean_j', '1'],
  ] as const) {
    const error = await errorOf(writeSummary(path, 'r', [{ ...ROW, [name]: value } as unknown as SummaryRow]))
    assert.match(error.message, `column ${name}: expected`)
  }
  assert.not.ok(readdirSync(folder).some((name) => name.includes('refused')))
})

test('no rows are a file with the schema, equal rows equal bytes, and units are in both places', async () => {
  const empty = join(folder, 'empty.parquet')
  await writeSummary(empty, 'r', [])
  assert.equal(await duckdb(`select count(*)::int as n from '${empty}'`), [{ n: 0 }])
  const paths = ['one.parquet', 'two.parquet'].map((name) => join(folder, name))
  for (const path of paths) await writeSummary(path, 'r', [ROW, ROW])
  assert.equal(readFileSync(paths[0]!), readFileSync(paths[1]!))
  const { schema, numRows } = await readParquet(paths[0]!)
  assert.is(numRows, 2)
  assert.is(schema.fields.find(({ name }) => name === 'energy_mean_j')!.metadata.get('unit'), 'J')
  const [entry] = await duckdb(
    `select decode(value) as json from parquet_kv_metadata('${empty}') where decode(key) = 'joulespan'`,
  )
  assert.is(JSON.parse(String(entry!.json)).units.duration_p99_ns, 'ns')
})

test('a full disk leaves the summary that was there', async () => {
  const path = join(folder, 'full.parquet')
  await writeSummary(path, 'r', [ROW])
  const before = readFileSync(path)
  symlinkSync('/dev/full', temporaryPath(path))
  const error = await errorOf(writeSummary(path, 'r', [ROW, ROW]))
  assert.is(error.code, 'disk')
  assert.match(error.message, `cannot write ${path}: ENOSPC`)
  assert.equal(readFileSync(path), before)
  assert.not.ok(readdirSync(folder).some((name) => name.endsWith('.tmp')))
})

test.run()
