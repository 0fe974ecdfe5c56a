import { Worker } from 'node:worker_threads'
import { type ErrorCode, JoulespanError } from '../errors/joulespan-error.ts'
import { workerUrl } from '../units/worker-url.ts'
import type { IngestNews, IngestOrder, IngestSettings } from './ingest-messages.ts'

/** The ingest thread as main sees it: orders in, news out. */
export class Ingest {
  readonly #worker: Worker
  readonly #closed: Promise<void>

  constructor(settings: IngestSettings, onNews: (news: IngestNews) => void, onError: (error: JoulespanError) => void) {
    this.#worker = new Worker(workerUrl('ingest-worker', import.meta.url), { workerData: settings })
    this.#closed = new Promise((resolve) => {
      this.#worker.on('message', (news: IngestNews) => {
        if (news.type === 'closed') resolve()
        else if (news.type === 'failed') onError(asError(news))
        else onNews(news)
      })
      this.#worker.on('error', (cause) => {
        onError(new JoulespanError('internal', `the ingest thread failed: ${cause.message}`, { cause }))
        resolve()
      })
      this.#worker.on('exit', () => resolve())
    })
  }

  order(order: IngestOrder): void {
    this.#worker.postMessage(order)
  }

  /** Ends the journal of this source; resolves when it is durable. */
  async close(): Promise<void> {
    this.order({ type: 'close' })
    await this.#closed
    await this.#worker.terminate()
  }
}

function asError(news: Extract<IngestNews, { type: 'failed' }>): JoulespanError {
  return new JoulespanError(news.code as ErrorCode, news.message, news.hint === undefined ? {} : { hint: news.hint })
}
