import { Worker } from 'node:worker_threads'
import type { RunJson } from '../dataset/run-json.ts'
import type { SummaryRow } from '../dataset/summary-table.ts'
import { type ErrorCode, JoulespanError } from '../errors/joulespan-error.ts'
import { workerUrl } from '../units/worker-url.ts'

export interface FinaliseSettings {
  /** The run folder. */
  readonly path: string
  readonly createdBy: string
}

export type FinaliseNews =
  | { readonly type: 'window'; readonly untilS: number }
  | { readonly type: 'done'; readonly runJson: RunJson; readonly summary: readonly SummaryRow[] }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined }

export interface Finalised {
  readonly runJson: RunJson
  readonly summary: readonly SummaryRow[]
}

const FOLLOW_NS = 2e9

/** The writer thread as main sees it. */
export class FinaliserThread {
  readonly #worker: Worker
  readonly #result: Promise<Finalised>
  #followedNs = Number.NEGATIVE_INFINITY

  constructor(settings: FinaliseSettings, onWindow: (untilS: number) => void) {
    this.#worker = new Worker(workerUrl('finalise-worker', import.meta.url), { workerData: settings })
    this.#result = new Promise((resolve, reject) => {
      this.#worker.on('message', (news: FinaliseNews) => {
        if (news.type === 'window') onWindow(news.untilS)
        else if (news.type === 'done') resolve(news)
        else reject(asError(news))
      })
      this.#worker.on('error', reject)
      this.#worker.on('exit', () => reject(new JoulespanError('internal', 'the writer thread ended early')))
    })
    // whoever asks for the result gets the failure; nobody may ask before the run ends
    this.#result.catch(() => undefined)
  }

  /** Every record with a stamp below this is on disk. Passed on now and then: tables are made by the minute. */
  follow(safeNs: number): void {
    if (safeNs < this.#followedNs + FOLLOW_NS) return
    this.#followedNs = safeNs
    this.#worker.postMessage({ safeNs })
  }

  /** The run never began: there is nothing to make. */
  async abandon(): Promise<void> {
    await this.#worker.terminate()
  }

  /** The run has ended and its journal is closed: resolves when the dataset is complete. */
  async finish(): Promise<Finalised> {
    this.#worker.postMessage('ended')
    try {
      return await this.#result
    } finally {
      await this.#worker.terminate()
    }
  }
}

function asError(news: Extract<FinaliseNews, { type: 'failed' }>): JoulespanError {
  return new JoulespanError(news.code as ErrorCode, news.message, news.hint === undefined ? {} : { hint: news.hint })
}
