import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, parseDocument, stringify, type YAMLMap } from 'yaml'
import { recipeSchema, recipeSchemaText } from '../../src/recipe/json-schema.ts'
import { readShape } from '../../src/recipe/read-shape.ts'
import { RECIPE_SHAPE } from '../../src/recipe/recipe-shape.ts'
import { withReference } from '../../src/recipe/reference.ts'
import { seededRandom } from '../../src/units/random.ts'
import { pick, randomValue } from './random-recipe.ts'
import { changed, problemsOf, SAMPLE_RECIPE } from './sample-recipe.ts'

const accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(recipeSchema())

test('the schema in pipelines/ is not stale', () => {
  assert.is(read('pipelines/recipe.schema.json'), recipeSchemaText())
})

test('the keys in docs/recipes.md are not stale', () => {
  assert.is(read('docs/recipes.md'), withReference(read('docs/recipes.md')))
})

test('the example in docs/recipes.md is a sound recipe, and begins as editors want it', () => {
  const blocks = [...read('docs/recipes.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] as string)
  const [schemaLine, example] = blocks as [string, string]
  assert.match(schemaLine, /^# yaml-language-server: \$schema=\S+\n$/)
  assert.equal(problemsOf(example), [])
  assert.ok(accepts(parse(example)), JSON.stringify(accepts.errors))
})

test('it accepts the sample', () => {
  assert.ok(accepts(parse(SAMPLE_RECIPE)), JSON.stringify(accepts.errors))
})

test('it refuses the mistakes people make', () => {
  const mistakes: [from: string, to: string][] = [
    ['nominal: 12 V', 'nominal: 12 W'],
    ['nominal: 12 V', 'nominal: 12'],
    ['    nominal: 12 V\n', ''],
    ['mode: balanced', 'mode: ballanced'],
    ['mode: balanced', 'modes: balanced'],
    ['rate: 40 /s', 'rate: 25 ms'],
    ['law: poisson', 'law: poison'],
    ['rate: 40 /s', 'period: 25 ms'],
    ['input: 2', 'input: 8'],
    ['count: 2', 'count: 17'],
    ['version: 1', 'version: 2'],
    ['name: v3_3', 'name: 3.3V'],
    ['sensor: ACS712-05B', 'sensor: ACS712-50B'],
    ['backend: virtual', 'backend: virtual\n  attach: { events: tcp://h:1, requests: tcp://h:2 }'],
    ["'drop:1e-4'", "'dorp:1e-4'"],
    ['seed: 7', 'sead: 7'],
  ]
  for (const [from, to] of mistakes) assert.not(accepts(parse(changed(from, to))), `${from} -> ${to}`)
})

test('the schema and the reader take the same values, whatever they are', () => {
  const random = seededRandom(11)
  for (let i = 0; i < 150; i++) {
    const value = randomValue(RECIPE_SHAPE, random)
    const text = stringify(value)
    assert.ok(accepts(value), `${JSON.stringify(accepts.errors)}\n${text}`)
    assert.equal(faultsOfValues(text), [], text)
  }
})

test('what resolving accepts the schema accepts, whatever is changed', () => {
  const random = seededRandom(23)
  const counts = { both: 0, neither: 0, schemaOnly: 0 }
  for (let i = 0; i < 250; i++) {
    const value = parse(SAMPLE_RECIPE) as object
    mutate(value, random)
    const isSound = problemsOf(stringify(value)).length === 0
    const isAccepted = accepts(value) === true
    assert.ok(isAccepted || !isSound, `${stringify(value)}\n${JSON.stringify(accepts.errors)}`)
    counts[isSound ? 'both' : isAccepted ? 'schemaOnly' : 'neither']++
  }
  assert.ok(counts.both > 50 && counts.neither > 50, JSON.stringify(counts))
})

/** Changes one number somewhere, or deletes, renames or replaces a value. */
function mutate(root: object, random: () => number): void {
  const places: [Record<string, unknown>, string][] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key])
      walk((value as Record<string, unknown>)[key])
    }
  }
  walk(root)
  const [parent, key] = pick(places, random)
  const value = parent[key]
  const isItem = Array.isArray(parent)
  switch (pick(['number', 'number', 'delete', 'rename', 'replace'] as const, random)) {
    case 'number':
      if (typeof value === 'number') parent[key] = value + pick([-1, 1, 0.5], random)
      else if (typeof value === 'string')
        parent[key] = value.replace(/^[\d.]+/, () => pick(['1', '2', '9', '0.7'], random))
      break
    case 'delete':
      if (!isItem) delete parent[key]
      break
    case 'rename':
      if (isItem) break
      delete parent[key]
      parent[`${key}s`] = value
      break
    case 'replace':
      parent[key] = pick(REPLACEMENTS, random)
  }
}

const REPLACEMENTS: readonly unknown[] = [
  ...['12 V', '5 V', '2 ms', '1 s', '0.5 W', '30 %', '10 /s', '500 Hz', '100 mV/A', 'virtual', 'recipe', 'v12', 'pair'],
  ...[0, 1, 3, 0.1, -1, true, null, '', [], {}, ['drop:1e-3'], ['10 us', '20 us'], { law: 'saturated' }],
]

/** Without what ties parts of a recipe to each other. */
function faultsOfValues(text: string): string[] {
  const faults: string[] = []
  const addProblem = (path: string, message: string): void => void faults.push(`${path}: ${message}`)
  const root = parseDocument(text).contents as YAMLMap
  readShape(RECIPE_SHAPE, root, { target: (node) => node, place: () => {}, addProblem })
  return faults
}

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

test.run()
