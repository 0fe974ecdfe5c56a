// The one-TPU measurements of data/edgetpu-calibration as segments of src/card: five dense layers of n neurons on 64 inputs with 10
// outputs, and five 3x3 convolutions of n filters on 64x64x3. MACs of every row are checked against the file.
import { readFileSync } from 'node:fs'
import { GRAPH_INPUT, type Layer, macsOf, type Segment, type Shape3 } from '../../src/card/layer.ts'
import { MIB } from '../../src/card/stage-time.ts'

export type Regime = 'dense resident' | 'dense streaming' | 'conv resident' | 'conv streaming'

export interface Measurement {
  readonly regime: Regime
  /** Neurons or filters. */
  readonly width: number
  readonly segment: Segment
  readonly inputBytes: number
  readonly outputBytes: number
  readonly measuredMs: number
}

const FOLDER = new URL('../../data/edgetpu-calibration/', import.meta.url)

export function readCalibration(): Measurement[] {
  return [...rows('fc_1tpu.csv').map(denseOf), ...rows('conv_1tpu.csv').map(convOf)]
}

interface Row {
  readonly width: number
  readonly macs: number
  readonly onChipMib: number
  readonly offChipMib: number
  readonly ms: number
}

function rows(file: string): Row[] {
  const lines = readFileSync(new URL(file, FOLDER), 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [width, macs, onChipMib, offChipMib, ms] = line.split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ]
    return { width, macs, onChipMib, offChipMib, ms }
  })
}

function denseOf(row: Row): Measurement {
  const widths = [64, row.width, row.width, row.width, row.width, 10]
  const layers = widths.slice(1).map((outputs, i) => {
    const inputs = widths[i] as number
    // 1 B a weight: the sizes in the file leave no room for biases
    return layer(i, 'dense', [1, 1, inputs], [1, 1, outputs], 1, inputs * outputs)
  })
  return measurementOf(row, 'dense', layers)
}

function convOf(row: Row): Measurement {
  const channels = [3, row.width, row.width, row.width, row.width, row.width]
  const layers = channels.slice(1).map((outputs, i) => {
    const inputs = channels[i] as number
    return layer(i, 'conv', [64, 64, inputs], [64, 64, outputs], 3, 9 * inputs * outputs + 4 * outputs)
  })
  return measurementOf(row, 'conv', layers)
}

function measurementOf(row: Row, kind: 'dense' | 'conv', layers: readonly Layer[]): Measurement {
  const macs = layers.reduce((sum, { macs }) => sum + macs, 0)
  if (macs !== row.macs) throw new Error(`${kind} ${row.width}: expected ${row.macs} MACs, made ${macs}`)
  const bytes = ([height, width, channels]: Shape3): number => height * width * channels
  return {
    regime: `${kind} ${row.offChipMib > 0 ? 'streaming' : 'resident'}`,
    width: row.width,
    segment: {
      layers,
      reported: { onChipBytes: row.onChipMib * MIB, offChipBytes: row.offChipMib * MIB },
    },
    inputBytes: bytes((layers[0] as Layer).input),
    outputBytes: bytes((layers.at(-1) as Layer).output),
    measuredMs: row.ms,
  }
}

function layer(
  i: number,
  kind: 'dense' | 'conv',
  input: Shape3,
  output: Shape3,
  size: number,
  parameterBytes: number,
): Layer {
  const shape = { kind, input, output, kernel: [size, size] as const }
  return {
    ...shape,
    name: `${kind}${i + 1}`,
    from: [i === 0 ? GRAPH_INPUT : `${kind}${i}`],
    stride: [1, 1],
    macs: macsOf(shape),
    parameterBytes,
  }
}
