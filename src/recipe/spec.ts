import { GRAPH_INPUT, type Layer, macsOf, type Placed, type Shape3 } from '../card/layer.ts'
import type { Cut, Network } from '../card/network.ts'
import { checkSpec } from './check-spec.ts'
import { readShape } from './read-shape.ts'
import { RecipeText } from './recipe-text.ts'
import { SPEC_SHAPE, type SpecDocument } from './spec-shape.ts'

type LayerDocument = NonNullable<SpecDocument['layers']>[number]

/** The network of a model spec; `file` names it in messages. Throws one error with a line for each problem of the file. */
export function readSpec(text: string, file: string): Network {
  const spec = new RecipeText(text, file)
  const draft = spec.isYaml ? readShape(SPEC_SHAPE, spec.root, spec) : undefined
  if (draft !== undefined) checkSpec(draft, spec)
  spec.throwProblems('docs/model-spec.md lists every key of a model spec')
  return networkOf(draft as SpecDocument)
}

function networkOf({ name, input, layers, segments }: SpecDocument): Network {
  const pieces =
    layers === undefined ? (segments ?? []) : [{ layers, on_chip_bytes: undefined, off_chip_bytes: undefined }]
  let before = GRAPH_INPUT
  const made: Layer[] = []
  const cuts: Cut[] = []
  for (const piece of pieces) {
    for (const layer of piece.layers) {
      made.push(layerOf(layer, before))
      before = layer.name
    }
    cuts.push({ end: made.length, ...reportOf(piece) })
  }
  const network = { name, input: input as unknown as Shape3, layers: made }
  return segments === undefined ? network : { ...network, cuts }
}

function layerOf(layer: LayerDocument, before: string): Layer {
  const { name, kind, from, params } = layer
  const shape = {
    kind,
    input: layer.input as unknown as Shape3,
    output: layer.output as unknown as Shape3,
    kernel: layer.kernel as unknown as readonly [number, number],
  }
  return {
    ...shape,
    name,
    from: from ?? [before],
    stride: layer.stride as unknown as readonly [number, number],
    macs: layer.macs ?? macsOf(shape),
    parameterBytes: params,
  }
}

function reportOf(piece: { readonly on_chip_bytes: number | undefined; readonly off_chip_bytes: number | undefined }): {
  readonly reported?: Placed
} {
  const { on_chip_bytes: onChipBytes, off_chip_bytes: offChipBytes } = piece
  return onChipBytes === undefined || offChipBytes === undefined ? {} : { reported: { onChipBytes, offChipBytes } }
}
