import type { Layer } from './layer.ts'
import { TILE_COLUMNS, TILE_ROWS } from './tpu-array.ts'

/**
 * Bytes of one tile that a layer takes when its input, with the rows and columns that tiles share, and its output lie in memory
 * whole. Compiled files state this figure as used_narrow_memory_bytes_per_tile (docs/card.md).
 */
export function tileBytes({ input, output, kernel, stride }: Layer): number {
  const [rows, columns] = tilePixels(output)
  const inRows = (rows - 1) * stride[0] + kernel[0]
  const inColumns = (columns - 1) * stride[1] + kernel[1]
  return inRows * inColumns * input[2] + rows * columns * output[2]
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
