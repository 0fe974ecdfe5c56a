import { tileBytes } from './activations.ts'
import type { Layer, Segment } from './layer.ts'
import { storedBytes, TILE_COLUMNS, TILE_ROWS } from './tpu-array.ts'

/** Memory of the device and what of it parameters cannot have, B; data/card/edgetpu-timing.json gives sources. */
export interface MemoryParameters {
  readonly memoryBytes: number
  readonly overheadBytes: number
  /** A layer whose input and output take more than this of a tile is made in stripes. */
  readonly wholeLimitTileBytes: number
  /** What stripes keep of the memory. */
  readonly stripeReserveBytes: number
}

/** Of each layer of a segment, the part of its stored parameters that lies in the device's memory. */
export interface Placement {
  readonly storedBytes: readonly number[]
  /** 0 to 1, layer by layer. */
  readonly onChipShare: readonly number[]
  readonly onChipBytes: number
  readonly offChipBytes: number
  /** Whether the compiler's report decided. */
  readonly isReported: boolean
}

/**
 * Which parameters stay on the device. Everything, if it fits once large activations are made in stripes; otherwise activations
 * are kept whole where they can be, and layers get what is left, small ones first: every one is wanted once an inference, so it is
 * the largest that are left to stream. This gives the compiler's figures for all rows of data/edgetpu-calibration.
 */
export function placeParameters(segment: Segment, memory: MemoryParameters): Placement {
  const stored = segment.layers.map(storedBytes)
  const total = stored.reduce((sum, bytes) => sum + bytes, 0)
  const { reported } = segment
  const budget =
    reported === undefined ? parameterBudgetBytes(segment.layers, total, memory) : reported.onChipBytes * REPORT_SLACK
  const onChipShare = smallFirst(stored, budget)
  const onChip = stored.reduce((sum, bytes, i) => sum + bytes * (onChipShare[i] as number), 0)
  const placement = { storedBytes: stored, onChipShare, onChipBytes: onChip, offChipBytes: total - onChip }
  return reported === undefined
    ? { ...placement, isReported: false }
    : { ...scaledToReport(placement, reported), isReported: true }
}

/** Reports round to 0.01 MiB; a layer that just fits must not be turned away by it. */
const REPORT_SLACK = 1.01

export function parameterBudgetBytes(
  layers: readonly Layer[],
  totalStoredBytes: number,
  { memoryBytes, overheadBytes, wholeLimitTileBytes, stripeReserveBytes }: MemoryParameters,
): number {
  const freeBytes = memoryBytes - overheadBytes
  const users = layers.filter(usesMemory)
  const tiles = TILE_ROWS * TILE_COLUMNS
  const stripedBytes = Math.max(0, ...users.map((layer) => Math.min(tileBytes(layer) * tiles, stripeReserveBytes)))
  if (totalStoredBytes <= freeBytes - stripedBytes) return freeBytes - stripedBytes
  const striped = users.filter((layer) => tileBytes(layer) > wholeLimitTileBytes)
  // whoever feeds a striped layer hands it stripes
  const feeders = new Set(striped.flatMap(({ from }) => from))
  const whole = users.filter((layer) => !striped.includes(layer) && !feeders.has(layer.name))
  return Math.max(0, freeBytes - Math.max(stripedBytes, ...whole.map((layer) => tileBytes(layer) * tiles)))
}

/** Sums and concatenations work in place. */
function usesMemory({ kind }: Layer): boolean {
  return kind === 'conv' || kind === 'depthwise' || kind === 'dense' || kind === 'pool'
}

function smallFirst(stored: readonly number[], budgetBytes: number): number[] {
  const order = stored.map((_, i) => i).sort((a, b) => (stored[a] as number) - (stored[b] as number) || a - b)
  const share = stored.map(() => 0)
  let leftBytes = budgetBytes
  for (const i of order) {
    const bytes = stored[i] as number
    if (bytes > leftBytes) break
    share[i] = 1
    leftBytes -= bytes
  }
  return share
}

/** Keeps which layers stream and takes the sizes from the report. */
function scaledToReport(
  placement: Omit<Placement, 'isReported'>,
  reported: { readonly onChipBytes: number; readonly offChipBytes: number },
): Omit<Placement, 'isReported'> {
  const { onChipBytes, offChipBytes } = reported
  const isExplained = Math.abs(placement.offChipBytes - offChipBytes) <= EXPLAINED_WITHIN * offChipBytes
  if (isExplained) {
    const onScale = ratio(onChipBytes, placement.onChipBytes)
    const offScale = ratio(offChipBytes, placement.offChipBytes)
    const storedBytes = placement.storedBytes.map((bytes, i) => bytes * (placement.onChipShare[i] ? onScale : offScale))
    return { storedBytes, onChipShare: placement.onChipShare, onChipBytes, offChipBytes }
  }
  // what no choice of whole layers explains is spread evenly over all
  const total = onChipBytes + offChipBytes
  const scale = ratio(total, placement.onChipBytes + placement.offChipBytes)
  return {
    storedBytes: placement.storedBytes.map((bytes) => bytes * scale),
    onChipShare: placement.storedBytes.map(() => (total === 0 ? 1 : onChipBytes / total)),
    onChipBytes,
    offChipBytes,
  }
}

/** Of the bytes off chip, so much may differ between whole layers and a report. */
const EXPLAINED_WITHIN = 0.1

function ratio(wanted: number, had: number): number {
  return had === 0 ? 0 : wanted / had
}
