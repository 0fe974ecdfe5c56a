import { elements, type Layer } from './layer.ts'

/**
 * The Edge TPU as its driver declares it (libedgetpu, beagle_chip_structures.h): 4 x 4 tiles, 64 cells a tile. A 64 x 64 array is
 * 4096 multipliers, so a cell has 4 lanes; that parameters are kept in blocks of 4 input and 64 output channels (every size in
 * data/edgetpu-calibration agrees to the byte) says the same.
 */
export const TILE_ROWS = 4
export const TILE_COLUMNS = 4
export const CELLS = 64
export const LANES = 4
export const CLOCK_HZ = 500e6

export const MULTIPLIERS = TILE_ROWS * TILE_COLUMNS * CELLS * LANES

/** A bias with its scale takes 8 B for each padded output channel. */
const BIAS_BYTES = 8

/**
 * Cycles of one layer if the array never waited. Tiles share the rows and columns of the output, cells its channels, lanes the
 * channels of the input; what does not fill them is lost. A dense layer has one pixel and so one tile.
 */
export function arrayCycles(layer: Layer): number {
  const [height, width, channels] = layer.output
  const pixelsPerTile = Math.ceil(height / TILE_ROWS) * Math.ceil(width / TILE_COLUMNS)
  const cellPasses = Math.ceil(channels / CELLS)
  const taps = layer.kernel[0] * layer.kernel[1]
  switch (layer.kind) {
    case 'conv':
      return pixelsPerTile * cellPasses * taps * Math.ceil(layer.input[2] / LANES)
    case 'dense':
      return cellPasses * Math.ceil(elements(layer.input) / LANES)
    case 'depthwise':
    case 'pool':
      return pixelsPerTile * cellPasses * taps
    case 'add':
    case 'mul':
    case 'scale':
    case 'activation':
    case 'resize':
      return pixelsPerTile * cellPasses
    case 'concat':
    case 'reshape':
      return 0
  }
}

/** Bytes its parameters take on the device, in blocks of LANES input and CELLS output channels. */
export function storedBytes(layer: Layer): number {
  if (layer.parameterBytes === 0) return 0
  const taps = layer.kernel[0] * layer.kernel[1]
  const columns = padded(layer.output[2], CELLS)
  const biasBytes = hasBias(layer) ? BIAS_BYTES * columns : 0
  switch (layer.kind) {
    case 'conv':
      return taps * padded(layer.input[2], LANES) * columns + biasBytes
    case 'dense':
      return padded(elements(layer.input), LANES) * columns + biasBytes
    case 'depthwise':
      return taps * columns + biasBytes
    default:
      return layer.parameterBytes
  }
}

function hasBias(layer: Layer): boolean {
  const taps = layer.kernel[0] * layer.kernel[1]
  const weights = layer.kind === 'dense' ? elements(layer.input) * layer.output[2] : 0
  return layer.kind !== 'dense' || layer.parameterBytes > weights * taps
}

function padded(count: number, block: number): number {
  return Math.ceil(count / block) * block
}
