import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runFolder, tablePath } from '../dataset/run-folder.ts'
import { TABLE_NAMES } from '../dataset/schema.ts'
import { type JournalRecovery, recoverJournal } from '../journal/recover.ts'
import { type FinalisedRun, finaliseRun } from './finalise-run.ts'
import { refuseLiveRun } from './run-lock.ts'

export interface RecoveredRun extends FinalisedRun {
  readonly journal: JournalRecovery
}

/** The dataset of a run that was cut off: mends the end of its journal and makes the tables from it, as its close would have. */
export async function recoverRun(path: string, createdBy: string): Promise<RecoveredRun> {
  refuseLiveRun(path)
  const folder = runFolder(path)
  const journal = recoverJournal(folder.journal)
  removeLeftovers(path)
  return { ...(await finaliseRun({ run: folder, out: folder, createdBy })), journal }
}

/** Parts that were being written when the run was cut off. */
function removeLeftovers(path: string): void {
  for (const table of TABLE_NAMES) {
    const folder = tablePath(runFolder(path), table)
    if (!existsSync(folder)) continue
    for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name))
  }
}
