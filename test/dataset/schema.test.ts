import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { columnsOf, describeTables, TABLE_NAMES, TABLES } from '../../src/dataset/schema.ts'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'

const UNIT_OF_SUFFIX: Record<string, string> = { j: 'J', w: 'W', ns: 'ns', ppm: '[ppm]', s: '{inference}/s' }

test('the unit of a column is the one in its name', () => {
  let checked = 0
  for (const { table, columns } of describeTables()) {
    for (const { name, unit } of columns) {
      const suffix = name
        .replace(/_p\d+$/, '')
        .split('_')
        .at(-1)!
      if (!(suffix in UNIT_OF_SUFFIX)) continue
      assert.is(unit, UNIT_OF_SUFFIX[suffix], `${table}.${name}`)
      checked += 1
    }
  }
  assert.ok(checked > 50, `only ${checked} columns carry a unit`)
})

test('every column has a unit, a description, and is said once', () => {
  for (const { table, columns } of describeTables()) {
    for (const { name, unit, description } of columns) {
      assert.ok(unit.length > 0, `${table}.${name} has no unit`)
      assert.ok(description.length >= 8, `${table}.${name} has no description`)
    }
    assert.is(new Set(columns.map(({ name }) => name)).size, columns.length, table)
  }
})

test('times are int64 nanoseconds with a UTC timestamp beside them, and energies float64', () => {
  for (const { table, columns } of describeTables()) {
    for (const { name, type } of columns) {
      if (/^(t|start|end|duration|queue|receive|host|raw|realtime|boottime)_.*ns$/.test(name)) {
        assert.is(type, 'int64', `${table}.${name}`)
      }
      if (/_j$/.test(name)) assert.is(type, 'float64', `${table}.${name}`)
      if (/^(start_)?time$/.test(name)) assert.is(type, 'timestamp_us', `${table}.${name}`)
    }
    const has = (pattern: RegExp) => columns.some(({ name }) => pattern.test(name))
    assert.is(has(/^(t|start)_ns$/) || table === 'summary', has(/^(start_)?time$/), table)
  }
})

test('describes the tables written in parts, then the summary', () => {
  assert.equal(
    describeTables().map(({ table }) => table),
    [...TABLE_NAMES, 'summary'],
  )
  for (const name of TABLE_NAMES) assert.is(TABLES[name].name, name)
})

test('a rail gives power one column, and inferences one each when there are several', () => {
  const names = (table: keyof typeof TABLES, rails: string[]) => columnsOf(TABLES[table], rails).map(({ name }) => name)
  assert.equal(names('power', ['v12']), ['t_ns', 'time', 'v12_w', 'sample_index', 'flags'])
  assert.equal(names('power', ['v12', 'v3_3']), ['t_ns', 'time', 'v12_w', 'v3_3_w', 'sample_index', 'flags'])
  assert.not.ok(names('inferences', ['v12']).includes('energy_v12_j'))
  const inferences = names('inferences', ['v12', 'v3_3'])
  const at = inferences.indexOf('energy_inclusive_j')
  assert.equal(inferences.slice(at, at + 4), ['energy_inclusive_j', 'energy_v12_j', 'energy_v3_3_j', 'method'])
})

test('a rail that cannot name a column is refused', () => {
  for (const rail of ['', '12v', 'V12', 'v 12', 'v12"', 'v-12']) {
    assert.throws(() => columnsOf(TABLES.power, [rail]), isDatasetError(`saw '${rail}'`))
  }
  assert.throws(() => columnsOf(TABLES.inferences, ['v12', 'idle']), isDatasetError('two columns named energy_idle_j'))
  assert.throws(() => columnsOf(TABLES.power, ['v12', 'v12']), isDatasetError('two columns named v12_w'))
})

function isDatasetError(text: string) {
  return (error: Error) => error instanceof JoulespanError && error.code === 'dataset' && error.message.includes(text)
}

test.run()
