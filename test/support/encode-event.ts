// The runner's side of protocol/event.md and power.md, written apart from the decoders so that the two check each other.
import { crc32 } from 'node:zlib'

export interface EventFields {
  t_ns: bigint
  span_id: number
  inference_id: number
  kind: number
  edge: number
  device: number
  model: number
  segment: number
  task: number
  value: number
  /** Of a marker, ns. */
  bracket_ns?: number
}

export interface PowerFields {
  t_ns: bigint
  duration_ns: number
  watts_start: number
  watts_end: number
  span_id: number
  inference_id: number
  device: number
  model: number
  segment: number
  type: number
  kind: number
}

interface Header {
  source_id: bigint
  first_sequence: bigint
  watermark_ns: bigint
}

export function encodeEvents(header: Header, events: EventFields[]): Uint8Array {
  const body = Buffer.alloc(events.length * 32)
  events.forEach((e, i) => {
    const at = i * 32
    body.writeBigInt64LE(e.t_ns, at)
    body.writeUInt32LE(e.span_id, at + 8)
    body.writeUInt32LE(e.inference_id, at + 12)
    body.writeUInt8(e.kind, at + 16)
    body.writeUInt8(e.edge, at + 17)
    body.writeUInt16LE(e.device, at + 18)
    body.writeUInt16LE(e.model, at + 20)
    body.writeUInt16LE(e.segment, at + 22)
    body.writeUInt16LE(e.task, at + 24)
    body.writeUInt16LE(e.value, at + 26)
    body.writeUInt32LE(e.bracket_ns ?? 0, at + 28)
  })
  const version = events.some(({ kind }) => kind === 7) ? 2 : 1
  return encodeMessage('JSE1', 1, header, events.length, body, version)
}

export function encodeHeartbeat(header: Header): Uint8Array {
  return encodeMessage('JSE1', 2, header, 0, Buffer.alloc(0))
}

export function encodeDictionary(header: Header, dictionary: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(dictionary), 'utf8')
  return encodeMessage('JSE1', 3, header, body.length, body)
}

export function encodeEnd(header: Header): Uint8Array {
  return encodeMessage('JSE1', 4, header, 0, Buffer.alloc(0))
}

export function encodePowers(header: Header, records: PowerFields[]): Uint8Array {
  const body = Buffer.alloc(records.length * 40)
  records.forEach((r, i) => {
    const at = i * 40
    body.writeBigInt64LE(r.t_ns, at)
    body.writeUInt32LE(r.duration_ns, at + 8)
    body.writeFloatLE(r.watts_start, at + 12)
    body.writeFloatLE(r.watts_end, at + 16)
    body.writeUInt32LE(r.span_id, at + 20)
    body.writeUInt32LE(r.inference_id, at + 24)
    body.writeUInt16LE(r.device, at + 28)
    body.writeUInt16LE(r.model, at + 30)
    body.writeUInt16LE(r.segment, at + 32)
    body.writeUInt8(r.type, at + 34)
    body.writeUInt8(r.kind, at + 35)
  })
  const version = records.some(({ type }) => type === 2) ? 2 : 1
  return encodeMessage('JSP1', 1, header, records.length, body, version)
}

export function encodeMessage(
  magic: string,
  message: number,
  h: Header,
  count: number,
  body: Buffer,
  version = 1,
): Uint8Array {
  const head = Buffer.alloc(40)
  head.write(magic, 0, 'latin1')
  head.writeUInt8(version, 4)
  head.writeUInt8(message, 5)
  head.writeBigUInt64LE(h.source_id, 8)
  head.writeBigUInt64LE(h.first_sequence, 16)
  head.writeBigInt64LE(h.watermark_ns, 24)
  head.writeUInt32LE(count, 32)
  head.writeUInt32LE(crc32(body, crc32(head.subarray(0, 36))), 36)
  return Uint8Array.from(Buffer.concat([head, body]))
}
