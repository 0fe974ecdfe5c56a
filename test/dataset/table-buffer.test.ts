import { tableFromIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GROUPS, type GroupRow } from '../../src/dataset/groups-table.ts'
import { INFERENCES, type InferenceRow } from '../../src/dataset/inferences-table.ts'
import { TableBuffer } from '../../src/dataset/table-buffer.ts'
import { makeRows } from './table-rows.ts'

const GROUP: GroupRow = { run_id: 'r', group_id: 1, rail: 'v12', members: '[]', energy_j: 1, energy_u_j: 0.1, n: 2 }

test('rows are sealed every rowGroupRows, and the rest at the end', () => {
  const buffer = new TableBuffer(GROUPS, { runId: 'r', rails: ['v12'], rowGroupRows: 10 })
  for (let n = 0; n < 25; n++) buffer.appendRow({ ...GROUP, n })
  const full = buffer.takeSealed()
  buffer.sealRest()
  const groups = [...full, ...buffer.takeSealed()].map((ipc) => tableFromIPC(ipc))
  assert.is(full.length, 2)
  assert.equal(
    groups.map((group) => group.numRows),
    [10, 10, 5],
  )
  const n = groups.flatMap((group) => [...group.getChild('n')!])
  assert.equal(
    n,
    Array.from({ length: 25 }, (_, i) => BigInt(i)),
  )
  assert.is(buffer.rowCount, 25)
})

test('a row that is refused leaves nothing, and the next one takes its place', () => {
  const buffer = new TableBuffer(GROUPS, { runId: 'r', rails: ['v12'] })
  buffer.appendRow({ ...GROUP, members: '["a"]' })
  assert.throws(
    () => buffer.appendRow({ ...GROUP, members: '["bad"]', n: 0.5 }),
    /table groups, column n: expected int64/,
  )
  buffer.appendRow({ ...GROUP, members: '["b"]' })
  buffer.sealRest()
  const table = tableFromIPC(buffer.takeSealed()[0]!)
  assert.equal([...table.getChild('members')!], ['["a"]', '["b"]'])
})

test('a row group knows its own texts only, so that text that never repeats does not pile up', () => {
  const buffer = new TableBuffer(GROUPS, { runId: 'r', rails: ['v12'], rowGroupRows: 3 })
  for (let i = 0; i < 6; i++) buffer.appendRow({ ...GROUP, reason: `collinear ${i}` })
  const dictionaries = buffer.takeSealed().map((ipc) => [...tableFromIPC(ipc).getChild('reason')!.data[0]!.dictionary!])
  assert.equal(dictionaries, [
    ['collinear 0', 'collinear 1', 'collinear 2'],
    ['collinear 3', 'collinear 4', 'collinear 5'],
  ])
})

test('without rows there is one empty row group, to carry the schema', () => {
  const buffer = new TableBuffer(GROUPS, { runId: 'r', rails: ['v12'] })
  buffer.sealRest()
  const sealed = buffer.takeSealed()
  assert.is(sealed.length, 1)
  assert.is(tableFromIPC(sealed[0]!).numRows, 0)
  buffer.appendRow(GROUP)
  buffer.sealRest()
  assert.is(tableFromIPC(buffer.takeSealed()[0]!).numRows, 1)
})

test('a per-rail column wants one value for each rail', () => {
  const buffer = new TableBuffer(INFERENCES, { runId: 'r', rails: ['v12', 'v3_3'] })
  const { row } = makeRows(INFERENCES, ['v12', 'v3_3'], 1, 1)[0]!
  const withRails = (energy: readonly number[]): InferenceRow => ({ ...row, 'energy_<rail>_j': energy })
  assert.throws(
    () => buffer.appendRow(withRails([1])),
    /columns energy_<rail>_j: expected 2 values, one for each rail, saw 1/,
  )
  assert.throws(() => buffer.appendRow(withRails([1, 2, 3])), /saw 3/)
  buffer.appendRow(withRails([1, 2]))
  assert.is(buffer.rowCount, 1)
})

test('unit and description are on every field', () => {
  const { schema } = new TableBuffer(INFERENCES, { runId: 'a-run', rails: ['v12'] })
  const energy = schema.fields.find(({ name }) => name === 'energy_j')!
  assert.is(energy.metadata.get('unit'), 'J')
  assert.match(energy.metadata.get('description')!, /net energy/)
  assert.is(schema.metadata.get('joulespan.table'), 'inferences')
  assert.is(schema.metadata.get('joulespan.run_id'), 'a-run')
})

test.run()
