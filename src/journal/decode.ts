import { hostNs } from '../units/units.ts'
import type { BatchLayout } from './batch-layout.ts'
import { type JournalRecord, recordCrc } from './record.ts'

export interface DecodedBatch {
  readonly records: JournalRecord[]
  readonly bad: BadRow[]
}

export interface BadRow {
  readonly row: number
  readonly reason: string
}

/** The records of a batch that pass their checksum and belong to the source; payloads are views into the body. */
export function decodeBatch(body: Uint8Array, layout: BatchLayout, source: string): DecodedBatch {
  const rows = new BatchRows(body, layout, source)
  const records: JournalRecord[] = []
  const bad: BadRow[] = []
  for (let row = 0; row < layout.rows; row++) {
    const record = rows.read(row)
    if (typeof record === 'string') bad.push({ row, reason: record })
    else records.push(record)
  }
  return { records, bad }
}

class BatchRows {
  readonly #body: Uint8Array
  readonly #view: DataView
  readonly #layout: BatchLayout
  readonly #source: string
  readonly #sourceBytes: Uint8Array

  constructor(body: Uint8Array, layout: BatchLayout, source: string) {
    this.#body = body
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    this.#layout = layout
    this.#source = source
    this.#sourceBytes = Buffer.from(source)
  }

  /** The record, or what is wrong with it. */
  read(row: number): JournalRecord | string {
    const layout = this.#layout
    const sequence = this.#int64(layout.sequence.offset + 8 * row)
    const stampNs = this.#int64(layout.stampNs.offset + 8 * row)
    if (!Number.isSafeInteger(sequence) || sequence < 0) return `sequence ${sequence}, beyond [0, 2^53)`
    if (!Number.isSafeInteger(stampNs)) return `stamp_ns ${stampNs}, beyond 2^53`
    const kind = this.#view.getUint8(layout.kind.offset + row)
    const start = this.#view.getInt32(layout.payloadOffsets.offset + 4 * row, true)
    const end = this.#view.getInt32(layout.payloadOffsets.offset + 4 * row + 4, true)
    if (start < 0 || end < start || end > layout.payload.length) return 'payload offsets outside of the batch'
    const payload = this.#body.subarray(layout.payload.offset + start, layout.payload.offset + end)
    const stored = this.#view.getUint32(layout.crc.offset + 4 * row, true)
    if (recordCrc(sequence, stampNs, kind, payload) !== stored)
      return `crc32 does not match, sequence reads ${sequence}`
    if (!this.#isOwn(row)) return `another source, sequence ${sequence}`
    return { sequence, stampNs: hostNs(stampNs), kind, source: this.#source, payload }
  }

  /** crc32 does not cover the source. */
  #isOwn(row: number): boolean {
    const { sourceOffsets, sourceBytes } = this.#layout
    const start = this.#view.getInt32(sourceOffsets.offset + 4 * row, true)
    const end = this.#view.getInt32(sourceOffsets.offset + 4 * row + 4, true)
    if (start < 0 || end > sourceBytes.length || end - start !== this.#sourceBytes.length) return false
    const at = sourceBytes.offset + start
    return this.#sourceBytes.every((byte, i) => this.#body[at + i] === byte)
  }

  #int64(at: number): number {
    return this.#view.getInt32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true)
  }
}
