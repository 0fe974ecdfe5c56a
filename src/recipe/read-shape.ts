import { isMap, isNode, isScalar, isSeq, type Node, parseDocument, Scalar, type YAMLMap } from 'yaml'
import { nearestWord } from './nearest.ts'
import { parseQuantity } from './quantity.ts'
import type {
  ChoiceShape,
  DictionaryShape,
  Draft,
  Field,
  FieldTable,
  IntegerShape,
  ListShape,
  MappingShape,
  NumberShape,
  QuantityShape,
  Shape,
  ValueOf,
  VariantsShape,
} from './shape.ts'
import { expectation, nounOf, seen } from './wording.ts'

/** Where a shape reports to while it is read. */
export interface ReadingPlace {
  /** The node an alias stands for; anything else is itself. */
  target(node: Node): Node | undefined
  /** Says that the value at `path` is this node. */
  place(path: string, node: Node): void
  /** Reported at `node`; without one at the value's place, or at the nearest place around it. */
  addProblem(path: string, message: string, node?: Node): void
}

/** Reads what stands below `root`; what is wrong is reported and missing from the draft. */
export function readShape<S extends Shape>(
  shape: S,
  root: Node | undefined,
  recipe: ReadingPlace,
): Draft<ValueOf<S>> | undefined {
  if (root !== undefined) return readValue(shape, root, '', recipe) as Draft<ValueOf<S>> | undefined
  recipe.addProblem('', `expected ${expectation(shape)}, saw an empty file`)
  return undefined
}

/** The value of a mapping in which nothing is given; every field of it must have a default or be optional. */
export function defaultsOf<S extends MappingShape>(shape: S): ValueOf<S> {
  const addProblem = (path: string, message: string): never => {
    throw new Error(`${path}: ${message}`)
  }
  return readDefault(shape, '{}', '', { target: (node) => node, place: () => {}, addProblem }) as ValueOf<S>
}

function readValue(shape: Shape, node: Node, path: string, recipe: ReadingPlace): unknown {
  const target = recipe.target(node)
  recipe.place(path, target ?? node)
  if (target === undefined) return refuse(shape, node, path, recipe)
  switch (shape.type) {
    case 'quantity':
      return readQuantity(shape, target, path, recipe)
    case 'integer':
    case 'number':
      return readNumber(shape, target, path, recipe)
    case 'text': {
      const text = textOf(target)
      return text !== undefined && new RegExp(shape.pattern, 'u').test(text)
        ? text
        : refuse(shape, target, path, recipe)
    }
    case 'scalar':
      return scalarText(target) ?? refuse(shape, target, path, recipe)
    case 'choice':
      return readChoice(shape, target, path, recipe)
    case 'list':
      return readList(shape, target, path, recipe)
    case 'mapping':
      return readMapping(shape, target, path, recipe)
    case 'dictionary':
      return readDictionary(shape, target, path, recipe)
    case 'variants':
      return readVariants(shape, target, path, recipe)
  }
}

function readQuantity(
  shape: QuantityShape,
  node: Node,
  path: string,
  recipe: ReadingPlace,
): number | string | undefined {
  const text = textOf(node)
  if (text !== undefined && shape.names.includes(text)) return text
  const value = text === undefined ? undefined : parseQuantity(text, shape.dimension, shape.unit)
  if (value === undefined) return refuse(shape, node, path, recipe, nearestWord(text ?? '', shape.names))
  const least = parseQuantity(shape.min, shape.dimension, shape.unit) as number
  const most = parseQuantity(shape.max, shape.dimension, shape.unit) as number
  if (value < least || value > most) {
    recipe.addProblem(path, `expected ${nounOf(shape)} from ${shape.min} to ${shape.max}, saw ${seen(node)}`)
    return undefined
  }
  return shape.unit === 'ns' ? Math.round(value) : value
}

function readNumber(
  shape: IntegerShape | NumberShape,
  node: Node,
  path: string,
  recipe: ReadingPlace,
): number | undefined {
  const value = isScalar(node) ? node.value : undefined
  const fits = typeof value === 'number' && value >= shape.min && value <= shape.max
  if (!fits || (shape.type === 'integer' && !Number.isInteger(value))) return refuse(shape, node, path, recipe)
  return value
}

function readChoice(shape: ChoiceShape, node: Node, path: string, recipe: ReadingPlace): string | undefined {
  const text = textOf(node)
  if (text !== undefined && shape.words.includes(text)) return text
  return refuse(shape, node, path, recipe, text === undefined ? undefined : nearestWord(text, shape.words))
}

function readList(shape: ListShape, node: Node, path: string, recipe: ReadingPlace): unknown[] | undefined {
  if (!isSeq(node)) return refuse(shape, node, path, recipe)
  const { length } = node.items
  if (length < shape.min || length > shape.max) {
    recipe.addProblem(path, `expected ${expectation(shape)}, saw ${length}`)
    if (length > shape.max) return undefined
  }
  return node.items.map((item, i) => readValue(shape.item, item as Node, `${path}[${i}]`, recipe))
}

