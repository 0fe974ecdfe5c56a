import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { DIMENSIONS } from './quantity.ts'
import type { ListShape, QuantityShape, Shape } from './shape.ts'

/** What a shape wants, for the sentence `expected ..., saw ...`. */
export function expectation(shape: Shape): string {
  switch (shape.type) {
    case 'quantity':
      return `${[...shape.names, nounOf(shape)].join(' or ')} such as "${shape.example}"`
    case 'integer':
      return shape.min === shape.max ? `${shape.min}` : `${shape.noun} from ${shape.min} to ${shape.max}`
    case 'number':
      return `${shape.noun} from ${shape.min} to ${shape.max} such as ${shape.example}`
    case 'text':
      return `${shape.noun} such as "${shape.example}"`
    case 'scalar':
      return `${shape.noun} such as "${shape.example}"`
    case 'choice':
      return alternatives(shape.words)
    case 'list':
      return `a list of ${countOf(shape)}`
    case 'mapping':
    case 'dictionary':
    case 'variants':
      return `${shape.noun} as a mapping`
  }
}

export function nounOf(shape: QuantityShape): string {
  return DIMENSIONS[shape.dimension].noun
}

function countOf({ min, max, noun }: ListShape): string {
  if (min === max) return `${min} ${noun}s`
  return `${min} to ${max} ${noun}s`
}

export function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** Characters of a text that are repeated in a message. */
const LONGEST_SHOWN = 60

/** What stands there instead. */
export function seen(node: Node, shape?: Shape): string {
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  if (!isScalar(node)) return 'an alias of nothing'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'string') {
    const { value } = node
    return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value)
  }
  const written = node.source ?? String(node.value)
  return shape?.type === 'quantity' && typeof node.value === 'number' ? `${written} without a unit` : written
}
