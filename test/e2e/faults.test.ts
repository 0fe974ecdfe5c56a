// Faults of the link, the device and the runner: each is counted, flagged in the rows it touches, and never turned into energy.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ROW_FLAGS } from '../../src/energy/flags.ts'
import { trueInferenceEnergies } from '../../src/truth/read-truth.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { type EmulatedRun, emulate, recipeOf } from './testbed.ts'

for (const fault of ['drop', 'flip', 'insert'])
  test(`1e-4 of the bytes: ${fault}. Lost frames are flagged rows and uncovered energy, never a wrong energy`, async () => {
    const run = await emulate(demo({ 'testbed.faults': `[${fault}:1e-4]` }))
    const { link, energy, counts } = run.runJson
    assert.ok(link.frames_lost > 20, `${link.frames_lost} frames lost`)
    assert.ok(Object.values(link.frames_bad).some((n) => n > 0))
    assert.ok(warned(run, 'frames-lost') && warned(run, 'frames-bad'))
    assert.ok((energy.v12?.uncovered_j ?? 0) > 0)
    assert.ok((energy.v12?.conservation_error ?? 1) < 1e-9)
    const rows = await rowsOf(run)
    assert.is(rows.length, counts.inferences)
    const nulls = rows.filter(({ energy_j }) => energy_j === null)
    assert.ok(nulls.length > 0 && nulls.length < rows.length / 2, `${nulls.length} of ${rows.length} without energy`)
    for (const row of nulls) {
      assert.is(row.reason, 'samples missing')
      assert.ok(Number(row.flags) & ROW_FLAGS.gap)
    }
    assert.is(run.runJson.counts.unresolved, nulls.length)
    assertHonest(run, rows)
  })

test('a saturated sensor: its rows carry no energy and say why', async () => {
  // a 5 A sensor at 3.3 V scale: with this zero point everything above 0.3 A is beyond the converter
  const run = await emulate(demo({ 'rails[0].current.zero': '4.93 V', 'rails[0].current.gain_uncertainty': '0.3 %' }))
  const rows = await rowsOf(run)
  const saturated = rows.filter(({ reason }) => reason === 'sensor saturated')
  assert.ok(saturated.length > 0.9 * rows.length, `${saturated.length} of ${rows.length}`)
  for (const row of saturated) {
    assert.is(row.energy_j, null)
    assert.ok(Number(row.flags) & ROW_FLAGS.saturated)
  }
  const [flagged] = await duckdb(
    `select count(*) as n from '${join(run.path, 'power', '*.parquet')}' where flags & 2 = 2`,
  )
  assert.ok(Number(flagged?.n) > 0)
})

test('a reset of the device: a new epoch, the rows it hits flagged, the rest whole', async () => {
  const run = await emulate(demo({ 'testbed.faults': '[reset@6.5]' }))
  assert.is(run.runJson.link.resets, 1)
  assert.ok(warned(run, 'reset'))
  // nobody restarts the device in an offline run: everything after the reset is a gap
  const rows = await rowsOf(run)
  const after = rows.filter(({ start_ns }) => Number(start_ns) > 6.6e9)
  assert.ok(after.length > 20)
  for (const row of after) assert.is(row.energy_j, null)
  const before = rows.filter(({ end_ns }) => Number(end_ns) < 6.4e9)
  assert.ok(before.length > 20 && before.every(({ energy_j }) => energy_j !== null))
  assertHonest(run, rows)
})

test('a stalled link delivers late: nothing is lost, and late arrivals only loosen the bound', async () => {
  const run = await emulate(demo({ 'testbed.faults': '[stall@6:0.7]' }))
  assert.is(run.runJson.link.frames_lost, 0)
  const rows = await rowsOf(run)
  assert.ok(rows.every(({ energy_j }) => energy_j !== null))
  assertHonest(run, rows)
})

test('unplugged for a second: the gap is recorded, the run goes on', async () => {
  const run = await emulate(demo({ 'testbed.faults': '[unplug@6:1]' }))
  assert.ok(run.runJson.link.samples_lost > 30_000)
  const gap = run.runJson.energy.v12?.gap_s ?? 0
  assert.ok(gap > 0.9 && gap < 1.3, `gap of ${gap} s`)
  const rows = await rowsOf(run)
  const inside = rows.filter(({ start_ns }) => Number(start_ns) > 6.05e9 && Number(start_ns) < 6.95e9)
  assert.ok(inside.length > 5 && inside.every(({ energy_j }) => energy_j === null))
  const outside = rows.filter(({ start_ns }) => Number(start_ns) > 7.2e9)
  assert.ok(outside.length > 20 && outside.every(({ energy_j }) => energy_j !== null))
  assertHonest(run, rows)
})

function demo(set: Record<string, string>) {
  return recipeOf('demo', { duration: '6 s', 'testbed.seed': 21, ...set })
}

type Row = Record<string, unknown>

function rowsOf(run: EmulatedRun): Promise<readonly Row[]> {
  return duckdb(`select * from '${join(run.path, 'inferences', '*.parquet')}' order by start_ns`)
}

function warned(run: EmulatedRun, code: string): boolean {
  return run.runJson.warnings.some((warning) => warning.code === code)
}

/** Every energy that is stated is near its truth: within 5 u. */
function assertHonest(run: EmulatedRun, rows: readonly Row[]): void {
  const truth = trueInferenceEnergies(join(run.path, 'truth'))
  for (const row of rows) {
    if (row.energy_j === null) continue
    const off = Math.abs(Number(row.energy_j) - (truth.get(Number(row.inference_id)) ?? Number.NaN))
    assert.ok(off < 5 * Number(row.energy_u_j), `inference ${row.inference_id}: ${off} J off, u ${row.energy_u_j}`)
  }
}

test.run()
