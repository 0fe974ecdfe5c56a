// The energy part of the accuracy table: node --import tsx test/accuracy/energy-main.ts [--fresh] [--part overlap|testbed|isolated]
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AccuracyRow, describe, isJudged, passes } from './accuracy-row.ts'
import { overlapRows } from './energy-overlap.ts'
import { isolatedRuns, makeRuns, overlapRuns } from './energy-runs.ts'
import { isolatedRows, quantisationRows, type TestbedRun, testbedRows } from './energy-testbed.ts'

/** Runs of the testbed by pipeline: 220 in all. */
const PER_SCENARIO = {
  demo: 60,
  'eight-independent': 60,
  'two-models': 50,
  'two-rails': 30,
  'four-tpu-pipeline': 20,
}
const BOARDS = 6

/** Finished runs stay here, so that an interrupted table goes on where it stopped. */
const RUNS_FILE = join(fileURLToPath(new URL('../..', import.meta.url)), 'build/accuracy/energy.jsonl')

export async function energyRows(parts: readonly string[], onRun: (run: TestbedRun) => void): Promise<AccuracyRow[]> {
  const rows: AccuracyRow[] = []
  const made = { file: RUNS_FILE, atOnce: 2, onRun }
  if (parts.includes('overlap')) rows.push(...overlapRows(3))
  if (parts.includes('isolated')) {
    rows.push(...isolatedRows(await makeRuns(isolatedRuns(12, BOARDS), made), { randomRel: 0.02, meanRel: 0.01 }))
    rows.push(...isolatedRows(await makeRuns(isolatedRuns(5, BOARDS), made), { randomRel: 0.01, meanRel: 0.01 }))
    rows.push(...quantisationRows(await makeRuns(isolatedRuns(12, BOARDS, true), made)))
  }
  if (parts.includes('testbed')) rows.push(...testbedRows(await makeRuns(overlapRuns(PER_SCENARIO), made)))
  return rows
}

const PARTS = ['overlap', 'isolated', 'testbed']

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--fresh')) rmSync(RUNS_FILE, { force: true })
  const part = process.argv[process.argv.indexOf('--part') + 1]
  const parts = process.argv.includes('--part') && part !== undefined ? [part] : PARTS
  let finished = 0
  const rows = await energyRows(parts, ({ scenario, seed }) => {
    process.stderr.write(`${++finished} ${scenario} ${seed}\n`)
  })
  for (const row of rows) process.stdout.write(`${describe(row)}\n`)
  const missed = rows.filter((row) => isJudged(row) && !passes(row)).length
  process.stdout.write(`${rows.filter(isJudged).length - missed} kept, ${missed} missed\n`)
  process.exitCode = missed === 0 ? 0 : 1
}
