import type { Layer } from './layer.ts'
import { TILE_COLUMNS, TILE_ROWS } from './tpu-array.ts'

/**
 * Bytes of one tile that a layer takes when its input, with the rows and columns that tiles share, and its output lie in memory
 * whole. Compiled files state this figure as used_narrow_memory_bytes_per_tile (docs/card.md).
 */
export function tileBytes(layer: Layer): number {
  const { input, output } = layer
  const [rows, columns] = tilePixels(output)
  return heldInput(layer, 0, rows) * heldInput(layer, 1, columns) * input[2] + rows * columns * output[2]
}

/** Rows or columns of the input in one tile: those under the windows of its outputs; its share where it may have no output. */
function heldInput({ input, output, kernel, stride }: Layer, axis: 0 | 1, outputs: number): number {
  const tiles = axis === 0 ? TILE_ROWS : TILE_COLUMNS
  return output[axis] < tiles ? Math.ceil(input[axis] / tiles) : (outputs - 1) * stride[axis] + kernel[axis]
}

/**
 * How often the weights of a streamed layer cross the bus in one inference: an output that takes more than `limitBytes` of a tile
 * is made in stripes, of as many rows for each row of tiles, and each stripe wants all weights again.
 */
export function restreams({ kind, output }: Layer, limitBytes: number): number {
  if (kind !== 'conv' && kind !== 'depthwise') return 1
  const [rows, columns] = tilePixels(output)
  const rowBytes = columns * output[2]
  const stripeRows = Math.max(1, Math.min(rows, Math.floor(limitBytes / rowBytes)))
  return Math.ceil(output[0] / (stripeRows * TILE_ROWS))
}

function tilePixels([height, width]: Layer['output']): readonly [rows: number, columns: number] {
  return [Math.ceil(height / TILE_ROWS), Math.ceil(width / TILE_COLUMNS)]
}
