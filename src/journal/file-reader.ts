import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { type BatchLayout, readBatchLayout } from './batch-layout.ts'
import { type DecodedBatch, decodeBatch } from './decode.ts'
import type { FaultLog } from './faults.ts'
import type { JournalFile } from './file-name.ts'
import type { JournalRecord } from './record.ts'
import type { JournalIdentity } from './schema.ts'
import { notAJournal, readStreamStart } from './stream-start.ts'

/** What stands at one place of a file. */
type Message =
  | { readonly kind: 'batch'; readonly end: number; readonly batch: DecodedBatch }
  | { readonly kind: 'stream end'; readonly end: number }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Continuation marker and length of the metadata. */
const PREFIX_BYTES = 8
/** Metadata of a journal takes about 600 (batch) and 1300 bytes (schema); a longer claim is damage. */
const METADATA_BYTES_MAX = 64 * 1024
const SCAN_BYTES = 1024 * 1024

/**
 * Reads one journal file, a batch at a time, also while it is being written.
 *
 * Nothing is remembered of bytes that are not a whole batch yet: they are read again when asked again. Behind bytes that can
 * not be read it looks for the next batch, so damage costs the batches it touches and not the rest of the file.
 */
export class JournalFileReader {
  readonly file: JournalFile
  readonly #fd: number
  readonly #faults: FaultLog
  #start: JournalIdentity | undefined
  #size = 0
  /** Where the next message starts. */
  #at = 0
  #batchAt = 0
  #isEnded = false
  #isFinished = false

  constructor(file: JournalFile, faults: FaultLog) {
    this.file = file
    this.#faults = faults
    this.#fd = openFile(file.path)
  }

  /** What the file says about its run; undefined as long as its start is not wholly on disk. */
  readStart(): JournalIdentity | undefined {
    this.#size = fstatSync(this.#fd).size
    this.#start ??= this.#parseStart()
    return this.#start
  }

  /** True when the last message read is the end of the stream. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Where the whole messages read so far end; a torn rest starts here. */
  get wholeBytes(): number {
    return this.#at
  }

  /** Where the batch that next() returned last starts. */
  get batchOffset(): number {
    return this.#batchAt
  }

  /**
   * The records of the next whole batch; undefined when there is none now. `isFinal` says that nothing more will be written:
   * then an unreadable rest is counted as torn, once.
   */
  next(isFinal: boolean): JournalRecord[] | undefined {
    while (!this.#isFinished) {
      if (this.readStart() === undefined) return this.#rest(isFinal, 'no whole stream start')
      if (this.#at === this.#size) return this.#rest(isFinal, '')
      const message = this.#messageAt(this.#at)
      if (message.kind === 'unreadable') {
        const next = this.#findMessage(this.#at + PREFIX_BYTES)
        if (next === undefined) return this.#rest(isFinal, message.reason)
        this.#faults.damaged(this.file.path, this.#at, next - this.#at, message.reason)
        this.#at = next
        continue
      }
      this.#isEnded = message.kind === 'stream end'
      this.#batchAt = this.#at
      this.#at = message.end
      if (message.kind === 'batch') {
        for (const { row, reason } of message.batch.bad)
          this.#faults.badRecord(this.file.path, this.#batchAt, row, reason)
        if (message.batch.records.length > 0) return message.batch.records
      }
    }
    return undefined
  }

  close(): void {
    closeSync(this.#fd)
  }

  #rest(isFinal: boolean, reason: string): undefined {
    if (!isFinal) return undefined
    this.#isFinished = true
    const bytes = this.#size - this.#at
    if (bytes > 0) this.#faults.torn(this.file.path, this.#at, bytes, reason)
    return undefined
  }

  /** Undefined when the start is not wholly there; throws 'journal' when what is there can not become one. */
  #parseStart(): JournalIdentity | undefined {
    const prefix = this.#read(0, PREFIX_BYTES)
    // A power loss can leave a length without its bytes: they read as zeros.
    if (prefix.every((byte) => byte === 0)) return undefined
    if (!prefix.subarray(0, 4).every((byte) => byte === 0xff)) throw notAJournal(this.file, 'no Arrow stream')
    if (prefix.length < PREFIX_BYTES) return undefined
    const metadataBytes = metadataLength(prefix)
    if (metadataBytes === undefined) throw notAJournal(this.file, 'an Arrow stream that starts with no schema')
    const end = PREFIX_BYTES + metadataBytes
    if (end > this.#size) return undefined
    const start = readStreamStart(viewOf(this.#read(PREFIX_BYTES, metadataBytes)), this.file)
    this.#at = end
    return start
  }

  #messageAt(at: number): Message {
    const prefix = this.#read(at, PREFIX_BYTES)
    if (prefix.length < PREFIX_BYTES) return unreadable('a message cut in its prefix')
    if (viewOf(prefix).getInt32(0, true) !== -1) return unreadable('no message')
    if (viewOf(prefix).getInt32(4, true) === 0) return { kind: 'stream end', end: at + PREFIX_BYTES }
    const metadataBytes = metadataLength(prefix)
    if (metadataBytes === undefined) return unreadable('a message of impossible length')
    const bodyAt = at + PREFIX_BYTES + metadataBytes
    if (bodyAt > this.#size) return unreadable('a message cut in its metadata')
    const layout = layoutOf(this.#read(at + PREFIX_BYTES, metadataBytes))
    if (typeof layout === 'string') return unreadable(layout)
    const body = this.#read(bodyAt, layout.bodyBytes)
    if (body.length < layout.bodyBytes) return unreadable('a batch cut in its body')
    const batch = decodeBatch(body, layout, this.file.source)
    // A wrong length of the metadata shifts the body: then no record is good, and its end may lie beyond good batches.
    if (batch.records.length === 0 && batch.bad.length > 0) return unreadable('a batch without one good record')
    return { kind: 'batch', end: bodyAt + layout.bodyBytes, batch }
  }

  /** The next batch with at least one good record at or behind `from`; messages start at multiples of 8 bytes. */
  #findMessage(from: number): number | undefined {
    for (let at = from; at + PREFIX_BYTES <= this.#size; at += SCAN_BYTES) {
      const chunk = this.#read(at, SCAN_BYTES)
      const view = viewOf(chunk)
      for (let i = 0; i + PREFIX_BYTES <= chunk.length; i += 8) {
        if (view.getInt32(i, true) !== -1 || metadataLength(chunk.subarray(i)) === undefined) continue
        const message = this.#messageAt(at + i)
        if (message.kind === 'batch' && message.batch.records.length > 0) return at + i
      }
    }
    return undefined
  }

  /** Fresh bytes, fewer than asked for at the end of the file. */
  #read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.#size - at)))
    let filled = 0
    while (filled < bytes.length) {
      const taken = readSync(this.#fd, bytes, filled, bytes.length - filled, at + filled)
      if (taken === 0) break
      filled += taken
    }
    return bytes.subarray(0, filled)
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new JoulespanError('journal', `cannot open journal file ${path}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Undefined when no message of a journal has this length. */
function metadataLength(prefix: Uint8Array): number | undefined {
  const bytes = viewOf(prefix).getInt32(4, true)
  return bytes > 0 && bytes <= METADATA_BYTES_MAX && bytes % 8 === 0 ? bytes : undefined
}

function layoutOf(metadata: Uint8Array): BatchLayout | string {
  try {
    return readBatchLayout(viewOf(metadata))
  } catch (error) {
    if (error instanceof RangeError) return `a damaged message: ${error.message}`
    throw error
  }
}

function unreadable(reason: string): Message {
  return { kind: 'unreadable', reason }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
