/** One question for the clock of a runner on another machine and its answer (protocol/journal.md, kind 11); absolute ns. */
export interface RunnerExchange {
  /** CLOCK_MONOTONIC of this host before the question was sent and after the answer came. */
  readonly sentNs: bigint
  readonly receivedNs: bigint
  /** The runner's, between the two: CLOCK_MONOTONIC after it received, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, before it answered. */
  readonly beforeNs: bigint
  readonly rawNs: bigint
  readonly boottimeNs: bigint
  readonly afterNs: bigint
}

/** Seven 8-byte integers, little endian. */
export function encodeExchange(sentNs: bigint, receivedNs: bigint, answer: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + answer.length)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, sentNs, true)
  view.setBigInt64(8, receivedNs, true)
  bytes.set(answer, 16)
  return bytes
}

export function decodeExchange(payload: Uint8Array): RunnerExchange | undefined {
  if (payload.length !== EXCHANGE_BYTES) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const at = (i: number): bigint => view.getBigInt64(8 * i, true)
  return {
    ...{ sentNs: at(0), receivedNs: at(1), beforeNs: at(3), rawNs: at(4), boottimeNs: at(5), afterNs: at(6) },
  }
}

const EXCHANGE_BYTES = 56
