import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { columnsOf, TABLE_NAMES, TABLES } from '../../src/dataset/schema.ts'
import { RESERVED_RAIL_NAMES } from '../../src/recipe/check-rails.ts'
import { changed, problemsOf } from './sample-recipe.ts'

/** Every word that stands for a rail in the name of a column of the dataset's own. */
const OWN_WORDS = new Set(
  TABLE_NAMES.flatMap((name) => TABLES[name].columns.map((column) => column.name)).flatMap((column) => {
    const [, word] = /^energy_([a-z0-9_]+)_j$/.exec(column) ?? /^([a-z][a-z0-9_]*)_w$/.exec(column) ?? []
    return word ?? []
  }),
)

test('a rail is refused by a recipe exactly where the dataset would refuse it', () => {
  assert.ok(OWN_WORDS.size >= 5, `only ${[...OWN_WORDS]} found in the tables`)
  for (const name of new Set([...OWN_WORDS, ...RESERVED_RAIL_NAMES, 'v12_b', 'v5'])) {
    assert.is(problemsOf(changed('name: v3_3', `name: ${name}`)).length > 0, !isAcceptedByDataset(name), name)
  }
})

function isAcceptedByDataset(rail: string): boolean {
  try {
    for (const name of TABLE_NAMES) columnsOf(TABLES[name], ['v12', rail])
    return true
  } catch {
    return false
  }
}

test.run()
