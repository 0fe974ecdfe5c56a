/** One reading of the clock probe as the journal holds it: six int64 (protocol/journal.md), ns. */
export interface ClockProbeReading {
  readonly beforeNs: bigint
  readonly rawNs: bigint
  readonly boottimeNs: bigint
  readonly realtimeNs: bigint
  readonly afterNs: bigint
  readonly suspends: number
}

const BYTES = 48

/** Undefined for a payload of another length, by a newer probe. */
export function decodeClockReading(payload: Uint8Array): ClockProbeReading | undefined {
  if (payload.length !== BYTES) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset)
  const at = (i: number): bigint => view.getBigInt64(8 * i, true)
  return {
    beforeNs: at(0),
    rawNs: at(1),
    boottimeNs: at(2),
    realtimeNs: at(3),
    afterNs: at(4),
    suspends: Number(at(5)),
  }
}
