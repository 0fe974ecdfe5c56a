// The device's side of protocol/frame.md, written apart from the decoder so that the two check each other.
import { crc16 } from '../../src/protocol/crc16.ts'

export interface SampleFields {
  boot_id: number
  sequence: number
  first_index: number
  tick: number
  tx_tick: number
  mode: number
  channels: number
  flags: number
  marker_edges: number
  marker_offset: number
  counts: number[]
  pings: { id: number; rx_tick: number }[]
}

/** `flags` without the ping count, which follows from `pings`. */
export function encodeSample(f: SampleFields): Uint8Array {
  const body = [
    ...u32(f.first_index),
    ...u32(f.tick),
    ...u32(f.tx_tick),
    f.mode,
    f.channels,
    f.counts.length,
    f.flags | (f.pings.length << 5),
    f.marker_edges,
    f.marker_offset,
  ]
  for (let i = 0; i < f.counts.length; i += 4) {
    const four = f.counts.slice(i, i + 4)
    body.push(
      ...four.map((c) => c & 255),
      four.reduce((high, c, j) => high | ((c >> 8) << (2 * j)), 0),
    )
  }
  for (const ping of f.pings) body.push(ping.id, ...u32(ping.rx_tick))
  return encodeRaw(1, f.boot_id, f.sequence, body)
}

export function encodeRaw(kind: number, bootId: number, sequence: number, body: number[]): Uint8Array {
  const bytes = Uint8Array.from([0xa5, 0x4a, 0x10 | kind, body.length, ...u16(bootId), ...u16(sequence), ...body, 0, 0])
  return withCrc(bytes, 2)
}

export function encodeCommand(command: number, payload: number[]): Uint8Array {
  return withCrc(Uint8Array.from([0xc5, command, payload.length, ...payload, 0, 0]), 1)
}

export function withCrc(bytes: Uint8Array, from: number): Uint8Array {
  const crc = crc16(bytes, from, bytes.length - 2)
  bytes[bytes.length - 2] = crc & 255
  bytes[bytes.length - 1] = crc >> 8
  return bytes
}

export const u16 = (v: number): number[] => [v & 255, (v >>> 8) & 255]
export const u32 = (v: number): number[] => [...u16(v & 0xffff), ...u16(v >>> 16)]
