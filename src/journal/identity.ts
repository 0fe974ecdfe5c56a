import { FaultLog } from './faults.ts'
import { type JournalFile, listJournalFiles } from './file-name.ts'
import { JournalFileReader } from './file-reader.ts'
import type { JournalIdentity } from './schema.ts'

/** Run and origin as the first file with a whole start says them; undefined when no file has one. */
export function readJournalIdentity(folder: string): JournalIdentity | undefined {
  for (const file of listJournalFiles(folder)) {
    const identity = identityOf(file)
    if (identity !== undefined) return identity
  }
  return undefined
}

function identityOf(file: JournalFile): JournalIdentity | undefined {
  const reader = new JournalFileReader(file, new FaultLog())
  try {
    return reader.readStart()
  } finally {
    reader.close()
  }
}
