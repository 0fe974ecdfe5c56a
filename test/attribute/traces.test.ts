// Whole traces: identity, windows, formats and what stands at the edge of a piece that is read.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/units/random.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { attributed, type Row, rowsOf, scratch } from './attributed.ts'

const ORIGIN = 1_763_900_000_000_000_123n

interface Made {
  readonly power: string
  readonly spans: string
  /** Integral of the power over cells that reach half-way to their neighbours, J. */
  readonly measuredJ: number
}

/** Random power and spans of every kind, good and bad, in two CSV files. */
function make(seed: number, { seconds = 3, jitter = 0, badSpans = true } = {}): Made {
  const random = seededRandom(seed)
  const folder = scratch()
  const stepNs = 1e6
  const times: number[] = []
  const watts: number[] = []
  for (let t = 0; t < seconds * 1e9; t += Math.round(stepNs * (1 + jitter * (random() - 0.5)))) {
    if (random() < 0.002) t += 20 * stepNs
    times.push(t)
    watts.push(random() < 0.01 ? Number.NaN : 3 + Math.round(random() * 1000) / 500)
  }
  const spans: string[] = ['start_ns,end_ns,segment,kind,model,device,inference_id']
  const at = (ns: number): bigint => ORIGIN + BigInt(Math.round(ns))
  for (let i = 0; i < seconds * 20; i++) {
    const start = random() * seconds * 1.02e9
    const length = badSpans && random() < 0.05 ? -3e6 : random() * 40e6
    const end = badSpans && random() < 0.05 ? '' : at(start + length)
    const kind = random() < 0.1 ? 'load' : ''
    const row = `${at(start)},${end},${i % 3},${kind},m${i % 2},tpu${i % 4},${kind === '' ? i >> 1 : ''}`
    spans.push(row, ...(badSpans && random() < 0.05 ? [row] : []))
  }
  const power = ['t_ns,a_w,b_w', ...times.map((t, i) => `${at(t)},${Number.isNaN(watts[i]) ? '' : watts[i]},1.25`)]
  writeFileSync(join(folder, 'power.csv'), power.join('\n'))
  writeFileSync(join(folder, 'spans.csv'), spans.join('\n'))
  return { power: join(folder, 'power.csv'), spans: join(folder, 'spans.csv'), measuredJ: integral(times, watts) }
}

function integral(times: readonly number[], watts: readonly number[]): number {
  const steps = times.slice(1).map((t, i) => t - (times[i] as number))
  const period = [...steps].sort((a, b) => a - b)[(steps.length - 1) >> 1] as number
  const isRegular = Math.max(...steps.filter((step) => step < 2 * period)) / period < 1.05
  const gap = (isRegular ? 1.5 : 2.5) * period
  let joules = 0
  for (const [i, w] of watts.entries()) {
    if (Number.isNaN(w)) continue
    const [before, after] = [steps[i - 1] ?? Number.POSITIVE_INFINITY, steps[i] ?? Number.POSITIVE_INFINITY]
    joules += (w * ((before > gap ? period : before) + (after > gap ? period : after))) / 2 / 1e9
  }
  return joules
}

test('property: random spans, gaps and times: every joule of the file is in exactly one place, every row comes out', async () => {
  for (let seed = 1; seed <= 9; seed++) {
    const made = make(seed, { jitter: seed % 3 === 0 ? 0.8 : 0 })
    const { document, stages } = await attributed(made.power, made.spans, { windowNs: (1 + (seed % 4)) * 1e9 })
    for (const [rail, e] of Object.entries(document.energy))
      assert.ok(e.conservation_error <= 1e-9, `seed ${seed}, rail ${rail}: ${e.conservation_error}`)
    const off = Math.abs((document.energy.a?.measured_j ?? 0) / made.measuredJ - 1)
    // uneven times within 1 % of an even grid are put on it
    assert.ok(off < (seed % 3 === 0 ? 1e-5 : 1e-9), `seed ${seed}: measured off by ${off}`)
    assert.is(stages.length, document.spans.rows, `seed ${seed}`)
    assert.is(document.rows.inferences.total, document.spans.inferences)
  }
})

