import type { JournalIdentity } from '../journal/schema.ts'

/** How the ingest worker is started. */
export interface IngestSettings {
  readonly folder: string
  readonly source: string
  readonly identity: JournalIdentity
  /** Chunks it may hand over before it must be given credit. */
  readonly credit: number
}

/** To the worker. */
export type IngestOrder =
  | { readonly type: 'attach'; readonly fd: number }
  | { readonly type: 'detach' }
  /** A command to write; stamped before the write and journaled. */
  | { readonly type: 'write'; readonly bytes: Uint8Array }
  /** Pings: dense for 3 s from now on, then sparse. */
  | { readonly type: 'pings'; readonly on: boolean }
  | { readonly type: 'credit'; readonly chunks: number }
  /** Something about the port for the journal. */
  | { readonly type: 'note'; readonly kind: number; readonly text: string }
  | { readonly type: 'close' }

/** What was read from the port or written to it, in order. */
export interface PassedRecord {
  readonly isOut: boolean
  readonly stampNs: number
  readonly bytes: Uint8Array
}

/** From the worker. */
export type IngestNews =
  | { readonly type: 'passed'; readonly records: readonly PassedRecord[] }
  /** Out of credit: the records [from, to) of its source were journaled but not handed over. */
  | { readonly type: 'skipped'; readonly from: number; readonly to: number }
  /** The port is gone. */
  | { readonly type: 'lost'; readonly stampNs: number; readonly reason: string }
  /** All its records below this stamp are on disk. */
  | { readonly type: 'flushed'; readonly untilNs: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined }
  | { readonly type: 'closed' }
