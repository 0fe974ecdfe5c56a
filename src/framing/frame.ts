import * as P from '../protocol/constants.ts'
import { channelCount } from '../protocol/sampling.ts'
import type { HostNs } from '../units/units.ts'

/** One checked unit from the device; field by field in protocol/frame.md. */
export type Frame = SampleFrame | IdentityFrame | ReplyFrame

interface FrameHeader {
  readonly bootId: number
  readonly sequence: number
  /** When the read returned that brought the frame's last byte. */
  readonly arrivalNs: HostNs
}

export interface SampleFrame extends FrameHeader {
  readonly kind: typeof P.FRAME_KIND_SAMPLE
  /** Conversions since boot, all channels, modulo 2^32. */
  readonly firstIndex: number
  /** Timer at the sample-and-hold of the first sample, modulo 2^32, 0.5 us. */
  readonly tick: number
  /** Timer just before the last byte of frame `sequence - 1` entered the UART; see FLAG_TX_TICK_VALID. */
  readonly txTick: number
  readonly mode: number
  readonly channels: number
  readonly flags: number
  readonly markerEdges: number
  readonly markerOffset: number
  readonly counts: Uint16Array
  readonly pings: readonly PingReport[]
}

export interface PingReport {
  readonly id: number
  /** Timer at the first byte of the ping, modulo 2^32, 0.5 us. */
  readonly rxTick: number
}

export interface IdentityFrame extends FrameHeader {
  readonly kind: typeof P.FRAME_KIND_IDENTITY
  readonly hardware: number
  readonly firmware: string
  readonly fCpuHz: number
  readonly tickDivider: number
  readonly resetCause: number
  readonly modes: number
  readonly defaultMode: number
  readonly inputs: number
  readonly mode: number
  readonly channels: number
  readonly streaming: boolean
  readonly tick: number
  readonly serial: string
}

export interface ReplyFrame extends FrameHeader {
  readonly kind: typeof P.FRAME_KIND_REPLY
  readonly command: number
  readonly status: number
  readonly tick: number
  readonly payload: Uint8Array
}

/** Decodes the frame whose bytes, sync to CRC, are [start, end); undefined when the body breaks its kind's own rules. */
export function decodeFrame(bytes: Uint8Array, start: number, end: number, arrivalNs: HostNs): Frame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
  const header = {
    bootId: view.getUint16(P.FRAME_AT_BOOT_ID, true),
    sequence: view.getUint16(P.FRAME_AT_SEQUENCE, true),
    arrivalNs,
  }
  const bodyLength = view.getUint8(P.FRAME_AT_BODY_LENGTH)
  switch (view.getUint8(P.FRAME_AT_VERSION_KIND) & 15) {
    case P.FRAME_KIND_SAMPLE:
      return decodeSample(view, bodyLength, header)
    case P.FRAME_KIND_IDENTITY:
      return bodyLength === P.IDENTITY_BODY_BYTES ? decodeIdentity(view, header) : undefined
    case P.FRAME_KIND_REPLY:
      return bodyLength >= P.REPLY_AT_PAYLOAD - P.FRAME_HEADER_BYTES ? decodeReply(view, bodyLength, header) : undefined
    default:
      return undefined
  }
}

const SAMPLE_FIXED_BYTES = P.SAMPLE_AT_COUNTS - P.FRAME_HEADER_BYTES

