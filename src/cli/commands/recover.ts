import { JoulespanError } from '../../errors/joulespan-error.ts'
import { recoverRun } from '../../pipeline/recover-run.ts'
import { findRun } from '../find-run.ts'
import { Progress } from '../progress.ts'
import { reportRun, runFigures } from '../run-report.ts'
import { createdBy } from '../version.ts'

export interface RecoverFlags {
  readonly json?: boolean
  readonly runs: string
}

export async function recover(run: string, flags: RecoverFlags): Promise<void> {
  const path = findRun(run, flags.runs)
  const progress = new Progress()
  progress.status(`recovering ${path}`)
  const { runJson, summary, journal } = await recoverRun(path, createdBy())
  if (journal.recordsKept === 0)
    throw new JoulespanError('journal', `expected records in ${path}/journal, saw none that can be read`)
  const { recordsKept, bytesDropped, torn } = journal
  if (flags.json) {
    const kept = { records_kept: recordsKept, bytes_dropped: bytesDropped, torn_batches: torn }
    const document = { format: 'joulespan.recover', version: 1, ...runFigures({ path, runJson, summary }), ...kept }
    process.stdout.write(`${JSON.stringify(document)}\n`)
    return
  }
  const last = ((runJson.duration_ns ?? 0) / 1e9).toFixed(3)
  process.stdout.write(
    `${reportRun({ path, runJson, summary })}recovered: ${recordsKept} records up to ${last} s; ${bytesDropped} torn bytes dropped\n`,
  )
}