function readMapping(
  shape: MappingShape,
  node: Node,
  path: string,
  recipe: ReadingPlace,
): Record<string, unknown> | undefined {
  if (!isMap(node)) return refuse(shape, node, path, recipe)
  const given = shape.exclusive.filter((key) => node.has(key))
  if (shape.exclusive.length > 0 && given.length !== 1) {
    const saw = given.length === 0 ? 'neither' : given.join(' and ')
    recipe.addProblem(path, `expected exactly one of ${shape.exclusive.join(' and ')}, saw ${saw}`)
    if (given.length > 1) return undefined
  }
  return readFields(shape.fields, node, path, recipe)
}

function readFields(
  fields: FieldTable,
  node: YAMLMap,
  path: string,
  recipe: ReadingPlace,
  situation = '',
): Record<string, unknown> {
  const given = valuesByKey(node, path, recipe)
  const known = Object.keys(fields)
  for (const [key, { keyNode }] of given) {
    if (Object.hasOwn(fields, key)) continue
    const meant = nearestWord(key, known)
    const advice = meant === undefined ? `; known here: ${known.join(', ')}` : `, did you mean "${meant}"?`
    recipe.addProblem(joined(path, key), `unknown key${situation}${advice}`, keyNode)
  }
  const values: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(fields)) {
    values[key] = readField(field, given.get(key)?.value, joined(path, key), recipe)
  }
  return values
}

function readField({ shape, presence }: Field, node: Node | undefined, path: string, recipe: ReadingPlace): unknown {
  const isBare = node !== undefined && presence.is === 'defaulted' && shape.type === 'mapping' && isNull(node)
  if (node !== undefined && !isBare) return readValue(shape, node, path, recipe)
  switch (presence.is) {
    case 'defaulted':
      return readDefault(shape, presence.text, path, recipe)
    case 'optional':
      return undefined
    case 'required':
      recipe.addProblem(path, `expected ${expectation(shape)}, saw nothing`)
      return undefined
  }
}

/** The place of a default is that of the mapping that lacks the key. */
function readDefault(shape: Shape, text: string, path: string, recipe: ReadingPlace): unknown {
  const { contents } = parseDocument(text)
  const addProblem = (at: string, message: string): void => recipe.addProblem(at, message)
  return readValue(shape, contents as Node, path, { target: (node) => node, place: () => {}, addProblem })
}

function readDictionary(
  shape: DictionaryShape,
  node: Node,
  path: string,
  recipe: ReadingPlace,
): Map<string, unknown> | undefined {
  if (!isMap(node)) return refuse(shape, node, path, recipe)
  const entries = [...valuesByKey(node, path, recipe)]
  return new Map(entries.map(([key, { value }]) => [key, readValue(shape.item, value, joined(path, key), recipe)]))
}

function readVariants(
  shape: VariantsShape,
  node: Node,
  path: string,
  recipe: ReadingPlace,
): Record<string, unknown> | undefined {
  if (!isMap(node)) return refuse(shape, node, path, recipe)
  const words = { type: 'choice', words: Object.keys(shape.variants) } as const
  const tag: Field = { shape: words, about: shape.about, presence: { is: 'required' } }
  const tagNode = node.get(shape.tag, true)
  const word = readField(tag, tagNode as Node | undefined, joined(path, shape.tag), recipe) as string | undefined
  if (word === undefined) return undefined
  const fields = (shape.variants[word] as { fields: FieldTable }).fields
  return readFields({ [shape.tag]: tag, ...fields }, node, path, recipe, ` for ${shape.tag} ${word}`)
}

/** Reports keys that are no text or come twice; the first of two counts. */
function valuesByKey(
  node: YAMLMap,
  path: string,
  recipe: ReadingPlace,
): Map<string, { readonly keyNode: Node; readonly value: Node }> {
  const values = new Map<string, { readonly keyNode: Node; readonly value: Node }>()
  for (const { key, value } of node.items) {
    // an override adds its key as a bare text, which has no place of its own
    const keyNode = (isNode(key) ? key : value) as Node
    const text = isScalar(key) ? key.value : key
    const name = isNode(text) || text === null ? undefined : String(text)
    if (name === undefined) recipe.addProblem(path, `expected a key, saw ${seen(keyNode)}`, keyNode)
    else if (values.has(name)) recipe.addProblem(joined(path, name), 'expected a key once, saw it again', keyNode)
    else values.set(name, { keyNode, value: isNode(value) ? value : nothingAt(keyNode) })
  }
  return values
}

/** The value of a key that stands alone, `{a, b}`. */
function nothingAt(keyNode: Node): Node {
  const nothing = new Scalar(null)
  nothing.range = keyNode.range ?? null
  return nothing
}

function refuse(shape: Shape, node: Node, path: string, recipe: ReadingPlace, meant?: string): undefined {
  const advice = meant === undefined ? '' : `; did you mean "${meant}"?`
  recipe.addProblem(path, `expected ${expectation(shape)}, saw ${seen(node, shape)}${advice}`)
  return undefined
}

function textOf(node: Node): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined
}

/** A number keeps the digits it was written with. */
function scalarText(node: Node): string | undefined {
  if (!isScalar(node)) return undefined
  if (typeof node.value === 'string') return node.value
  return typeof node.value === 'number' ? (node.source ?? String(node.value)) : undefined
}

function isNull(node: Node): boolean {
  return isScalar(node) && node.value === null
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