function decodeSample(view: DataView, bodyLength: number, header: FrameHeader): SampleFrame | undefined {
  if (bodyLength < SAMPLE_FIXED_BYTES) return undefined
  const mode = view.getUint8(P.SAMPLE_AT_MODE)
  const channels = view.getUint8(P.SAMPLE_AT_CHANNELS)
  const count = view.getUint8(P.SAMPLE_AT_SAMPLE_COUNT)
  const flags = view.getUint8(P.SAMPLE_AT_FLAGS)
  const pingCount = (flags & P.FLAG_PING_MASK) >> P.FLAG_PING_SHIFT
  const countBytes = (count * 5) / 4
  if (
    mode >= P.MODE_COUNT ||
    channels === 0 ||
    flags & 0x80 ||
    count === 0 ||
    count > P.SAMPLE_COUNT_MAX ||
    count % 4 !== 0 ||
    count % channelCount(channels) !== 0 ||
    bodyLength !== SAMPLE_FIXED_BYTES + countBytes + P.PING_REPORT_BYTES * pingCount
  )
    return undefined
  const pings: PingReport[] = []
  for (let i = 0; i < pingCount; i++) {
    const at = P.SAMPLE_AT_COUNTS + countBytes + i * P.PING_REPORT_BYTES
    pings.push({ id: view.getUint8(at), rxTick: view.getUint32(at + 1, true) })
  }
  return {
    kind: P.FRAME_KIND_SAMPLE,
    ...header,
    firstIndex: view.getUint32(P.SAMPLE_AT_FIRST_INDEX, true),
    tick: view.getUint32(P.SAMPLE_AT_TICK, true),
    txTick: view.getUint32(P.SAMPLE_AT_TX_TICK, true),
    mode,
    channels,
    flags,
    markerEdges: view.getUint8(P.SAMPLE_AT_MARKER_EDGES),
    markerOffset: view.getUint8(P.SAMPLE_AT_MARKER_OFFSET),
    counts: unpackCounts(view, count),
    pings,
  }
}

/** Five bytes hold four counts: their low bytes, then one byte of their high bits, first count lowest. */
function unpackCounts(view: DataView, count: number): Uint16Array {
  const counts = new Uint16Array(count)
  for (let i = 0, at = P.SAMPLE_AT_COUNTS; i < count; i += 4, at += 5) {
    const high = view.getUint8(at + 4)
    counts[i] = view.getUint8(at) | ((high & 0x03) << 8)
    counts[i + 1] = view.getUint8(at + 1) | ((high & 0x0c) << 6)
    counts[i + 2] = view.getUint8(at + 2) | ((high & 0x30) << 4)
    counts[i + 3] = view.getUint8(at + 3) | ((high & 0xc0) << 2)
  }
  return counts
}

function decodeIdentity(view: DataView, header: FrameHeader): IdentityFrame {
  const firmware = [0, 1, 2].map((i) => view.getUint8(P.IDENTITY_AT_FIRMWARE + i)).join('.')
  return {
    kind: P.FRAME_KIND_IDENTITY,
    ...header,
    hardware: view.getUint8(P.IDENTITY_AT_HARDWARE),
    firmware,
    fCpuHz: view.getUint32(P.IDENTITY_AT_F_CPU_HZ, true),
    tickDivider: view.getUint16(P.IDENTITY_AT_TICK_DIVIDER, true),
    resetCause: view.getUint8(P.IDENTITY_AT_RESET_CAUSE),
    modes: view.getUint8(P.IDENTITY_AT_MODES),
    defaultMode: view.getUint8(P.IDENTITY_AT_DEFAULT_MODE),
    inputs: view.getUint8(P.IDENTITY_AT_INPUTS),
    mode: view.getUint8(P.IDENTITY_AT_MODE),
    channels: view.getUint8(P.IDENTITY_AT_CHANNELS),
    streaming: view.getUint8(P.IDENTITY_AT_STREAMING) !== 0,
    tick: view.getUint32(P.IDENTITY_AT_TICK, true),
    serial: readAscii(view, P.IDENTITY_AT_SERIAL, P.SERIAL_NUMBER_BYTES),
  }
}

function decodeReply(view: DataView, bodyLength: number, header: FrameHeader): ReplyFrame {
  const end = P.FRAME_HEADER_BYTES + bodyLength
  return {
    kind: P.FRAME_KIND_REPLY,
    ...header,
    command: view.getUint8(P.REPLY_AT_COMMAND),
    status: view.getUint8(P.REPLY_AT_STATUS),
    tick: view.getUint32(P.REPLY_AT_TICK, true),
    payload: new Uint8Array(view.buffer, view.byteOffset, end).slice(P.REPLY_AT_PAYLOAD),
  }
}

/** NUL padded ASCII; bytes outside the printable range become '?'. */
export function readAscii(view: DataView, at: number, length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) {
    const code = view.getUint8(at + i)
    if (code === 0) break
    text += code >= 32 && code < 127 ? String.fromCharCode(code) : '?'
  }
  return text
}
