import { elements, GRAPH_INPUT, macsOf, type Shape3 } from '../card/layer.ts'
import { nearestWord } from './nearest.ts'
import type { RecipeText } from './recipe-text.ts'
import type { SpecDraft } from './spec-shape.ts'

type LayerDraft = NonNullable<NonNullable<SpecDraft['layers']>[number]>

/** Whether the layers of a spec fit each other: names, what they read, shapes, multiply-accumulates. */
export function checkSpec(draft: SpecDraft, spec: RecipeText): void {
  const hasLayers = spec.isGiven('layers')
  if (hasLayers === spec.isGiven('segments'))
    spec.addProblem('', `expected exactly one of layers and segments, saw ${hasLayers ? 'both' : 'neither'}`)
  const graph = new GraphChecker(draft, spec)
  for (const [i, layer] of (draft.layers ?? []).entries()) graph.check(layer, `layers[${i}]`)
  for (const [s, segment] of (draft.segments ?? []).entries()) {
    const isHalf = (segment?.on_chip_bytes === undefined) !== (segment?.off_chip_bytes === undefined)
    if (isHalf) spec.addProblem(`segments[${s}]`, 'expected on_chip_bytes and off_chip_bytes together, saw one of them')
    for (const [i, layer] of (segment?.layers ?? []).entries()) graph.check(layer, `segments[${s}].layers[${i}]`)
  }
}

/** Remembers the outputs of the layers so far. */
class GraphChecker {
  readonly #spec: RecipeText
  readonly #outputs = new Map<string, Shape3 | undefined>()
  #before = GRAPH_INPUT

  constructor(draft: SpecDraft, spec: RecipeText) {
    this.#spec = spec
    this.#outputs.set(GRAPH_INPUT, shapeOf(draft.input))
  }

  check(layer: LayerDraft | undefined, path: string): void {
    if (layer === undefined) return
    const sources = (layer.from ?? [this.#before]).map((name, i) =>
      name === undefined ? undefined : this.#source(name, `${path}.from[${i}]`),
    )
    this.#checkShapes(layer, sources, path)
    if (layer.name === undefined) return
    if (this.#outputs.has(layer.name))
      this.#spec.addProblem(`${path}.name`, `expected a name used once, saw "${layer.name}" again`)
    this.#outputs.set(layer.name, shapeOf(layer.output))
    this.#before = layer.name
  }

  #source(name: string, path: string): Shape3 | undefined {
    if (this.#outputs.has(name)) return this.#outputs.get(name)
    const meant = nearestWord(name, [...this.#outputs.keys()])
    const advice = meant === undefined ? '' : `; did you mean "${meant}"?`
    this.#spec.addProblem(path, `expected the name of a layer before it, saw "${name}"${advice}`)
    return undefined
  }

  #checkShapes(layer: LayerDraft, sources: readonly (Shape3 | undefined)[], path: string): void {
    const input = shapeOf(layer.input)
    const output = shapeOf(layer.output)
    const kernel = pairOf(layer.kernel)
    const stride = pairOf(layer.stride)
    const source = sources[0]
    const flattens = layer.kind === 'dense' || layer.kind === 'reshape'
    if (
      input !== undefined &&
      source !== undefined &&
      !(flattens ? elements(input) === elements(source) : same(input, source))
    )
      this.#spec.addProblem(`${path}.input`, `expected ${written(source)}, what it reads, saw ${written(input)}`)
    if (layer.kind === undefined || input === undefined || output === undefined || kernel === undefined) return
    const wrong = wrongOutput(layer.kind, input, output, kernel, stride ?? [1, 1], sources)
    if (wrong !== undefined) this.#spec.addProblem(`${path}.output`, `expected ${wrong}, saw ${written(output)}`)
    const macs = macsOf({ kind: layer.kind, input, output, kernel })
    if (layer.macs !== undefined && layer.macs !== macs && macs > 0)
      this.#spec.addProblem(`${path}.macs`, `expected ${macs}, as the shapes imply, saw ${layer.macs}`)
  }
}

/** What the output should have been, or nothing. */
function wrongOutput(
  kind: NonNullable<LayerDraft['kind']>,
  input: Shape3,
  output: Shape3,
  kernel: readonly [number, number],
  stride: readonly [number, number],
  sources: readonly (Shape3 | undefined)[],
): string | undefined {
  switch (kind) {
    case 'conv':
    case 'depthwise':
    case 'pool': {
      for (const axis of [0, 1] as const) {
        const least = Math.max(1, Math.floor((input[axis] - kernel[axis]) / stride[axis]) + 1)
        const most = Math.ceil(input[axis] / stride[axis])
        if (output[axis] >= least && output[axis] <= Math.max(least, most)) continue
        return `${least === most ? most : `${Math.min(least, most)} to ${Math.max(least, most)}`} ${axis === 0 ? 'rows' : 'columns'}`
      }
      const keeps = kind === 'pool' || (kind === 'depthwise' && output[2] % input[2] !== 0)
      return keeps && output[2] !== input[2] ? `${input[2]} channels` : undefined
    }
    case 'dense':
      return output[0] === 1 && output[1] === 1 ? undefined : 'one pixel, [1, 1, n]'
    case 'concat': {
      if (sources.includes(undefined)) return undefined
      const channels = sources.reduce((sum, source) => sum + (source as Shape3)[2], 0)
      return output[2] === channels ? undefined : `${channels} channels, the sum of what it reads`
    }
    case 'reshape':
      return elements(input) === elements(output) ? undefined : `${elements(input)} elements`
    case 'resize':
      return output[2] === input[2] ? undefined : `${input[2]} channels`
    default:
      return same(input, output) ? undefined : written(input)
  }
}

function shapeOf(sizes: readonly (number | undefined)[] | undefined): Shape3 | undefined {
  return sizes === undefined || sizes.length !== 3 || sizes.includes(undefined)
    ? undefined
    : (sizes as unknown as Shape3)
}

function pairOf(sizes: readonly (number | undefined)[] | undefined): readonly [number, number] | undefined {
  return sizes === undefined || sizes.length !== 2 || sizes.includes(undefined)
    ? undefined
    : (sizes as unknown as readonly [number, number])
}

function same(a: Shape3, b: Shape3): boolean {
  return a.every((size, i) => size === b[i])
}

function written(shape: Shape3): string {
  return `[${shape.join(', ')}]`
}
