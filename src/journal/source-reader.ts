import type { FaultLog } from './faults.ts'
import { type JournalFile, listJournalFiles } from './file-name.ts'
import { JournalFileReader } from './file-reader.ts'
import type { JournalRecord } from './record.ts'
import type { JournalIdentity } from './schema.ts'
import { SequenceCoverage } from './sequence-coverage.ts'

/** What the readers of one journal share. */
export interface JournalContext {
  readonly folder: string
  readonly faults: FaultLog
  /** False while the run is live: then the end of the last file is not final. */
  isFinal: boolean
  /** Throws when a file is of another run than the files before it. */
  checkIdentity(seen: JournalIdentity, path: string): void
}

/** Reads the files of one source in their order, a batch at a time. */
export class SourceReader {
  readonly source: string
  readonly #context: JournalContext
  readonly #coverage = new SequenceCoverage()
  #reader: JournalFileReader | undefined
  #number = -1
  #isIdentified = false

  constructor(source: string, context: JournalContext) {
    this.source = source
    this.#context = context
  }

  /** Stretches of sequences that are missing so far, and how many records they are. */
  get gaps(): number {
    return this.#coverage.gaps
  }

  get recordsMissing(): number {
    return this.#coverage.missing
  }

  /**
   * The good records of the next whole batch, in file order; undefined when there is none now. In a live journal it can be
   * asked again later.
   */
  nextBatch(): JournalRecord[] | undefined {
    for (;;) {
      const batch = this.#readCurrent(false) ?? this.#readFinal()
      if (batch === undefined) return undefined
      const fresh = batch.filter((record) => this.#isFirst(record))
      if (fresh.length > 0) return fresh
    }
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
  }

  /** The current file is final once a next one exists, for a writer ends a file before it starts another. */
  #readFinal(): JournalRecord[] | undefined {
    for (;;) {
      const next = this.#nextFile()
      if (next === undefined) return this.#context.isFinal ? this.#readCurrent(true) : undefined
      const batch = this.#readCurrent(true)
      if (batch !== undefined) return batch
      this.#open(next)
      const first = this.#readCurrent(false)
      if (first !== undefined) return first
    }
  }

  #readCurrent(isFinal: boolean): JournalRecord[] | undefined {
    const reader = this.#reader
    if (reader === undefined) return undefined
    if (!this.#isIdentified) {
      const start = reader.readStart()
      if (start !== undefined) this.#context.checkIdentity(start, reader.file.path)
      this.#isIdentified = start !== undefined
    }
    return reader.next(isFinal)
  }

  #nextFile(): JournalFile | undefined {
    return listJournalFiles(this.#context.folder, this.source).find((file) => file.number > this.#number)
  }

  #open(file: JournalFile): void {
    this.close()
    this.#reader = new JournalFileReader(file, this.#context.faults)
    this.#number = file.number
    this.#isIdentified = false
  }

  #isFirst(record: JournalRecord): boolean {
    const isFirst = this.#coverage.add(record.sequence)
    const reader = this.#reader
    if (!isFirst && reader !== undefined)
      this.#context.faults.duplicate(reader.file.path, reader.batchOffset, record.sequence)
    return isFirst
  }
}
