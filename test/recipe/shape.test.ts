import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDocument, type YAMLMap } from 'yaml'
import { quantityPattern } from '../../src/recipe/quantity.ts'
import { defaultsOf, readShape } from '../../src/recipe/read-shape.ts'
import { RECIPE_SHAPE } from '../../src/recipe/recipe-shape.ts'
import { defaulted, type Field, type FieldTable, mapping, quantity, type Shape } from '../../src/recipe/shape.ts'

test('every default and every example of the declaration is one its own shape takes', () => {
  const problems: string[] = []
  let fields = 0
  for (const [path, { shape, presence }] of allFields(RECIPE_SHAPE, '')) {
    fields++
    if (presence.is === 'defaulted') problems.push(...problemsIn(shape, presence.text, path))
    if ('example' in shape) problems.push(...problemsIn(shape, `${shape.example}`, path))
  }
  assert.equal(problems, [])
  assert.ok(fields > 80, `only ${fields} fields found`)
})

test('the bounds of every quantity are quantities, the lower one first', () => {
  for (const [path, { shape }] of allFields(RECIPE_SHAPE, '')) {
    if (shape.type !== 'quantity') continue
    const pattern = new RegExp(quantityPattern(shape.dimension, true), 'u')
    assert.ok(pattern.test(shape.min) && pattern.test(shape.max), path)
    assert.equal([...problemsIn(shape, shape.min, path), ...problemsIn(shape, shape.max, path)], [])
  }
})

test('every key says what it means in words of its own', () => {
  for (const [path, { about }] of allFields(RECIPE_SHAPE, '')) {
    assert.match(about, /^[^|\n]{4,}[^.]$/, path)
    assert.not.match(about, /\b(TODO|TBD)\b/, path)
  }
})

test('defaults are refused where a field has none', () => {
  const field = quantity('voltage', 'V', ['0 V', '5 V'], '2 V')
  assert.equal(defaultsOf(mapping('a pin', { zero: defaulted(field, '2.5 V', 'its zero') })), { zero: 2.5 })
  const lacking = mapping('a pin', { zero: { shape: field, about: 'its zero', presence: { is: 'required' } } as Field })
  assert.throws(() => defaultsOf(lacking), /zero: expected a voltage such as "2 V", saw nothing/)
})

function problemsIn(shape: Shape, text: string, path: string): string[] {
  const problems: string[] = []
  const addProblem = (at: string, message: string): void => void problems.push(`${path}${at}: ${message}`)
  const root = parseDocument(text).contents as YAMLMap
  readShape(shape, root, { target: (node) => node, place: () => {}, addProblem })
  return problems
}

function* allFields(shape: Shape, path: string): Generator<[string, Field]> {
  if (shape.type === 'list' || shape.type === 'dictionary') yield* allFields(shape.item, `${path}[]`)
  if (shape.type === 'mapping') yield* fieldsIn(shape.fields, path)
  if (shape.type === 'variants') {
    for (const { fields } of Object.values(shape.variants)) yield* fieldsIn(fields, path)
  }
}

function* fieldsIn(fields: FieldTable, path: string): Generator<[string, Field]> {
  for (const [key, field] of Object.entries(fields)) {
    yield [`${path}.${key}`, field]
    yield* allFields(field.shape, `${path}.${key}`)
  }
}

test.run()