test('windows change nothing', async () => {
  const made = make(77, { seconds: 9 })
  const options = { idleW: 3 }
  const whole = await attributed(made.power, made.spans, options)
  const parts = await attributed(made.power, made.spans, { ...options, windowNs: 1e9 })
  const byId = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => Number(a.span_id) - Number(b.span_id))
  for (const [i, row] of byId(whole.stages).entries()) {
    const other = byId(parts.stages)[i] as Row
    for (const key of ['span_id', 'start_ns', 'end_ns', 'method', 'reason', 'flags', 'n_samples', 'power_peak_w'])
      assert.equal(other[key], row[key], `${row.span_id}: ${key}`)
    near(other.energy_j, row.energy_j, `${row.span_id}: energy_j`)
    near(other.coverage, row.coverage, `${row.span_id}: coverage`)
  }
  near(parts.document.energy.a?.attributed_j, whole.document.energy.a?.attributed_j, 'attributed_j')
  near(parts.document.energy.a?.gap_s, whole.document.energy.a?.gap_s, 'gap_s')
})

test('the same inputs give the same files; CSV and Parquet give the same figures', async () => {
  const { power, spans } = make(5)
  const first = await attributed(power, spans)
  const again = await attributed(power, spans)
  assert.equal(again.document.files, first.document.files)
  const folder = scratch()
  const [powerParquet, spansParquet] = [join(folder, 'power.parquet'), join(folder, 'spans.parquet')]
  // row groups smaller and larger than the blocks that are read
  await duckdb(`copy (select * from '${power}') to '${powerParquet}' (row_group_size 2048)`)
  await duckdb(`copy (select * from read_csv('${spans}')) to '${spansParquet}'`)
  const other = await attributed(powerParquet, spansParquet)
  assert.equal(other.document.energy, first.document.energy)
  const figures = (rows: readonly Row[]): unknown[] =>
    rows.map(({ span_id, ...row }) => ({ ...row, at: Number(span_id) }))
  // a row of a Parquet file counts from 1, a line of a CSV file behind its header from 2
  const lines = figures(other.stages).map((row) => ({ ...(row as Row), at: Number((row as Row).at) + 1 }))
  assert.equal(lines, figures(first.stages))
})

test('Parquet: nanosecond timestamps, dictionaries, unsigned and narrow integers, floats of either width', async () => {
  const folder = scratch()
  const [power, spans] = [join(folder, 'power.parquet'), join(folder, 'spans.parquet')]
  await duckdb(
    `copy (select make_timestamp_ns(${ORIGIN} + i * 1000000 + 500000) t_ns, (case when i between 20 and 29 then 5 else 3 end)::float v12_w, 1::utinyint v3_w from range(100) r(i)) to '${power}'`,
  )
  await duckdb(
    `copy (select 7::uinteger inference_id, 'tpu'::varchar device, 'm' model, 0::tinyint segment, ${ORIGIN} + 20000000 start_ns, ${ORIGIN} + 30000000 end_ns) to '${spans}'`,
  )
  const { inferences } = await attributed(power, spans)
  near(inferences[0]?.energy_j, 0.02, 'energy_j')
  assert.is(inferences[0]?.start_ns, ORIGIN + 20_000_000n)
  await duckdb(`copy (select i::bigint t_ns, 1.5::decimal(5,2) v12_w from range(9) r(i)) to '${power}'`)
  const error = await attributed(power, spans).catch((reason) => reason)
  assert.match(error.message, /column v12_w: expected floats or integers, saw 'Decimal/)
})

test('groups and powers are whole tables, whatever they hold', async () => {
  const { power, spans } = make(9)
  const { out, document } = await attributed(power, spans)
  for (const table of ['groups', 'powers'] as const) {
    assert.is((await rowsOf(out, table)).length, document.files[table].rows)
    const [described] = await duckdb(
      `select count(*) n from (describe select * from '${join(out, `${table}.parquet`)}')`,
    )
    assert.ok(Number(described?.n) > 5)
  }
})

function near(seen: unknown, expected: unknown, what: string): void {
  const off = seen === expected ? 0 : Math.abs((seen as number) - (expected as number))
  const isNear = off <= 1e-9 * Math.max(1e-3, Math.abs(expected as number))
  assert.ok(isNear && (seen === null) === (expected === null), `${what}: expected ${expected}, saw ${seen}`)
}

test.run()
