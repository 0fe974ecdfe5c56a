/**
 * One operation of a network. Shapes are height, width, channels; int8 elements, one byte each. Activations that TFLite fuses
 * into their producer are no layers.
 */
export interface Layer {
  readonly name: string
  readonly kind: LayerKind
  /** Layers whose outputs it reads; GRAPH_INPUT is the network's input. */
  readonly from: readonly string[]
  /** Of its first input. */
  readonly input: Shape3
  readonly output: Shape3
  readonly kernel: readonly [heightPx: number, widthPx: number]
  readonly stride: readonly [heightPx: number, widthPx: number]
  readonly macs: number
  /** As in the TFLite file: int8 weights and int32 biases, B. */
  readonly parameterBytes: number
}

export type Shape3 = readonly [height: number, width: number, channels: number]

export const LAYER_KINDS = [
  'conv',
  'depthwise',
  'dense',
  'pool',
  'add',
  'mul',
  'scale',
  'concat',
  'activation',
  'resize',
  'reshape',
] as const

export type LayerKind = (typeof LAYER_KINDS)[number]

export const GRAPH_INPUT = 'input'

/** What one device executes, in order of execution. */
export interface Segment {
  readonly layers: readonly Layer[]
  /** Of the compiler's report where it is known, B; otherwise the placement is a guess. */
  readonly reported?: Placed
}

/** Parameters of a segment: kept in the device's memory, or fetched anew at each inference. */
export interface Placed {
  readonly onChipBytes: number
  readonly offChipBytes: number
}

export function elements([height, width, channels]: Shape3): number {
  return height * width * channels
}

/** Multiply-accumulates that its shapes imply; 0 where nothing is multiplied by a learned weight matrix. */
export function macsOf({ kind, input, output, kernel }: Pick<Layer, 'kind' | 'input' | 'output' | 'kernel'>): number {
  const taps = kernel[0] * kernel[1]
  switch (kind) {
    case 'conv':
      return elements(output) * taps * input[2]
    case 'depthwise':
      return elements(output) * taps
    case 'dense':
      return elements(input) * output[2]
    default:
      return 0
  }
}
