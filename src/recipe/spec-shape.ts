import { LAYER_KINDS } from '../card/layer.ts'
import {
  choice,
  type Draft,
  defaulted,
  integer,
  list,
  mapping,
  optional,
  required,
  text,
  type ValueOf,
} from './shape.ts'

/** Everything that may stand in a model spec (docs/model-spec.md). */
export type SpecDocument = ValueOf<typeof SPEC_SHAPE>
export type SpecDraft = Draft<SpecDocument>

const NAME = text('a name of letters, digits, "_", "-", "." and "/"', '^[A-Za-z0-9][A-Za-z0-9_./-]{0,79}$', 'conv1')
const SIZE = integer('a number of pixels or channels', 1, 1 << 20)
const SHAPE = list('size', SIZE, 3, 3)
const WINDOW = list('size', integer('a number of pixels', 1, 1024), 2, 2)
const BYTES = integer('a number of bytes', 0, 2 ** 40)

const LAYER = mapping('a layer', {
  name: required(NAME, 'used once in the spec; `input` is the input of the network'),
  kind: required(
    choice(LAYER_KINDS),
    'what it computes; activations that TFLite fuses into their producer are no layers',
  ),
  from: optional(list('layer', NAME, 1, 1024), 'the layers it reads', 'the layer before it'),
  input: required(SHAPE, 'height, width, channels of what it reads, of its first input if there are several'),
  output: required(SHAPE, 'height, width, channels of what it makes'),
  kernel: defaulted(WINDOW, '[1, 1]', 'height and width of its window'),
  stride: defaulted(WINDOW, '[1, 1]', 'rows and columns from one window to the next'),
  macs: optional(
    integer('a number of multiply-accumulates', 0, 2 ** 50),
    'multiply-accumulates',
    'what the shapes imply',
  ),
  params: defaulted(BYTES, '0', 'bytes of its parameters in the TFLite file: int8 weights, int32 biases'),
})

const LAYERS = list('layer', LAYER, 1, 10_000)

const SEGMENT = mapping('a segment', {
  on_chip_bytes: optional(
    BYTES,
    'parameters kept on the device, as the compiler reports them; with `off_chip_bytes`',
    'they are placed by the memory of the device',
  ),
  off_chip_bytes: optional(BYTES, 'parameters streamed at each inference', 'as `on_chip_bytes`'),
  layers: required(LAYERS, 'in order of execution'),
})

export const SPEC_SHAPE = mapping('a model spec', {
  version: required(integer('a version', 1, 1), 'of this format'),
  name: required(
    text('a name of letters, digits, "_", "-" and "."', '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$', 'resnet50'),
    'of the model',
  ),
  about: defaulted(
    text('a text', '^[\\s\\S]*$', 'ResNet-50, 224 x 224'),
    '""',
    'what it is, and where its figures are from',
  ),
  input: required(SHAPE, 'height, width, channels of the input of the network'),
  published: optional(
    mapping('published totals', {
      macs: optional(integer('a number of multiply-accumulates', 1, 2 ** 50), 'of one inference', 'unknown'),
      parameters: optional(integer('a number of parameters', 1, 2 ** 40), 'as the source counts them', 'unknown'),
      source: required(text('a text', '^[\\s\\S]+$', 'Keras documentation'), 'where they are published'),
    }),
    'totals to compare with; predictions do not use them',
    'none',
  ),
  layers: optional(LAYERS, 'the network in one piece; exactly one of `layers` and `segments`', 'none, with `segments`'),
  segments: optional(
    list('segment', SEGMENT, 1, 64),
    'the network as it is cut, each segment for a device of its own',
    'none, with `layers`',
  ),
})
