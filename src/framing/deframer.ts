import * as P from '../protocol/constants.ts'
import { crc16 } from '../protocol/crc16.ts'
import type { HostNs } from '../units/units.ts'
import { decodeFrame, type Frame } from './frame.ts'

/** Why bytes were refused, in the words of protocol/frame.md. */
export type BadReason = 'garbage' | 'version' | 'length' | 'crc' | 'body'

export interface BadBytes {
  /** Position in the stream since the port was opened. */
  readonly offset: number
  readonly reason: BadReason
}

export interface DeframerCounts {
  frames: number
  bytes: number
  garbageBytes: number
  bad: Record<BadReason, number>
}

type Answer = 'not yet' | 'frame' | BadReason

/**
 * Cuts the byte stream of the device into frames.
 *
 * Keeps at most one frame's worth of bytes between pushes. After a refused candidate at N the search resumes at N + 1 and
 * never at the claimed end, so a damaged length costs one frame, not the frames behind it.
 */
export class Deframer {
  readonly counts: DeframerCounts = {
    frames: 0,
    bytes: 0,
    garbageBytes: 0,
    bad: { garbage: 0, version: 0, length: 0, crc: 0, body: 0 },
  }
  #held: Uint8Array = new Uint8Array(0)
  /** Stream position of the first held byte. */
  #offset = 0
  #inGarbage = false

  /** Frames completed by these bytes; what was refused is counted and, when asked for, told to `onBad`. */
  push(bytes: Uint8Array, arrivalNs: HostNs, onBad?: (bad: BadBytes) => void): Frame[] {
    this.counts.bytes += bytes.length
    const all = this.#held.length === 0 ? bytes : concat(this.#held, bytes)
    const frames: Frame[] = []
    let at = 0
    while (at < all.length) {
      const answer = examine(all, at)
      if (answer === 'not yet') break
      if (answer === 'frame') {
        const end = frameEnd(all, at)
        const frame = decodeFrame(all, at, end, arrivalNs)
        if (frame !== undefined) {
          frames.push(frame)
          this.counts.frames++
          this.#inGarbage = false
          at = end
          continue
        }
      }
      this.#refuse(answer === 'frame' ? 'body' : answer, this.#offset + at, onBad)
      at++
    }
    this.#offset += at
    this.#held = all.slice(at)
    return frames
  }

  /** Bytes held that are not a whole frame yet. */
  get pending(): number {
    return this.#held.length
  }

  #refuse(reason: BadReason, offset: number, onBad: ((bad: BadBytes) => void) | undefined): void {
    if (reason === 'garbage') this.counts.garbageBytes++
    const continues = reason === 'garbage' && this.#inGarbage
    this.#inGarbage = reason === 'garbage'
    if (continues) return
    this.counts.bad[reason]++
    onBad?.({ offset, reason })
  }
}

const VERSION = P.PROTOCOL_VERSION << 4

function examine(bytes: Uint8Array, at: number): Answer {
  const left = bytes.length - at
  if (bytes[at] !== P.FRAME_SYNC0) return 'garbage'
  if (left < 2) return 'not yet'
  if (bytes[at + 1] !== P.FRAME_SYNC1) return 'garbage'
  if (left < 3) return 'not yet'
  const versionKind = bytes[at + P.FRAME_AT_VERSION_KIND] as number
  const kind = versionKind & 15
  if ((versionKind & 0xf0) !== VERSION || kind < P.FRAME_KIND_SAMPLE || kind > P.FRAME_KIND_REPLY) return 'version'
  if (left < 4) return 'not yet'
  if ((bytes[at + P.FRAME_AT_BODY_LENGTH] as number) > P.FRAME_BODY_MAX) return 'length'
  const end = frameEnd(bytes, at)
  if (end > bytes.length) return 'not yet'
  const sent = (bytes[end - 2] as number) | ((bytes[end - 1] as number) << 8)
  return crc16(bytes, at + 2, end - P.FRAME_CRC_BYTES) === sent ? 'frame' : 'crc'
}

function frameEnd(bytes: Uint8Array, at: number): number {
  return at + P.FRAME_HEADER_BYTES + (bytes[at + P.FRAME_AT_BODY_LENGTH] as number) + P.FRAME_CRC_BYTES
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
