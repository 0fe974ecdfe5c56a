import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { diskError } from './disk-error.ts'
import { encodeStreamStart, STREAM_END } from './encode.ts'
import { FaultLog, type FaultPlace } from './faults.ts'
import { type JournalFile, listJournalFiles } from './file-name.ts'
import { JournalFileReader } from './file-reader.ts'
import { readJournalIdentity } from './identity.ts'
import type { JournalIdentity } from './schema.ts'
import { checkSameRun } from './stream-start.ts'

/**
 * `ended`: a torn tail was cut off, an end of stream was written, or both. `restarted`: torn in its very start, the file is an
 * empty stream now. `impossible`: the same, but no file of the folder tells what run this was; left as it is.
 */
export type FileRepair = 'none' | 'ended' | 'restarted' | 'impossible'

export interface FileRecovery {
  readonly path: string
  readonly source: string
  readonly records: number
  /** Bytes of a torn tail that were cut off. */
  readonly bytesCut: number
  readonly repair: FileRepair
}

export interface JournalRecovery {
  readonly files: readonly FileRecovery[]
  /** Files with a torn tail. */
  readonly torn: number
  readonly recordsKept: number
  /** Bytes of torn tails, now cut off where possible, and of damaged stretches, which stay in their files and are skipped by readers. */
  readonly bytesDropped: number
  readonly badRecords: number
  /** The latest stamp of any record, ns since the origin; undefined without records. */
  readonly lastStampNs: number | undefined
  /** The furthest a record stands behind a later stamp of its source, ns: what a merge needs as look-back. */
  readonly disorderNs: number
  readonly places: readonly FaultPlace[]
}

/**
 * Repairs what a crash left: cuts torn tails, ends streams. Only for a journal that nobody writes. Called again it changes no
 * byte. Whole batches stay as they are, also those behind damage; a damaged last batch is as good as torn.
 */
export function recoverJournal(folder: string): JournalRecovery {
  const identity = readJournalIdentity(folder)
  const faults = new FaultLog()
  const survey = new Survey()
  const files = listJournalFiles(folder).map((file) => recoverFile(file, identity, faults, survey))
  return {
    files,
    torn: faults.tornFiles,
    recordsKept: survey.records,
    bytesDropped: faults.bytesDropped,
    badRecords: faults.badRecords,
    lastStampNs: survey.lastStampNs,
    disorderNs: survey.disorderNs,
    places: faults.places,
  }
}

/** What the records of a journal add up to, source by source in file order. */
class Survey {
  records = 0
  lastStampNs: number | undefined
  disorderNs = 0
  readonly #newestNs = new Map<string, number>()

  add(source: string, stampNs: number): void {
    const newestNs = Math.max(this.#newestNs.get(source) ?? stampNs, stampNs)
    this.#newestNs.set(source, newestNs)
    this.disorderNs = Math.max(this.disorderNs, newestNs - stampNs)
    this.lastStampNs = Math.max(this.lastStampNs ?? stampNs, stampNs)
    this.records++
  }
}

function recoverFile(
  file: JournalFile,
  identity: JournalIdentity | undefined,
  faults: FaultLog,
  survey: Survey,
): FileRecovery {
  const bytesTornBefore = faults.bytesTorn
  const recordsBefore = survey.records
  const { wholeBytes, isEnded } = surveyFile(file, identity, faults, survey)
  const bytesTorn = faults.bytesTorn - bytesTornBefore
  const found = { path: file.path, source: file.source, records: survey.records - recordsBefore }
  if (isEnded && bytesTorn === 0) return { ...found, bytesCut: 0, repair: 'none' }
  if (wholeBytes > 0) {
    replaceTail(file.path, wholeBytes, isEnded ? new Uint8Array(0) : STREAM_END)
    return { ...found, bytesCut: bytesTorn, repair: 'ended' }
  }
  if (identity === undefined) return { ...found, bytesCut: 0, repair: 'impossible' }
  replaceTail(file.path, 0, Buffer.concat([encodeStreamStart(file.source, identity), STREAM_END]))
  return { ...found, bytesCut: bytesTorn, repair: 'restarted' }
}

function surveyFile(
  file: JournalFile,
  identity: JournalIdentity | undefined,
  faults: FaultLog,
  survey: Survey,
): { wholeBytes: number; isEnded: boolean } {
  const reader = new JournalFileReader(file, faults)
  try {
    const start = reader.readStart()
    if (start !== undefined && identity !== undefined) checkSameRun(start, identity, file.path)
    for (let batch = reader.next(true); batch !== undefined; batch = reader.next(true)) {
      for (const record of batch) survey.add(file.source, record.stampNs)
    }
    return { wholeBytes: reader.wholeBytes, isEnded: reader.isEnded }
  } finally {
    reader.close()
  }
}

/** Cut first, so that a crash in between leaves a file that the next recovery ends. */
function replaceTail(path: string, wholeBytes: number, tail: Uint8Array): void {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r+')
    ftruncateSync(fd, wholeBytes)
    for (let written = 0; written < tail.length; ) {
      written += writeSync(fd, tail, written, tail.length - written, wholeBytes + written)
    }
    fdatasyncSync(fd)
  } catch (error) {
    throw diskError('repair journal file', path, error, 'recover again, nothing whole was lost')
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
