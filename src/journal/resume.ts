import { FaultLog } from './faults.ts'
import { type JournalFile, listJournalFiles } from './file-name.ts'
import { JournalFileReader } from './file-reader.ts'
import type { JournalIdentity } from './schema.ts'
import { checkSameRun } from './stream-start.ts'

export interface ResumePoint {
  readonly nextSequence: number
  readonly nextNumber: number
}

/**
 * Where a source goes on: behind the last record that can be read. Records of a torn last batch were never readable, so
 * their sequences are given again.
 */
export function findResumePoint(folder: string, source: string, identity: JournalIdentity): ResumePoint {
  const files = listJournalFiles(folder, source)
  const nextNumber = (files.at(-1)?.number ?? -1) + 1
  for (const file of files.reverse()) {
    const last = lastSequence(file, identity)
    if (last !== undefined) return { nextSequence: last + 1, nextNumber }
  }
  return { nextSequence: 0, nextNumber }
}

function lastSequence(file: JournalFile, identity: JournalIdentity): number | undefined {
  const reader = new JournalFileReader(file, new FaultLog())
  try {
    const start = reader.readStart()
    if (start !== undefined) checkSameRun(start, identity, file.path)
    let last: number | undefined
    for (let batch = reader.next(true); batch !== undefined; batch = reader.next(true)) {
      for (const record of batch) last = Math.max(last ?? 0, record.sequence)
    }
    return last
  } finally {
    reader.close()
  }
}
