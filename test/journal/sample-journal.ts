import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FaultLog } from '../../src/journal/faults.ts'
import { listJournalFiles } from '../../src/journal/file-name.ts'
import { JournalFileReader } from '../../src/journal/file-reader.ts'
import { JournalMerge } from '../../src/journal/merge.ts'
import { type JournalFaults, JournalReader, type JournalReaderOptions } from '../../src/journal/reader.ts'
import type { JournalRecord } from '../../src/journal/record.ts'
import type { JournalIdentity } from '../../src/journal/schema.ts'
import { JournalWriter, type JournalWriterOptions } from '../../src/journal/writer.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs } from '../../src/units/units.ts'

export const IDENTITY: JournalIdentity = {
  runId: '20261123T204001Z-sample-7k3f',
  originMonoNs: 9_007_199_254_740_993n,
  originUtcNs: 1_795_466_401_123_456_789n,
}

/** Gives the test a folder that is gone afterwards. */
export async function withFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'joulespan-journal-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Records of one source: stamps rise by 0 to 2 ms, payloads have 0 to 200 bytes. */
export function sampleRecords(source: string, count: number, seed: number): JournalRecord[] {
  const random = seededRandom(seed)
  let stampNs = -5_000_000
  return Array.from({ length: count }, (_, sequence) => {
    stampNs += Math.floor(random() * 2e6)
    const payload = Uint8Array.from({ length: Math.floor(random() * 200) }, () => random() * 256)
    return { sequence, stampNs: hostNs(stampNs), kind: 1 + Math.floor(random() * 10), source, payload }
  })
}

export function openWriter(folder: string, source: string, options: Partial<JournalWriterOptions> = {}): JournalWriter {
  return new JournalWriter({ folder, source, identity: IDENTITY, ...options })
}

/** Appends the records, `perBatch` to a batch. */
export function writeRecords(writer: JournalWriter, records: readonly JournalRecord[], perBatch: number): void {
  records.forEach((record, i) => {
    writer.append(record.kind, record.stampNs, record.payload)
    if ((i + 1) % perBatch === 0) writer.flush()
  })
  writer.flush()
}

export async function writeJournal(
  folder: string,
  records: readonly JournalRecord[],
  perBatch: number,
  options: Partial<JournalWriterOptions> = {},
): Promise<void> {
  for (const source of new Set(records.map((record) => record.source))) {
    const writer = openWriter(folder, source, options)
    writeRecords(
      writer,
      records.filter((record) => record.source === source),
      perBatch,
    )
    await writer.close()
  }
}

/** Everything in the order of the run. */
export function readMerged(folder: string): { records: JournalRecord[]; faults: JournalFaults } {
  const journal = new JournalReader(folder)
  try {
    const records = [...new JournalMerge(journal).take()].map(plain)
    return { records, faults: journal.faults() }
  } finally {
    journal.close()
  }
}

/** The records of every source in file order. */
export function readInFileOrder(
  folder: string,
  options: JournalReaderOptions = {},
): { records: JournalRecord[]; faults: JournalFaults } {
  const journal = new JournalReader(folder, options)
  try {
    const records: JournalRecord[] = []
    for (const source of journal.sources()) {
      for (let batch = source.nextBatch(); batch !== undefined; batch = source.nextBatch())
        records.push(...batch.map(plain))
    }
    return { records, faults: journal.faults() }
  } finally {
    journal.close()
  }
}

export interface BatchExtent {
  readonly path: string
  /** [start, end) in the file. */
  readonly start: number
  readonly end: number
  readonly records: JournalRecord[]
}

/** Where the batches of a folder stand. */
export function batchExtents(folder: string): BatchExtent[] {
  return listJournalFiles(folder).flatMap((file) => {
    const reader = new JournalFileReader(file, new FaultLog())
    const extents: BatchExtent[] = []
    for (let batch = reader.next(true); batch !== undefined; batch = reader.next(true)) {
      extents.push({ path: file.path, start: reader.batchOffset, end: reader.wholeBytes, records: batch.map(plain) })
    }
    reader.close()
    return extents
  })
}

/** Payloads as plain byte arrays of their own, so that assert compares content. */
export function plain(record: JournalRecord): JournalRecord {
  return { ...record, payload: Uint8Array.from(record.payload) }
}
