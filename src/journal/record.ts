import { crc32 } from 'node:zlib'
import type { HostNs } from '../units/units.ts'

export interface JournalRecord {
  /** Counts the records of the source from 0. */
  readonly sequence: number
  readonly stampNs: HostNs
  /** One of JOURNAL_* of protocol/constants.ts; a newer writer may use others. */
  readonly kind: number
  readonly source: string
  /** A view into the batch it was read with: keeping it keeps the batch, copy it to keep it for long. */
  readonly payload: Uint8Array
}

/** Order of the run: stamp, then source by character code, then sequence. Never 0 for two records of one journal. */
export function compareRecords(a: JournalRecord, b: JournalRecord): number {
  if (a.stampNs !== b.stampNs) return a.stampNs - b.stampNs
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  return a.sequence - b.sequence
}

/** CRC-32 (zlib) of sequence and stamp (8 bytes each, little endian), kind (1 byte) and payload. */
export function recordCrc(sequence: number, stampNs: number, kind: number, payload: Uint8Array): number {
  writeInt64(0, sequence)
  writeInt64(8, stampNs)
  scratchView.setUint8(16, kind)
  if (payload.length > PAYLOAD_COPIED_MAX) return crc32(payload, crc32(scratch.subarray(0, HEAD_BYTES)))
  // A native call costs more than the copy.
  scratch.set(payload, HEAD_BYTES)
  return crc32(scratch.subarray(0, HEAD_BYTES + payload.length))
}

const HEAD_BYTES = 17
const PAYLOAD_COPIED_MAX = 1024
const scratch = new Uint8Array(HEAD_BYTES + PAYLOAD_COPIED_MAX)
const scratchView = new DataView(scratch.buffer)

/** Two halves instead of a bigint: exact for safe integers of either sign. */
function writeInt64(at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  scratchView.setUint32(at, value - high * 2 ** 32, true)
  scratchView.setInt32(at + 4, high, true)
}
