import { elements, GRAPH_INPUT, type Layer, type Placed, type Shape3 } from './layer.ts'

/** A whole network: layers in order of execution, and where it is cut if it already is. */
export interface Network {
  readonly name: string
  readonly input: Shape3
  readonly layers: readonly Layer[]
  /** Given when it is cut or when the compiler's report is known; otherwise it is one piece. */
  readonly cuts?: readonly Cut[]
}

export interface Cut {
  /** Index behind the last layer of the segment. */
  readonly end: number
  readonly reported?: Placed
}

/** Bytes that enter and leave a device for the layers [start, end). What passes by on its way to a later one never enters. */
export interface Transfer {
  readonly inputBytes: number
  readonly outputBytes: number
}

/** Answers for any stretch of the network; the tables are made once. */
export function transfersOf(network: Network): (start: number, end: number) => Transfer {
  const { layers, input } = network
  const producerOf = new Map(layers.map(({ name }, i) => [name, i]))
  const sources = layers.map(({ from }) =>
    from.map((name) => (name === GRAPH_INPUT ? -1 : (producerOf.get(name) ?? -1))),
  )
  const lastReader = layers.map((_, i) => (i === layers.length - 1 ? layers.length : -1))
  for (const [i, producers] of sources.entries())
    for (const p of producers) if (p >= 0) lastReader[p] = Math.max(lastReader[p] as number, i)
  // what nobody reads is an output of the network
  for (const [i, reader] of lastReader.entries()) if (reader < 0) lastReader[i] = layers.length
  const bytesOf = (i: number): number => elements(i < 0 ? input : (layers[i] as Layer).output)
  return (start, end) => {
    const entering = new Set(sources.slice(start, end).flatMap((producers) => producers.filter((p) => p < start)))
    let outputBytes = 0
    for (let i = start; i < end; i++) if ((lastReader[i] as number) >= end) outputBytes += bytesOf(i)
    return { inputBytes: [...entering].reduce((sum, i) => sum + bytesOf(i), 0), outputBytes }
  }
}
