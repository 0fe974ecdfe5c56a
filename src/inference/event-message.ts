import { crc32 } from 'node:zlib'
import * as P from '../protocol/constants.ts'

/** A message of the runner, field by field in protocol/event.md. Times are absolute CLOCK_MONOTONIC nanoseconds. */
export interface EventMessage {
  readonly message: number
  /** 16 hexadecimal digits. */
  readonly sourceId: string
  readonly firstSequence: number
  readonly watermarkNs: bigint
  readonly count: number
  /** Bytes of the body; read it with `eventAt` or `dictionaryOf`. */
  readonly body: DataView
}

export interface InferenceEvent {
  readonly sequence: number
  readonly tNs: bigint
  readonly spanId: number
  readonly inferenceId: number
  readonly kind: number
  readonly edge: number
  readonly device: number
  readonly model: number
  readonly segment: number
  readonly task: number
  readonly value: number
  /** Of a marker: the edge lies within so much after tNs. */
  readonly bracketNs: number
}

export interface Dictionary {
  readonly tasks: readonly { readonly name: string; readonly model: number }[]
  readonly models: readonly { readonly name: string; readonly segments: number }[]
  readonly devices: readonly { readonly name: string; readonly path?: string }[]
  readonly runner: Readonly<Record<string, unknown>>
}

export type EventBadReason = 'magic' | 'version' | 'length' | 'crc' | 'body'

export type EventAnswer =
  | { readonly kind: 'message'; readonly message: EventMessage; readonly end: number }
  | { readonly kind: 'not yet' }
  | { readonly kind: 'bad'; readonly reason: EventBadReason }

/** The message that starts at `start`: a log is a concatenation of them. */
export function decodeEventMessage(bytes: Uint8Array, start = 0): EventAnswer {
  const left = bytes.length - start
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, left)
  if (left < P.EVENT_HEADER_BYTES) return { kind: 'not yet' }
  if (view.getUint32(0, true) !== P.EVENT_MAGIC) return { kind: 'bad', reason: 'magic' }
  const version = view.getUint8(P.EVENT_AT_VERSION)
  if (version === 0 || version > P.EVENT_VERSION_MARKER) return { kind: 'bad', reason: 'version' }
  const message = view.getUint8(P.EVENT_AT_MESSAGE)
  const count = view.getUint32(P.EVENT_AT_COUNT, true)
  const bodyBytes = bodyLength(message, count)
  if (bodyBytes === undefined) return { kind: 'bad', reason: 'length' }
  const end = P.EVENT_HEADER_BYTES + bodyBytes
  if (left < end) return { kind: 'not yet' }
  const body = new DataView(view.buffer, view.byteOffset + P.EVENT_HEADER_BYTES, bodyBytes)
  if (checksum(view, body) !== view.getUint32(P.EVENT_AT_CRC, true)) return { kind: 'bad', reason: 'crc' }
  const firstSequence = Number(view.getBigUint64(P.EVENT_AT_FIRST_SEQUENCE, true))
  if (!Number.isSafeInteger(firstSequence) || !isSound(version, message, count, body))
    return { kind: 'bad', reason: 'body' }
  return {
    kind: 'message',
    end: start + end,
    message: {
      message,
      sourceId: view.getBigUint64(P.EVENT_AT_SOURCE_ID, true).toString(16).padStart(16, '0'),
      firstSequence,
      watermarkNs: view.getBigInt64(P.EVENT_AT_WATERMARK_NS, true),
      count,
      body,
    },
  }
}

export function eventAt(message: EventMessage, i: number): InferenceEvent {
  const at = i * P.EVENT_BYTES
  const { body } = message
  return {
    sequence: message.firstSequence + i,
    tNs: body.getBigInt64(at, true),
    spanId: body.getUint32(at + 8, true),
    inferenceId: body.getUint32(at + 12, true),
    kind: body.getUint8(at + 16),
    edge: body.getUint8(at + 17),
    device: body.getUint16(at + 18, true),
    model: body.getUint16(at + 20, true),
    segment: body.getUint16(at + 22, true),
    task: body.getUint16(at + 24, true),
    value: body.getUint16(at + 26, true),
    bracketNs: body.getUint32(at + P.EVENT_AT_BRACKET, true),
  }
}

/** The dictionary in a dictionary message; undefined when it is not one. */
export function dictionaryOf(message: EventMessage): Dictionary | undefined {
  try {
    const bytes = new Uint8Array(message.body.buffer, message.body.byteOffset, message.body.byteLength)
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isRecord(parsed)
      ? {
          tasks: namedList(parsed.tasks).map((t) => ({ name: t.name, model: numberOr(t.model, P.NONE16) })),
          models: namedList(parsed.models).map((m) => ({ name: m.name, segments: numberOr(m.segments, 0) })),
          devices: namedList(parsed.devices).map(({ name, path }) =>
            typeof path === 'string' ? { name, path } : { name },
          ),
          runner: isRecord(parsed.runner) ? parsed.runner : {},
        }
      : undefined
  } catch {
    return undefined
  }
}

/** Largest dictionary accepted: names of a few thousand tasks, models and devices. */
const DICTIONARY_BYTES_MAX = 1 << 20

function bodyLength(message: number, count: number): number | undefined {
  switch (message) {
    case P.MESSAGE_EVENTS:
      return count <= P.EVENT_MESSAGE_MAX ? count * P.EVENT_BYTES : undefined
    case P.MESSAGE_DICTIONARY:
      return count <= DICTIONARY_BYTES_MAX ? count : undefined
    case P.MESSAGE_HEARTBEAT:
    case P.MESSAGE_END:
      return count === 0 ? 0 : undefined
    default:
      return undefined
  }
}

function checksum(view: DataView, body: DataView): number {
  const head = new Uint8Array(view.buffer, view.byteOffset, P.EVENT_AT_CRC)
  return crc32(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), crc32(head))
}

function isSound(version: number, message: number, count: number, body: DataView): boolean {
  if (message !== P.MESSAGE_EVENTS) return true
  for (let i = 0; i < count; i++) {
    const kind = body.getUint8(i * P.EVENT_BYTES + 16)
    const edge = body.getUint8(i * P.EVENT_BYTES + 17)
    const lastKind = version < P.EVENT_VERSION_MARKER ? P.KIND_STATE : P.KIND_MARKER
    if (kind < P.KIND_INFERENCE || kind > lastKind || edge > P.EDGE_INSTANT) return false
    if (kind >= P.KIND_STATE !== (edge === P.EDGE_INSTANT)) return false
    if (kind === P.KIND_MARKER && body.getUint16(i * P.EVENT_BYTES + 26, true) > 1) return false
  }
  return true
}

function namedList(value: unknown): (Record<string, unknown> & { name: string })[] {
  return Array.isArray(value)
    ? value.map((v) => ({ ...(isRecord(v) ? v : {}), name: String(isRecord(v) ? v.name : v) }))
    : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
