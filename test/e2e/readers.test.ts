// The dataset of a real run, read by others: DuckDB and pyarrow.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { columnsOf, TABLE_NAMES, TABLES } from '../../src/dataset/schema.ts'
import { trueInferenceEnergies } from '../../src/truth/read-truth.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { emulate, recipeOf, root } from './testbed.ts'

// two rails and a voltage channel: every kind of column is in use
const run = await emulate(recipeOf('two-rails', { duration: '4 s', 'testbed.faults': '[drop:2e-5]' }))
const part = (table: string): string => join(run.path, table, 'part-00000.parquet')

for (const table of TABLE_NAMES) {
  test(`${table}: DuckDB sees the types, and statistics that agree with the data`, async () => {
    const columns = columnsOf(TABLES[table], run.runJson.rails)
    const described = await duckdb(`describe select * from '${part(table)}'`)
    assert.equal(
      described.map((row) => row.column_name),
      columns.map((column) => column.name),
    )
    for (const column of columns.filter(({ type }) => type === 'int64' || type === 'float64')) {
      const name = `"${column.name}"`
      const [data] = await duckdb(
        `select count(*) - count(${name}) as nulls, min(${name}) as low, max(${name}) as high from '${part(table)}'`,
      )
      const [statistics] = await duckdb(
        `select sum(stats_null_count)::bigint as nulls, min(stats_min::${sqlType(column.type)}) as low, max(stats_max::${sqlType(column.type)}) as high
         from parquet_metadata('${part(table)}') where path_in_schema = '${column.name}'`,
      )
      const rows = await duckdb(`select count(*) as n from '${part(table)}'`)
      if (rows[0]?.n === 0n) continue
      assert.is(String(statistics?.nulls), String(data?.nulls), `nulls of ${column.name}`)
      assert.is(String(statistics?.low), String(data?.low), `minimum of ${column.name}`)
      assert.is(String(statistics?.high), String(data?.high), `maximum of ${column.name}`)
      if (!column.nullable) assert.is(data?.nulls, 0n)
    }
  })
}

test('spans in the table are the spans in the events, to the nanosecond', async () => {
  const [off] = await duckdb(
    `with s as (select span_id, min(t_ns) as start_ns, max(t_ns) as end_ns from '${part('events')}' where kind = 'stage' group by span_id)
     select count(*) as n, count(*) filter (where s.start_ns <> t.start_ns or s.end_ns <> t.end_ns) as off
     from s join '${part('stages')}' t on t.span_id = s.span_id`,
  )
  assert.ok(Number(off?.n) > 100)
  assert.is(off?.off, 0n)
})

test('a pruned query finds the row that a scan finds', async () => {
  const [row] = await duckdb(`select start_ns from '${part('inferences')}' offset 20 limit 1`)
  const [found] = await duckdb(`select count(*) as n from '${part('inferences')}' where start_ns = ${row?.start_ns}`)
  assert.is(found?.n, 1n)
})

test('energies in DuckDB are those of run.json, rail by rail, and the truth is near', async () => {
  const [sums] = await duckdb(
    `select sum(energy_j) as total, sum(energy_v12_j) as v12, sum(energy_v3_3_j) as v3_3
     from '${part('stages')}' where kind = 'stage'`,
  )
  assert.ok(Math.abs(Number(sums?.v12) - (run.runJson.energy.v12?.attributed_j ?? 0)) < 1e-9)
  assert.ok(Math.abs(Number(sums?.v3_3) - (run.runJson.energy.v3_3?.attributed_j ?? 0)) < 1e-9)
  assert.ok(Math.abs(Number(sums?.v12) + Number(sums?.v3_3) - Number(sums?.total)) < 1e-9)
  const truth = trueInferenceEnergies(join(run.path, 'truth'))
  const rows = await duckdb(`select inference_id, energy_j from '${part('inferences')}' where energy_j is not null`)
  const ratio =
    rows.reduce((sum, r) => sum + Number(r.energy_j), 0) /
    rows.reduce((sum, r) => sum + (truth.get(Number(r.inference_id)) ?? 0), 0)
  assert.ok(Math.abs(ratio - 1) < 0.06, `measured / true = ${ratio}`)
})

test('a gap is one row with null power and its flag', async () => {
  const [gaps] = await duckdb(`select count(*) as n, count(v12_w) as known from '${part('power')}' where flags & 1 = 1`)
  const lost = run.runJson.link.frames_lost
  assert.ok(lost > 0)
  assert.is(gaps?.known, 0n)
  assert.ok(Number(gaps?.n) > 0 && Number(gaps?.n) <= lost)
  const [jumps] = await duckdb(
    `with p as (select sample_index, lead(sample_index) over (order by sample_index) - sample_index as step, flags from '${part('power')}')
     select sum(step) filter (where flags & 1 = 1) as missing from p`,
  )
  assert.is(Number(jumps?.missing), run.runJson.link.samples_lost)
})

const python = process.env.JOULESPAN_PYTHON ?? ''
if (python === '') console.log('skipped: JOULESPAN_PYTHON names no python with pyarrow')
else
  test('pyarrow reads every table, with units and descriptions in the field metadata', () => {
    const script = join(root, 'test/dataset/describe_parquet.py')
    const files = [...TABLE_NAMES.filter((table) => table !== 'power').map(part), join(run.path, 'summary.parquet')]
    const described = JSON.parse(execFileSync(python, [script, ...files], { encoding: 'utf8', maxBuffer: 1e9 }))
    for (const [i, file] of described.entries())
      for (const field of file.fields) {
        assert.ok(field.metadata.unit.length > 0, `${files[i]}: ${field.name} has no unit`)
        assert.ok(field.metadata.description.length > 0, `${files[i]}: ${field.name} has no description`)
      }
    const rows = Object.fromEntries(TABLE_NAMES.filter((t) => t !== 'power').map((t, i) => [t, described[i].rows]))
    assert.is(rows.inferences, run.runJson.counts.inferences)
    assert.is(rows.events, run.runJson.counts.events)
  })

test('run.json says what was run', () => {
  const written = JSON.parse(readFileSync(join(run.path, 'run.json'), 'utf8'))
  assert.is(written.recipe.name, 'two-rails')
  assert.equal(written.rails, ['v12', 'v3_3'])
  assert.ok(written.firmware.version)
})

function sqlType(type: string): string {
  return type === 'int64' ? 'bigint' : 'double'
}

test.run()
