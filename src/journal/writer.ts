import * as fs from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { HostNs } from '../units/units.ts'
import { diskError } from './disk-error.ts'
import { encodeBatch, encodeStreamStart, STREAM_END } from './encode.ts'
import { checkSourceName, journalFileName } from './file-name.ts'
import { PendingRecords } from './pending-records.ts'
import { recordCrc } from './record.ts'
import { findResumePoint } from './resume.ts'
import type { JournalIdentity } from './schema.ts'

/** A record waits at most this long for its batch (protocol/journal.md). */
export const BATCH_AGE_MAX_NS = 250e6
/** What was written is made durable this often (protocol/journal.md). */
export const SYNC_PERIOD_NS = 1e9
/** A file is ended before it grows beyond this. */
export const FILE_BYTES_MAX = 64e6
/** A batch takes no further record beyond this much payload, so that a reader never holds more of an outage's backlog. */
export const BATCH_PAYLOAD_BYTES_MAX = 4 * 1024 * 1024
export const RECORD_PAYLOAD_BYTES_MAX = 16 * 1024 * 1024
/** Records refused by the disk are kept up to this much payload: 11 minutes at 400 kB/s. */
export const PENDING_PAYLOAD_BYTES_MAX = 256 * 1024 * 1024
/** What due() leaves of BATCH_AGE_MAX_NS to an owner that asks every 50 ms. */
const DUE_AGE_NS = 200e6

