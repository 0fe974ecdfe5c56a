import { Ingest } from '../acquisition/ingest.ts'
import type { IngestNews, PassedRecord } from '../acquisition/ingest-messages.ts'
import { type OpenPort, openPort } from '../acquisition/open-port.ts'
import type { JoulespanError } from '../errors/joulespan-error.ts'
import type { IdentityFrame } from '../framing/frame.ts'
import { JournalReader } from '../journal/reader.ts'
import type { JournalRecord } from '../journal/record.ts'
import type { JournalIdentity } from '../journal/schema.ts'
import * as P from '../protocol/constants.ts'
import { hostNs } from '../units/units.ts'
import { DeviceSession, type Sampling } from './device-session.ts'
import { type LinkFloors, SerialBranch, type SerialOutput } from './serial-branch.ts'

/** Name of the source whose records are what the serial port brought and took. */
export const SERIAL_SOURCE = 'serial'

export interface SensorLinkOptions {
  readonly path: string
  readonly baud: number
  readonly sampling: Sampling
  readonly floors: LinkFloors
  readonly journalFolder: string
  readonly identity: JournalIdentity
  readonly onOutput: (output: SerialOutput) => void
  readonly onFlushed: (untilNs: number) => void
  /** One line for people: unplugged, back again. */
  readonly onStatus: (text: string) => void
  readonly onError: (error: JoulespanError) => void
}

/** 300 chunks a second come in the default mode: main may fall almost a second behind before it must catch up from disk. */
const CREDIT = 256
const CREDIT_STEP = 64
const REOPEN_MS = 300

/** The live side of the sensor: ingest thread, conversation with the device, reopening after an unplug. */
export class SensorLink {
  readonly branch: SerialBranch
  /** Newest arrival, ns since the run's origin. */
  lastHeardNs = Number.NaN
  readonly #options: SensorLinkOptions
  readonly #ingest: Ingest
  readonly #session: DeviceSession
  #port: OpenPort | undefined
  #owed = 0
  #isClosing = false
  #catchUp: JournalReader | undefined
  #held: JournalRecord[] = []

  constructor(options: SensorLinkOptions) {
    this.#options = options
    this.branch = new SerialBranch(options.floors)
    this.#session = new DeviceSession(options.path, {
      write: (bytes) => this.#ingest.order({ type: 'write', bytes }),
      counts: () => this.branch.deframer.counts,
    })
    const settings = {
      folder: options.journalFolder,
      source: SERIAL_SOURCE,
      identity: options.identity,
      credit: CREDIT,
    }
    this.#ingest = new Ingest(settings, (news) => this.#hear(news), options.onError)
  }

  /** Opens the port and finds out who is there. */
  async open(): Promise<{ identity: IdentityFrame; calibration: Uint8Array | undefined }> {
    await this.#attach()
    const identity = await this.#session.identify()
    return { identity, calibration: await this.#session.readCalibration() }
  }

  /** Lets the device sample. */
  async start(): Promise<void> {
    await this.#session.start(this.#options.sampling)
    this.#ingest.order({ type: 'pings', on: true })
  }

  /** Lets the device stop; it may be gone. */
  async stop(): Promise<void> {
    this.#isClosing = true
    this.#ingest.order({ type: 'pings', on: false })
    await this.#session.stop().catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#ingest.order({ type: 'detach' })
    this.#note({ event: 'close' })
    await this.#ingest.close()
    await this.#port?.close()
    this.#catchUp?.close()
  }

  async #attach(): Promise<void> {
    this.#port = await openPort(this.#options.path, this.#options.baud)
    this.#note({ event: 'open', path: this.#options.path, baud: this.#options.baud })
    this.#ingest.order({ type: 'attach', fd: this.#port.fd })
  }

  #hear(news: IngestNews): void {
    switch (news.type) {
      case 'passed':
        this.#take(news.records)
        this.#owed += news.records.length
        if (this.#owed >= CREDIT_STEP) {
          this.#ingest.order({ type: 'credit', chunks: this.#owed })
          this.#owed = 0
        }
        break
      case 'skipped':
        this.#readSkipped(news.from, news.to)
        break
      case 'lost':
        this.branch.lost()
        if (!this.#isClosing) void this.#reopen(news.reason)
        break
      case 'flushed':
        this.#options.onFlushed(news.untilNs)
        break
      default:
        break
    }
  }

  #take(records: readonly PassedRecord[]): void {
    const all: SerialOutput = { blocks: [], gaps: [], pairs: [], edges: [], answers: [] }
    for (const { isOut, bytes, stampNs } of records) {
      if (isOut) {
        this.branch.wrote(bytes, hostNs(stampNs))
        continue
      }
      this.lastHeardNs = stampNs
      const { blocks, gaps, pairs, edges, answers } = this.branch.received(bytes, hostNs(stampNs))
      all.blocks.push(...blocks)
      all.gaps.push(...gaps)
      all.pairs.push(...pairs)
      all.edges.push(...edges)
      all.answers.push(...answers)
    }
    for (const frame of all.answers) this.#session.push(frame)
    this.#options.onOutput(all)
  }

  /** Main was too slow to take everything as it came; the journal has it. */
  #readSkipped(from: number, to: number): void {
    this.#catchUp ??= new JournalReader(this.#options.journalFolder, { follow: true })
    const source = this.#catchUp.sources().find(({ source: name }) => name === SERIAL_SOURCE)
    const ready = this.#held
    this.#held = []
    for (let batch = source?.nextBatch(); batch !== undefined; batch = source?.nextBatch()) ready.push(...batch)
    this.#held = ready.filter(({ sequence }) => sequence >= to)
    const isBytes = (kind: number): boolean => kind === P.JOURNAL_SERIAL_IN || kind === P.JOURNAL_SERIAL_OUT
    this.#take(
      ready
        .filter(({ sequence, kind }) => sequence >= from && sequence < to && isBytes(kind))
        .map(({ kind, stampNs, payload }) => ({ isOut: kind === P.JOURNAL_SERIAL_OUT, stampNs, bytes: payload })),
    )
  }

  async #reopen(reason: string): Promise<void> {
    this.#options.onStatus(
      `sensor lost (${reason}): waiting for ${this.#options.path} to come back; the gap is recorded`,
    )
    await this.#port?.close()
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, REOPEN_MS))
      if (this.#isClosing) return
      try {
        await this.#attach()
        this.#note({ event: 'reopen', path: this.#options.path })
        await this.#session.identify()
        await this.start()
        this.#options.onStatus('sensor is back')
        return
      } catch {
        this.#ingest.order({ type: 'detach' })
        await this.#port?.close()
      }
    }
  }

  #note(text: object): void {
    this.#ingest.order({ type: 'note', kind: P.JOURNAL_PORT, text: JSON.stringify(text) })
  }
}
