import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PartWriter } from '../../src/dataset/parquet-writer.ts'
import { readParquet, readRowGroups, readTable } from '../../src/dataset/read-table.ts'
import { partPath, runFolder } from '../../src/dataset/run-folder.ts'
import { STAGES } from '../../src/dataset/stages-table.ts'
import { errorOf } from './error-of.ts'
import { scratchFolder } from './scratch-folder.ts'
import { makeRows } from './table-rows.ts'

const RAILS = ['v12', 'v3_3']
const folder = runFolder(scratchFolder())
const made = makeRows(STAGES, RAILS, 1000, 11)

async function writePart(number: number, first: number, end: number): Promise<void> {
  const path = partPath(folder, 'stages', number)
  const writer = await PartWriter.open(STAGES, { path, runId: 'r', rails: RAILS, rowGroupRows: 150 })
  for (const { row } of made.slice(first, end)) writer.rows.appendRow(row)
  await writer.close()
}

test('a run without parts has no table', async () => {
  assert.is(await readTable(folder, 'stages'), undefined)
})

test('all parts are one table, each row group with its own dictionary', async () => {
  await writePart(0, 0, 400)
  await writePart(1, 400, 400)
  await writePart(2, 400, 1000)
  const table = (await readTable(folder, 'stages'))!
  assert.is(table.numRows, 1000)
  for (const field of table.schema.fields) {
    const column = table.getChild(field.name)!
    // Integers of a timestamp, because arrow-js reads it as a double of milliseconds.
    const cells =
      field.name === 'start_time' ? column.data.flatMap((data) => [...(data.values as BigInt64Array)]) : [...column]
    const expected = made.map(({ stored }) => stored[field.name])
    assert.equal(cells, expected, field.name)
  }
})

test('only the columns asked for are read, with their units', async () => {
  const table = (await readTable(folder, 'stages', { columns: ['energy_j', 'device'] }))!
  assert.equal(table.schema.fields.map(({ name }) => name).sort(), ['device', 'energy_j'])
  assert.is(table.schema.fields.find(({ name }) => name === 'energy_j')!.metadata.get('unit'), 'J')
  assert.is(table.numRows, 1000)
})

test('row groups come one by one, in order, and are all of the table', async () => {
  const rows: number[] = []
  const ids: unknown[] = []
  for await (const group of readRowGroups(folder, 'stages', { columns: ['span_id', 'model'] })) {
    rows.push(group.numRows)
    ids.push(...group.getChild('span_id')!)
    assert.is(group.schema.fields.length, 2)
  }
  assert.equal(rows, [150, 150, 100, 150, 150, 150, 150])
  assert.equal(
    ids,
    made.map(({ stored }) => stored.span_id),
  )
})

test('a file that is cut, foreign or missing is refused by path', async () => {
  const cut = join(folder.path, 'cut.parquet')
  const writer = await PartWriter.open(STAGES, { path: cut, runId: 'r', rails: RAILS })
  for (const { row } of made) writer.rows.appendRow(row)
  const { bytes } = await writer.close()
  truncateSync(cut, bytes - 100)
  const foreign = join(folder.path, 'foreign.parquet')
  writeFileSync(foreign, 'not parquet at all')
  for (const path of [cut, foreign]) {
    const error = await errorOf(readParquet(path))
    assert.is(error.code, 'dataset')
    assert.match(error.message, /expected a whole parquet file, saw '.+' in /)
    assert.ok(error.message.endsWith(path))
  }
  assert.match((await errorOf(readParquet(join(folder.path, 'none.parquet')))).message, /none\.parquet/)
})

test.run()