export interface JournalWriterOptions {
  /** Created when it is missing. */
  readonly folder: string
  readonly source: string
  readonly identity: JournalIdentity
  /** Bytes after which a new file is started. Default FILE_BYTES_MAX. */
  readonly fileBytesMax?: number
  /** Payload bytes of waiting records beyond which append() throws. Default PENDING_PAYLOAD_BYTES_MAX. */
  readonly pendingBytesMax?: number
  /** Writes `length` bytes at `position`, returns how many were taken. Default: fs.writeSync. */
  readonly write?: (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => number
}

interface OpenFile {
  readonly fd: number
  readonly path: string
}

const fdatasync = promisify(fs.fdatasync)

/**
 * Writes the journal of one source. A source that was written before goes on in a new file with the next sequence.
 *
 * The owner calls flush() at least every 250 ms (or whenever due() says so) and sync() every second: no timer lives here.
 * One thread owns a writer; nothing else may write this source.
 *
 * A file only ever grows by whole batches. When the disk refuses in the middle of one, the rest of its bytes is kept and the
 * next flush() goes on where the disk stopped: a reader that follows sees bytes that never change.
 */
export class JournalWriter {
  readonly source: string
  readonly #folder: string
  readonly #streamStart: Uint8Array
  readonly #fileBytesMax: number
  readonly #pendingBytesMax: number
  readonly #write: NonNullable<JournalWriterOptions['write']>
  readonly #pending = new PendingRecords()
  #nextSequence: number
  #nextNumber: number
  #file: OpenFile
  /** Bytes of the current file on disk, and the part of them that ends with a whole message. */
  #fileBytes = 0
  #wholeBytes = 0
  /** Encoded and not yet on disk: a stream start, a batch or a stream end. */
  #unwritten: Uint8Array
  #unwrittenRecords = 0
  /** The stream end of the current file is written or in #unwritten. */
  #ended = false
  /** Files that were ended but not yet made durable. */
  #retired: OpenFile[] = []
  #folderDurable = false
  #runningSync: Promise<void> = Promise.resolve()
  #queuedSync: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor(options: JournalWriterOptions) {
    checkSourceName(options.source)
    this.source = options.source
    this.#folder = options.folder
    this.#fileBytesMax = options.fileBytesMax ?? FILE_BYTES_MAX
    this.#pendingBytesMax = options.pendingBytesMax ?? PENDING_PAYLOAD_BYTES_MAX
    this.#write = options.write ?? fs.writeSync
    this.#streamStart = encodeStreamStart(options.source, options.identity)
    makeFolder(options.folder)
    const resume = findResumePoint(options.folder, options.source, options.identity)
    this.#nextSequence = resume.nextSequence
    this.#nextNumber = resume.nextNumber
    this.#file = this.#createFile()
    this.#unwritten = this.#streamStart
    try {
      this.#writeOut()
    } catch (error) {
      fs.closeSync(this.#file.fd)
      fs.rmSync(this.#file.path)
      throw error
    }
  }

  /** The file that the next batch goes to. */
  get path(): string {
    return this.#file.path
  }

  get nextSequence(): number {
    return this.#nextSequence
  }

  /** Records that are not wholly on disk. */
  get pendingRecords(): number {
    return this.#pending.count + this.#unwrittenRecords
  }

  /** Takes a record into memory, copying the payload, and returns its sequence. No I/O. */
  append(kind: number, stampNs: HostNs, payload: Uint8Array): number {
    if (this.#state !== 'open') throw internal(`append to the ${this.#state} journal of ${this.source}`)
    checkRecord(kind, stampNs, payload)
    if (this.#pending.payloadBytes + payload.length > this.#pendingBytesMax) {
      throw new JoulespanError(
        'disk',
        `cannot keep more records for ${this.#file.path}: ${this.pendingRecords} records (${this.#pending.payloadBytes} bytes) already wait for the disk`,
        { hint: `free space in ${this.#folder}` },
      )
    }
    const sequence = this.#nextSequence++
    this.#pending.add(sequence, stampNs, kind, recordCrc(sequence, stampNs, kind, payload), payload)
    return sequence
  }

  /**
   * True when the oldest pending record, by its stamp, would be too old at an owner that asks every 50 ms: for owners that
   * keep their own time, as a testbed that writes a journal in simulated time does.
   */
  due(nowNs: HostNs): boolean {
    const first = this.#pending.firstStampNs
    return first !== undefined && nowNs - first >= DUE_AGE_NS
  }

  /**
   * Writes what waits, one write() per batch (one batch unless the disk refused before), and throws 'disk' when the disk
   * refuses: everything not written is kept and the next flush() goes on exactly there.
   */
  flush(): void {
    if (this.#state === 'closed') throw internal(`flush of the closed journal of ${this.source}`)
    this.#writeOut()
    while (this.#pending.count > 0) {
      const columns = this.#pending.peek(BATCH_PAYLOAD_BYTES_MAX)
      const batch = encodeBatch(this.source, columns)
      if (this.#ended || this.#isFullFor(batch)) this.#startNextFile()
      this.#unwritten = batch
      this.#unwrittenRecords = columns.count
      this.#pending.drop(columns.count)
      this.#writeOut()
    }
  }

  /**
   * Makes durable what flush() has written, in the thread pool. Calls while one is running share the one that follows it.
   * A failure means that records since the last sync may be lost even if a later sync succeeds: the kernel reports a failed
   * write-back once.
   */
  sync(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve()
    this.#queuedSync ??= this.#runningSync.then(() => {
      this.#queuedSync = undefined
      const run = this.#syncFiles()
      this.#runningSync = run.catch(() => undefined)
      return run
    })
    return this.#queuedSync
  }

  /** Flushes, ends the stream, makes all durable. After a 'disk' error the writer is open again: close() or abandon() it. */
  close(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve()
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  /** Gives up what the disk refuses, cuts a part-written batch off and returns how many records were lost. */
  async abandon(): Promise<number> {
    await this.#closing?.catch(() => undefined)
    if (this.#state === 'closed') return 0
    this.#state = 'closed'
    await this.#queuedSync?.catch(() => undefined)
    await this.#runningSync
    try {
      if (this.#fileBytes > this.#wholeBytes) fs.ftruncateSync(this.#file.fd, this.#wholeBytes)
    } catch {
      // A torn tail is what recover() is for.
    }
    for (const file of [...this.#retired, this.#file]) fs.closeSync(file.fd)
    return this.pendingRecords
  }

  async #close(): Promise<void> {
    this.#state = 'closing'
    try {
      this.flush()
      this.#endStream()
      await this.sync()
    } catch (error) {
      this.#state = 'open'
      throw error
    }
    this.#state = 'closed'
    fs.closeSync(this.#file.fd)
  }

  #isFullFor(batch: Uint8Array): boolean {
    const isEmpty = this.#fileBytes === this.#streamStart.length
    return !isEmpty && this.#fileBytes + batch.length + STREAM_END.length > this.#fileBytesMax
  }

  /** The stream end is wholly on disk before the next file exists: a reader that sees the next file knows this one is final. */
  #startNextFile(): void {
    this.#endStream()
    const next = this.#createFile()
    this.#retired.push(this.#file)
    this.#file = next
    this.#fileBytes = 0
    this.#wholeBytes = 0
    this.#ended = false
    this.#unwritten = this.#streamStart
    this.#writeOut()
  }

  #endStream(): void {
    if (!this.#ended) this.#unwritten = STREAM_END
    this.#ended = true
    this.#writeOut()
  }

  #createFile(): OpenFile {
    const path = join(this.#folder, journalFileName(this.source, this.#nextNumber))
    try {
      const file = { fd: fs.openSync(path, 'wx'), path }
      this.#nextNumber++
      this.#folderDurable = false
      return file
    } catch (error) {
      throw diskError('create journal file', path, error, this.#waiting())
    }
  }

  #writeOut(): void {
    try {
      while (this.#unwritten.length > 0) {
        const taken = this.#write(this.#file.fd, this.#unwritten, 0, this.#unwritten.length, this.#fileBytes)
        if (taken <= 0) throw new Error('the disk took no byte')
        this.#fileBytes += taken
        this.#unwritten = this.#unwritten.subarray(taken)
      }
    } catch (error) {
      throw diskError('write journal file', this.#file.path, error, this.#waiting())
    }
    this.#wholeBytes = this.#fileBytes
    this.#unwrittenRecords = 0
  }

  async #syncFiles(): Promise<void> {
    const retired = this.#retired.splice(0)
    const current = this.#file
    try {
      for (const file of retired) await fdatasync(file.fd)
      await fdatasync(current.fd)
      if (!this.#folderDurable) {
        this.#folderDurable = true
        await syncFolder(this.#folder)
      }
    } catch (error) {
      this.#folderDurable = false
      throw diskError('make durable', current.path, error, 'records since the last sync may not survive a power loss')
    } finally {
      for (const file of retired) fs.closeSync(file.fd)
    }
  }

  #waiting(): string {
    return `${this.pendingRecords} records are kept for the next flush`
  }
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError('create journal folder', folder, error, 'nothing was recorded')
  }
}

/** A new file is durable only when its name is: the folder needs its own fsync. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.promises.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function checkRecord(kind: number, stampNs: number, payload: Uint8Array): void {
  if (!Number.isInteger(kind) || kind < 1 || kind > 255)
    throw internal(`expected a record kind of 1 to 255, saw ${kind}`)
  if (!Number.isSafeInteger(stampNs)) throw internal(`expected a stamp of whole ns below 2^53, saw ${stampNs}`)
  if (payload.length > RECORD_PAYLOAD_BYTES_MAX) {
    throw internal(`expected a payload of at most ${RECORD_PAYLOAD_BYTES_MAX} bytes, saw ${payload.length}`)
  }
}

function internal(message: string): JoulespanError {
  return new JoulespanError('internal', message)
}
