// A run whose journal is another's with every record passed through a function: hosts that sleep, counters near their wrap.
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { JournalWriter } from '../../src/journal/writer.ts'
import * as P from '../../src/protocol/constants.ts'
import { crc16 } from '../../src/protocol/crc16.ts'
import { type HostNs, hostNs } from '../../src/units/units.ts'

export interface AlteredRecord {
  readonly source: string
  readonly kind: number
  readonly stampNs: HostNs
  readonly payload: Uint8Array
}

/** Undefined: the record never was. */
export type Alter = (record: AlteredRecord) => AlteredRecord | undefined

/** Copies run `from` to the folder `to`; the truth goes along as it is. */
export async function alterRun(from: string, to: string, alter: Alter): Promise<void> {
  mkdirSync(runFolder(to).journal, { recursive: true })
  if (existsSync(runFolder(from).truth)) cpSync(runFolder(from).truth, runFolder(to).truth, { recursive: true })
  const journal = new JournalReader(runFolder(from).journal)
  const identity = journal.identity()
  if (identity === undefined) throw new Error(`no journal in ${from}`)
  for (const { source, nextBatch } of journal.sources().map((s) => ({
    source: s.source,
    nextBatch: () => s.nextBatch(),
  }))) {
    const writer = new JournalWriter({ folder: runFolder(to).journal, source, identity })
    for (let batch = nextBatch(); batch !== undefined; batch = nextBatch())
      for (const { kind, stampNs, payload } of batch) {
        const altered = alter({ source, kind, stampNs: hostNs(stampNs), payload })
        if (altered !== undefined) writer.append(altered.kind, altered.stampNs, altered.payload)
      }
    await writer.close()
  }
  journal.close()
}

/** The same reading with clocks of its own: mono before, raw, boottime, realtime, mono after, suspends. */
export function withReading(payload: Uint8Array, change: (clocks: bigint[]) => bigint[]): Uint8Array {
  const altered = Uint8Array.from(payload)
  const view = new DataView(altered.buffer)
  const clocks = Array.from({ length: 6 }, (_, i) => view.getBigInt64(8 * i, true))
  change(clocks).forEach((ns, i) => {
    view.setBigInt64(8 * i, ns, true)
  })
  return altered
}

/** An event message with every time of the runner passed through a function; absolute CLOCK_MONOTONIC, ns. */
export function withEventTimes(payload: Uint8Array, change: (ns: bigint) => bigint): Uint8Array {
  const altered = Buffer.from(payload)
  altered.writeBigInt64LE(change(altered.readBigInt64LE(P.EVENT_AT_WATERMARK_NS)), P.EVENT_AT_WATERMARK_NS)
  if (altered.readUInt8(P.EVENT_AT_MESSAGE) === P.MESSAGE_EVENTS)
    for (let at = P.EVENT_HEADER_BYTES; at < altered.length; at += P.EVENT_BYTES)
      altered.writeBigInt64LE(change(altered.readBigInt64LE(at)), at)
  const crc = crc32(altered.subarray(P.EVENT_HEADER_BYTES), crc32(altered.subarray(0, P.EVENT_AT_CRC)))
  altered.writeUInt32LE(crc, P.EVENT_AT_CRC)
  return Uint8Array.from(altered)
}

/** Chunks of the device's bytes with every tick of every frame moved on by `ticks`, as if its counter had begun there. */
export function withTicksMovedOn(chunks: readonly Uint8Array[], ticks: number): Uint8Array[] {
  const bytes = Buffer.concat(chunks)
  for (let at = 0; at + P.FRAME_HEADER_BYTES <= bytes.length; ) {
    const end = at + P.FRAME_HEADER_BYTES + bytes.readUInt8(at + P.FRAME_AT_BODY_LENGTH) + P.FRAME_CRC_BYTES
    const isFrame = bytes[at] === P.FRAME_SYNC0 && bytes[at + 1] === P.FRAME_SYNC1 && end <= bytes.length
    if (!isFrame || crc16(bytes, at + 2, end - 2) !== bytes.readUInt16LE(end - 2)) {
      at++
      continue
    }
    for (const place of tickPlaces(bytes, at)) bytes.writeUInt32LE((bytes.readUInt32LE(place) + ticks) >>> 0, place)
    bytes.writeUInt16LE(crc16(bytes, at + 2, end - 2), end - 2)
    at = end
  }
  let from = 0
  return chunks.map(({ length }) => {
    from += length
    return Uint8Array.from(bytes.subarray(from - length, from))
  })
}

function tickPlaces(bytes: Buffer, at: number): number[] {
  switch (bytes.readUInt8(at + P.FRAME_AT_VERSION_KIND) & 15) {
    case P.FRAME_KIND_SAMPLE: {
      const pings = (bytes.readUInt8(at + P.SAMPLE_AT_FLAGS) & P.FLAG_PING_MASK) >> P.FLAG_PING_SHIFT
      const reports = at + P.SAMPLE_AT_COUNTS + (bytes.readUInt8(at + P.SAMPLE_AT_SAMPLE_COUNT) * 5) / 4
      const ofPings = Array.from({ length: pings }, (_, i) => reports + i * P.PING_REPORT_BYTES + 1)
      return [at + P.SAMPLE_AT_TICK, at + P.SAMPLE_AT_TX_TICK, ...ofPings]
    }
    case P.FRAME_KIND_IDENTITY:
      return [at + P.IDENTITY_AT_TICK]
    default: {
      const isPong = bytes.readUInt8(at + P.REPLY_AT_COMMAND) === P.COMMAND_PING
      return [at + P.REPLY_AT_TICK, ...(isPong ? [at + P.REPLY_AT_PAYLOAD + 1] : [])]
    }
  }
}
