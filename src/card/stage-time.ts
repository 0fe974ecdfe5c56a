import { restreams } from './activations.ts'
import type { Segment } from './layer.ts'
import { type MemoryParameters, type Placement, placeParameters } from './placement.ts'
import { arrayCycles, CLOCK_HZ } from './tpu-array.ts'

/** Everything the time of a stage depends on; fitted or published as data/card/edgetpu-timing.json says. */
export interface TimingParameters extends MemoryParameters {
  /** Of one invoke call, whatever it does. */
  readonly invokeMs: number
  /** Cycles the array takes for each that the layout says. */
  readonly cycleFactor: number
  /** Parameters, instructions and inputs towards the device. */
  readonly busMsPerMib: number
  /** Outputs: driver, and the host that puts them in order. */
  readonly outputMsPerMib: number
  /** Once an inference if anything is streamed. */
  readonly streamStartMs: number
  /** Of a tile, for input and output of a stripe of a streamed layer. */
  readonly stripeLimitTileBytes: number
  /** Fetched for each layer at each inference. */
  readonly instructionBytesPerLayer: number
  /** Of the first inference, beyond carrying parameters to the device. */
  readonly firstStartMs: number
  /** What the card carries to all its devices together. */
  readonly uplinkMibPerS: number
  /** Standard deviation of a stage from one inference to the next. */
  readonly jitterRel: number
}

export const MIB = 2 ** 20

/** One execution of a segment, as the invoke call encloses it. */
export interface StageTime {
  readonly transferInMs: number
  /** Array and streamed parameters, whichever is slower, layer by layer. */
  readonly computeMs: number
  readonly transferOutMs: number
  readonly steadyMs: number
  /** Carries cached parameters to the device. */
  readonly loadMs: number
  readonly firstMs: number
  /** The array alone. */
  readonly arrayMs: number
  /** Parameters that cross the bus in a steady inference, B. */
  readonly streamedBytes: number
  /** All that crosses it towards the device; outputs go the other way at the same time. */
  readonly toDeviceBytes: number
  readonly placement: Placement
}

/**
 * steady = invoke + (input + instructions) bus + sum over layers of max(array, r stored bus) + output. Streamed parameters come in
 * while the array works (double buffering), so the slower of the two counts.
 */
export function stageTime(
  segment: Segment,
  transfer: { readonly inputBytes: number; readonly outputBytes: number },
  timing: TimingParameters,
): StageTime {
  const placement = placeParameters(segment, timing)
  let computeMs = 0
  let arrayMs = 0
  let streamedBytes = 0
  for (const [i, layer] of segment.layers.entries()) {
    const layerArrayMs = layerArrayTimeMs(arrayCycles(layer), timing)
    const offChipBytes = (placement.storedBytes[i] as number) * (1 - (placement.onChipShare[i] as number))
    const bytes = offChipBytes * (offChipBytes === 0 ? 1 : restreams(layer, timing.stripeLimitTileBytes))
    arrayMs += layerArrayMs
    streamedBytes += bytes
    computeMs += Math.max(layerArrayMs, (bytes / MIB) * timing.busMsPerMib)
  }
  if (streamedBytes > 0) computeMs += timing.streamStartMs
  const instructionBytes = segment.layers.length * timing.instructionBytesPerLayer
  const sentBytes = transfer.inputBytes + instructionBytes
  const transferInMs = timing.invokeMs + (sentBytes / MIB) * timing.busMsPerMib
  const transferOutMs = (transfer.outputBytes / MIB) * timing.outputMsPerMib
  const steadyMs = transferInMs + computeMs + transferOutMs
  const loadMs = timing.firstStartMs + (placement.onChipBytes / MIB) * timing.busMsPerMib
  return {
    transferInMs,
    computeMs,
    transferOutMs,
    steadyMs,
    loadMs,
    firstMs: steadyMs + loadMs,
    arrayMs,
    streamedBytes,
    toDeviceBytes: sentBytes + streamedBytes,
    placement,
  }
}

export function layerArrayTimeMs(cycles: number, { cycleFactor }: TimingParameters): number {
  return (cycles / CLOCK_HZ) * 1e3 * cycleFactor
}
