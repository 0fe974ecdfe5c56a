import type { JoulespanError } from '../errors/joulespan-error.ts'
import type { JournalIdentity } from '../journal/schema.ts'
import { JournalWriter } from '../journal/writer.ts'
import { type HostNs, hostNs } from '../units/units.ts'

const FLUSH_MS = 200
const SYNC_MS = 1000

/** The journals that main writes: the run itself, events, clock readings. */
export class MainJournal {
  readonly identity: JournalIdentity
  readonly #folder: string
  readonly #writers = new Map<string, JournalWriter>()
  readonly #timers: NodeJS.Timeout[]
  readonly #onFlushed: (untilNs: number) => void
  readonly #onError: (error: JoulespanError) => void

  constructor(
    folder: string,
    identity: JournalIdentity,
    onFlushed: (untilNs: number) => void,
    onError: (error: JoulespanError) => void,
  ) {
    this.identity = identity
    this.#folder = folder
    this.#onFlushed = onFlushed
    this.#onError = onError
    this.#timers = [setInterval(() => this.flush(), FLUSH_MS), setInterval(() => this.#sync(), SYNC_MS)]
  }

  /** Since the run's origin. */
  now(): HostNs {
    return hostNs(Number(process.hrtime.bigint() - this.identity.originMonoNs))
  }

  write(source: string, kind: number, payload: Uint8Array | string, stampNs = this.now()): void {
    const bytes = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload
    this.#guard(() => this.#writerOf(source).append(kind, stampNs, bytes))
  }

  flush(): void {
    const untilNs = this.now()
    if (this.#guard(() => this.#writers.forEach((writer) => void writer.flush()))) this.#onFlushed(untilNs)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    for (const writer of this.#writers.values())
      try {
        await writer.close()
      } catch (error) {
        this.#onError(error as JoulespanError)
        await writer.abandon()
      }
  }

  #writerOf(source: string): JournalWriter {
    let writer = this.#writers.get(source)
    if (writer === undefined) {
      writer = new JournalWriter({ folder: this.#folder, source, identity: this.identity })
      this.#writers.set(source, writer)
    }
    return writer
  }

  #sync(): void {
    for (const writer of this.#writers.values()) writer.sync().catch(this.#onError)
  }

  #guard(work: () => void): boolean {
    try {
      work()
      return true
    } catch (error) {
      this.#onError(error as JoulespanError)
      return false
    }
  }
}
