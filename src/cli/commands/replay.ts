import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFolder } from '../../dataset/run-folder.ts'
import { type RunJson, readRunJson } from '../../dataset/run-json.ts'
import { finaliseRun } from '../../pipeline/finalise-run.ts'
import { findRun } from '../find-run.ts'
import { Progress } from '../progress.ts'
import { reportRun, runFigures } from '../run-report.ts'
import { createdBy } from '../version.ts'

export interface ReplayFlags {
  readonly json?: boolean
  readonly runs: string
  readonly out?: string
}

/** The journal through the same code, as fast as it goes; the tables must come out the same, bit for bit. */
export async function replay(run: string, flags: ReplayFlags): Promise<void> {
  const folder = runFolder(findRun(run, flags.runs))
  const path = flags.out ?? (await mkdtemp(join(tmpdir(), 'joulespan-replay-')))
  const progress = new Progress()
  progress.status(`replaying ${folder.path}`)
  try {
    const { runJson, summary } = await finaliseRun({ run: folder, out: runFolder(path), createdBy: createdBy() })
    const recorded = await readRunJson(folder).catch(() => undefined)
    const different = recorded === undefined ? [] : differences(recorded, runJson)
    const verdict =
      recorded === undefined ? 'there are no recorded tables to compare with' : verdictOf(different, recorded)
    if (flags.json) {
      const figures = runFigures({ path: flags.out ?? folder.path, runJson, summary })
      const identical = recorded !== undefined && different.length === 0
      const document = { format: 'joulespan.replay', version: 1, ...figures, identical, different }
      process.stdout.write(`${JSON.stringify(document)}\n`)
    } else
      process.stdout.write(`${reportRun({ path: flags.out ?? folder.path, runJson, summary })}replay: ${verdict}\n`)
  } finally {
    if (flags.out === undefined) await rm(path, { recursive: true, force: true })
  }
}

/** Parts whose bytes differ. */
function differences(recorded: RunJson, replayed: RunJson): string[] {
  const sums = (run: RunJson): Map<string, string> =>
    new Map(
      Object.entries(run.parts).flatMap(([table, parts]) =>
        (parts ?? []).map((part, i) => [`${table}/part-${String(i).padStart(5, '0')}.parquet`, part.sha256] as const),
      ),
    )
  const [before, after] = [sums(recorded), sums(replayed)]
  return [...new Set([...before.keys(), ...after.keys()])].filter((part) => before.get(part) !== after.get(part)).sort()
}

function verdictOf(different: readonly string[], recorded: RunJson): string {
  if (different.length === 0) return 'every table is identical to the recorded one, bit for bit'
  const by =
    recorded.created_by === createdBy() ? '' : ` (recorded by ${recorded.created_by}, replayed by ${createdBy()})`
  return `${different.length} parts differ from the recorded ones${by}: ${different.slice(0, 3).join(', ')}`
}
