import * as P from './constants.ts'
import { crc16 } from './crc16.ts'

/** Bytes of a command to the device; protocol/frame.md. */
export function encodeCommand(command: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(P.COMMAND_HEADER_BYTES + payload.length + 2)
  bytes[0] = P.COMMAND_SYNC
  bytes[1] = command
  bytes[2] = payload.length
  bytes.set(payload, P.COMMAND_HEADER_BYTES)
  const crc = crc16(bytes, 1, bytes.length - 2)
  bytes[bytes.length - 2] = crc & 255
  bytes[bytes.length - 1] = crc >> 8
  return bytes
}

export function encodePing(id: number): Uint8Array {
  return encodeCommand(P.COMMAND_PING, Uint8Array.of(id & 255))
}

/** The id of a ping command; undefined when the bytes are another command. */
export function pingIdOf(bytes: Uint8Array): number | undefined {
  const isPing = bytes.length === 6 && bytes[0] === P.COMMAND_SYNC && bytes[1] === P.COMMAND_PING
  return isPing ? bytes[3] : undefined
}
