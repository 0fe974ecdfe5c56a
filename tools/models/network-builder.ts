import { elements, GRAPH_INPUT, type LayerKind, macsOf, type Shape3 } from '../../src/card/layer.ts'

export interface Tensor {
  readonly name: string
  readonly shape: Shape3
}

export interface BuiltLayer {
  readonly name: string
  readonly kind: LayerKind
  readonly from: readonly string[]
  readonly input: Shape3
  readonly output: Shape3
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly macs: number
  readonly params: number
}

export interface ConvOptions {
  readonly stride?: number
  /** `same` by default; `valid` makes no border. */
  readonly padding?: 'same' | 'valid'
  /** Of the published model: what counts as parameters. The TFLite layer has a bias in any case. */
  readonly bias?: boolean
  readonly norm?: boolean
}

type Window = number | readonly [number, number]

/** Collects the layers of one network, and its parameters as publications count them. */
export class NetworkBuilder {
  readonly layers: BuiltLayer[] = []
  readonly input: Tensor
  weights = 0
  biases = 0
  /** Channels of batch normalisations: 2 to 4 parameters each, as the source counts. */
  normChannels = 0
  #numbers = new Map<string, number>()

  constructor(input: Shape3) {
    this.input = { name: GRAPH_INPUT, shape: input }
  }

  conv(x: Tensor, filters: number, window: Window, options: ConvOptions = {}): Tensor {
    const kernel = pair(window)
    const weights = kernel[0] * kernel[1] * x.shape[2] * filters
    return this.#windowed('conv', x, filters, kernel, weights, options)
  }

  depthwise(x: Tensor, window: Window, options: ConvOptions = {}): Tensor {
    const kernel = pair(window)
    return this.#windowed('depthwise', x, x.shape[2], kernel, kernel[0] * kernel[1] * x.shape[2], options)
  }

  /** A global one takes the whole picture: `window` 0. */
  pool(x: Tensor, window: Window, stride: number, padding: 'same' | 'valid' = 'valid'): Tensor {
    const kernel: readonly [number, number] = window === 0 ? [x.shape[0], x.shape[1]] : pair(window)
    const output = outputOf(x.shape, x.shape[2], kernel, window === 0 ? 1 : stride, padding)
    return this.#add('pool', [x], output, kernel, window === 0 ? 1 : stride, 0)
  }

  dense(x: Tensor, outputs: number): Tensor {
    const weights = elements(x.shape) * outputs
    this.weights += weights
    this.biases += outputs
    return this.#add('dense', [x], [1, 1, outputs], [1, 1], 1, weights + 4 * outputs)
  }

  sum(...xs: readonly Tensor[]): Tensor {
    return this.#add('add', xs, (xs[0] as Tensor).shape, [1, 1], 1, 0)
  }

  concat(...xs: readonly Tensor[]): Tensor {
    const [height, width] = (xs[0] as Tensor).shape
    const channels = xs.reduce((sum, { shape }) => sum + shape[2], 0)
    return this.#add('concat', xs, [height, width, channels], [1, 1], 1, 0)
  }

  /** A batch normalisation that no layer before it can take in. */
  scale(x: Tensor): Tensor {
    this.normChannels += x.shape[2]
    return this.#add('scale', [x], x.shape, [1, 1], 1, 2 * x.shape[2])
  }

  #windowed(
    kind: 'conv' | 'depthwise',
    x: Tensor,
    filters: number,
    kernel: readonly [number, number],
    weights: number,
    { stride = 1, padding = 'same', bias = false, norm = true }: ConvOptions,
  ): Tensor {
    this.weights += weights
    if (bias) this.biases += filters
    if (norm) this.normChannels += filters
    return this.#add(
      kind,
      [x],
      outputOf(x.shape, filters, kernel, stride, padding),
      kernel,
      stride,
      weights + 4 * filters,
    )
  }

  #add(
    kind: LayerKind,
    from: readonly Tensor[],
    output: Shape3,
    kernel: readonly [number, number],
    stride: number,
    params: number,
  ): Tensor {
    const number = (this.#numbers.get(kind) ?? 0) + 1
    this.#numbers.set(kind, number)
    const input = (from[0] as Tensor).shape
    const shape = { kind, input, output, kernel }
    const name = `${kind}${number}`
    this.layers.push({
      ...shape,
      name,
      from: from.map((x) => x.name),
      stride: [stride, stride],
      macs: macsOf(shape),
      params,
    })
    return { name, shape: output }
  }
}

function outputOf(
  [height, width]: Shape3,
  channels: number,
  kernel: readonly [number, number],
  stride: number,
  padding: 'same' | 'valid',
): Shape3 {
  const along = (size: number, window: number): number =>
    padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - window) / stride) + 1
  return [along(height, kernel[0]), along(width, kernel[1]), channels]
}

function pair(window: Window): readonly [number, number] {
  return typeof window === 'number' ? [window, window] : window
}
