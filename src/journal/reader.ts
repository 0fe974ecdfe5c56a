import { FaultLog, type FaultPlace } from './faults.ts'
import { listJournalFiles } from './file-name.ts'
import { readJournalIdentity } from './identity.ts'
import type { JournalIdentity } from './schema.ts'
import { type JournalContext, SourceReader } from './source-reader.ts'
import { checkSameRun } from './stream-start.ts'

export interface JournalReaderOptions {
  /** Refuse files of any other run. Default: the run of the first file read. */
  readonly runId?: string
  /** The run is live: an unfinished end may still grow, until settle(). Default false. */
  readonly follow?: boolean
}

/** What could not be read so far. */
export interface JournalFaults {
  readonly tornFiles: number
  readonly damagedStretches: number
  readonly bytesDropped: number
  readonly badRecords: number
  readonly duplicateRecords: number
  /** Stretches of missing sequences over all sources, and the records in them; losses at the very end leave no gap. */
  readonly gaps: number
  readonly recordsMissing: number
  /** The first 100 places. */
  readonly places: readonly FaultPlace[]
}

/** Reads the journal folder of one run, source by source; memory holds one batch per source. */
export class JournalReader {
  readonly #context: JournalContext
  readonly #sources = new Map<string, SourceReader>()
  #expected: Partial<JournalIdentity>

  constructor(folder: string, options: JournalReaderOptions = {}) {
    this.#expected = options.runId === undefined ? {} : { runId: options.runId }
    this.#context = {
      folder,
      faults: new FaultLog(),
      isFinal: options.follow !== true,
      checkIdentity: (seen, path) => {
        checkSameRun(seen, this.#expected, path)
        this.#expected = seen
      },
    }
    this.sources()
  }

  /** Run and origin; undefined as long as no file has a whole start. */
  identity(): JournalIdentity | undefined {
    return readJournalIdentity(this.#context.folder)
  }

  /** The sources of the folder by name; in a live journal new ones appear. */
  sources(): readonly SourceReader[] {
    for (const { source } of listJournalFiles(this.#context.folder)) {
      if (!this.#sources.has(source)) this.#sources.set(source, new SourceReader(source, this.#context))
    }
    return [...this.#sources.values()].sort((a, b) => (a.source < b.source ? -1 : 1))
  }

  /** The live run has ended: what is unfinished now stays so. Read on to the end. */
  settle(): void {
    this.#context.isFinal = true
  }

  faults(): JournalFaults {
    const { tornFiles, damagedStretches, bytesDropped, badRecords, duplicateRecords, places } = this.#context.faults
    let gaps = 0
    let recordsMissing = 0
    for (const source of this.#sources.values()) {
      gaps += source.gaps
      recordsMissing += source.recordsMissing
    }
    return {
      tornFiles,
      damagedStretches,
      bytesDropped,
      badRecords,
      duplicateRecords,
      gaps,
      recordsMissing,
      places: [...places],
    }
  }

  close(): void {
    for (const source of this.#sources.values()) source.close()
  }
}
