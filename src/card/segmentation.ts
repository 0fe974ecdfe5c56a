import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Layer } from './layer.ts'
import { type Cut, type Network, transfersOf } from './network.ts'
import { type StageTime, stageTime, type TimingParameters } from './stage-time.ts'

export type SegmentBy = 'params' | 'time'

/**
 * Cuts a network into `depth` segments. `params` shares out the parameters evenly, in the way that gives the cuts of
 * the vendor's compiler where they are known (docs/card.md). `time` makes the slowest stage as fast as the model says it can be.
 */
export function segmentNetwork(network: Network, depth: number, by: SegmentBy, timing: TimingParameters): Cut[] {
  const { layers, name } = network
  if (depth > layers.length) {
    throw new JoulespanError('usage', `${name}: expected at most ${layers.length} segments, one a layer, saw ${depth}`)
  }
  const byParameters = evenCuts(network, depth)
  return by === 'params' || depth === 1 ? byParameters : fastestCuts(network, byParameters, timing)
}

/** A segment is closed where its next layer would take it beyond an even share; the last has what is left. */
function evenCuts({ layers }: Network, depth: number): Cut[] {
  const bytesOf = (i: number): number => (layers[i] as Layer).parameterBytes
  const share = layers.reduce((sum, _, i) => sum + bytesOf(i), 0) / depth
  const cuts: Cut[] = []
  let end = 0
  for (let n = 1; n < depth; n++) {
    const last = layers.length - (depth - n)
    let bytes = bytesOf(end++)
    while (end < last && bytes + bytesOf(end) <= share) bytes += bytesOf(end++)
    cuts.push({ end })
  }
  return [...cuts, { end: layers.length }]
}

/** Dynamic programme over (segments, layers); no stage slower than the slowest of the even cuts need be looked at. */
function fastestCuts(network: Network, even: readonly Cut[], timing: TimingParameters): Cut[] {
  const { layers } = network
  const stageOf = stageTimer(network, timing)
  const boundMs = Math.max(...stagesOf(even, stageOf).map(({ steadyMs }) => steadyMs))
  // slowestMs[n][end]: of the first n segments when they hold the layers before end
  const slowestMs = even.map(() => new Float64Array(layers.length + 1).fill(Number.POSITIVE_INFINITY))
  const cameFrom = even.map(() => new Int32Array(layers.length + 1))
  for (let start = 0; start < layers.length; start++) {
    for (let end = start + 1; end <= layers.length; end++) {
      const { steadyMs, transferOutMs } = stageOf(start, end)
      if (steadyMs - transferOutMs > boundMs) break
      for (let n = 0; n < even.length; n++) {
        const before = n === 0 ? (start === 0 ? 0 : Number.POSITIVE_INFINITY) : (slowestMs[n - 1]?.[start] as number)
        const withThis = Math.max(before, steadyMs)
        const row = slowestMs[n] as Float64Array
        if (withThis >= (row[end] as number)) continue
        row[end] = withThis
        ;(cameFrom[n] as Int32Array)[end] = start
      }
    }
  }
  const cuts: Cut[] = []
  for (let n = even.length - 1, end = layers.length; n >= 0; n--) {
    cuts.unshift({ end })
    end = cameFrom[n]?.[end] as number
  }
  return cuts
}

/** Time of the stage that holds the layers [start, end). */
export function stageTimer(
  network: Network,
  timing: TimingParameters,
): (start: number, end: number, reported?: Cut['reported']) => StageTime {
  const transferOf = transfersOf(network)
  return (start, end, reported) => {
    const layers = network.layers.slice(start, end)
    const segment = reported === undefined ? { layers } : { layers, reported }
    return stageTime(segment, transferOf(start, end), timing)
  }
}

function stagesOf(cuts: readonly Cut[], stageOf: (start: number, end: number) => StageTime): StageTime[] {
  return cuts.map(({ end }, i) => stageOf(i === 0 ? 0 : (cuts[i - 1] as Cut).end, end))
}
