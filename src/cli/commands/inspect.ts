import { join } from 'node:path'
import { readParquet, readTable } from '../../dataset/read-table.ts'
import { listRuns, openRunFolder, runFolder } from '../../dataset/run-folder.ts'
import { readRunJson } from '../../dataset/run-json.ts'
import type { SummaryRow } from '../../dataset/summary-table.ts'
import { withUnit } from '../figures.ts'
import { findRun } from '../find-run.ts'
import { powerTable, reportRun } from '../run-report.ts'
import { table } from '../table.ts'

export interface InspectFlags {
  readonly json?: boolean
  readonly runs: string
  readonly rows: number
  readonly plot?: string
}

export async function inspect(run: string | undefined, flags: InspectFlags): Promise<void> {
  if (run === undefined) return inspectAll(flags)
  const path = findRun(run, flags.runs)
  const folder = await openRunFolder(path)
  const runJson = await readRunJson(folder)
  const summary = (await readParquet(folder.summary)).toArray().map((row) => plainRow(row)) as unknown as SummaryRow[]
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ format: 'joulespan.inspect', version: 1, run_dir: path, run: runJson, summary })}\n`,
    )
  } else {
    process.stdout.write(`run ${runJson.run_id}, ${runJson.start.time}, ended: ${runJson.closed_reason}\n\n`)
    process.stdout.write(reportRun({ path, runJson, summary }))
    if (runJson.powers.length > 0) process.stdout.write(`\n${powerTable(runJson)}\n`)
    if (flags.rows > 0) process.stdout.write(`\n${await firstInferences(path, flags.rows)}\n`)
  }
  if (flags.plot !== undefined) await (await import('../plot-run.ts')).plotRun(path, flags.plot)
}

async function inspectAll(flags: InspectFlags): Promise<void> {
  const ids = await listRuns(flags.runs)
  const runs = await Promise.all(ids.map((id) => readRunJson(runFolder(join(flags.runs, id))).catch(() => undefined)))
  if (flags.json) {
    const list = ids.map((id, i) => ({ run_id: id, closed_reason: runs[i]?.closed_reason ?? null }))
    process.stdout.write(`${JSON.stringify({ format: 'joulespan.runs', version: 1, runs: list })}\n`)
    return
  }
  if (ids.length === 0) {
    process.stderr.write(`no runs in ${flags.runs}; joulespan demo makes one\n`)
    return
  }
  const rows = ids.map((id, i) => {
    const run = runs[i]
    if (run === undefined) return [id, '-', '-', 'not finished: joulespan recover']
    const seconds = ((run.duration_ns ?? 0) / 1e9).toFixed(1)
    return [id, seconds, String(run.counts.inferences), run.closed_reason ?? 'recording']
  })
  process.stdout.write(`${table(['run', 'seconds', 'inferences', 'ended'], rows)}\n`)
}

async function firstInferences(path: string, count: number): Promise<string> {
  const columns = [
    'inference_id',
    'task',
    'start_ns',
    'duration_ns',
    'energy_j',
    'energy_u_j',
    'method',
    'reason',
    'uncertainty_terms',
  ]
  const rows = ((await readTable(runFolder(path), 'inferences', { columns }))?.slice(0, count).toArray() ?? []).map(
    plainRow,
  )
  const head = ['inference', 'task', 'start s', 'ms', 'energy', 'u (k=1)', 'method', 'why', 'largest terms']
  return table(
    head,
    rows.map((row) => [
      String(row.inference_id),
      String(row.task),
      (Number(row.start_ns) / 1e9).toFixed(6),
      (Number(row.duration_ns) / 1e6).toFixed(3),
      withUnit(row.energy_j as number | null, 'J'),
      withUnit(row.energy_u_j as number | null, 'J', 2),
      String(row.method),
      String(row.reason ?? ''),
      String(row.uncertainty_terms ?? ''),
    ]),
  )
}

/** Arrow's bigints are exact nanoseconds; as JSON and in tables a number below 2^53 does. */
function plainRow(row: { toJSON(): Record<string, unknown> }): Record<string, unknown> {
  const entries = Object.entries(row.toJSON())
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]))
}
