import type { JournalWriter } from './writer.ts'

/** The timers of a host: setInterval and clearInterval, or a test's own. */
export interface JournalTimers {
  setInterval(task: () => void, period_ms: number): unknown
  clearInterval(timer: unknown): void
}

/** Below the 250 ms of protocol/journal.md by what a busy event loop may add. */
const FLUSH_PERIOD_MS = 200
const SYNC_PERIOD_MS = 1000

/** Flushes and syncs the writers of one thread on time. Errors go to `onError`; the next tick tries again. */
export class JournalPump {
  readonly #writers = new Set<JournalWriter>()
  readonly #timers: JournalTimers
  readonly #onError: (error: unknown, writer: JournalWriter) => void
  readonly #running: unknown[]

  constructor(timers: JournalTimers, onError: (error: unknown, writer: JournalWriter) => void) {
    this.#timers = timers
    this.#onError = onError
    this.#running = [
      timers.setInterval(() => this.#flush(), FLUSH_PERIOD_MS),
      timers.setInterval(() => this.#sync(), SYNC_PERIOD_MS),
    ]
  }

  add(writer: JournalWriter): void {
    this.#writers.add(writer)
  }

  /** Before the writer is closed. */
  remove(writer: JournalWriter): void {
    this.#writers.delete(writer)
  }

  stop(): void {
    for (const timer of this.#running) this.#timers.clearInterval(timer)
  }

  #flush(): void {
    for (const writer of this.#writers) {
      try {
        writer.flush()
      } catch (error) {
        this.#onError(error, writer)
      }
    }
  }

  #sync(): void {
    for (const writer of this.#writers) writer.sync().catch((error) => this.#onError(error, writer))
  }
}
