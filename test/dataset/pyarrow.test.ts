import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Column } from '../../src/dataset/column.ts'
import { PartWriter } from '../../src/dataset/parquet-writer.ts'
import { columnsOf, TABLE_NAMES, TABLES } from '../../src/dataset/schema.ts'
import { SUMMARY } from '../../src/dataset/summary-table.ts'
import { writeSummary } from '../../src/dataset/summary-writer.ts'
import { scratchFolder } from './scratch-folder.ts'
import { makeRows, type Stored } from './table-rows.ts'

const RAILS = ['v12', 'v3_3']
const ROWS = 700
const ARROW_TYPES: Record<Column['type'], string> = {
  int64: 'int64',
  int32: 'int32',
  uint32: 'uint32',
  float64: 'double',
  float32: 'float',
  utf8: 'string',
  dictionary: 'dictionary<values=string, indices=int32, ordered=0>',
  timestamp_us: 'timestamp[us, tz=UTC]',
}

interface Described {
  rows: number
  row_groups: number
  metadata: Record<string, string>
  keys: string[]
  fields: { name: string; type: string; nullable: boolean; metadata: Record<string, string>; null_count: number }[]
  cells: Record<string, (string | number | null)[]>
}

const python = process.env.JOULESPAN_PYTHON ?? ''
const folder = scratchFolder()

if (python === '') {
  console.log('skipped: JOULESPAN_PYTHON names no python with pyarrow')
} else {
  for (const name of TABLE_NAMES) {
    test(`${name}: pyarrow finds every field, unit, type, null and cell`, async () => {
      const made = makeRows(TABLES[name], RAILS, ROWS, 3 + name.length)
      const path = join(folder, `${name}.parquet`)
      const empty = join(folder, `${name}-empty.parquet`)
      const options = { runId: 'a-run', rails: RAILS, rowGroupRows: 300 }
      const writer = await PartWriter.open(TABLES[name], { ...options, path })
      for (const { row } of made) writer.rows.appendRow(row as never)
      await writer.close()
      await (await PartWriter.open(TABLES[name], { ...options, path: empty })).close()
      const [full, none] = describe([path, empty])
      const columns = columnsOf(TABLES[name], RAILS)
      expectTable(full!, name, columns, made)
      expectTable(none!, name, columns, [])
      assert.is(full!.row_groups, 3)
    })
  }

  test('summary: pyarrow finds every field, unit, type, null and cell', async () => {
    const made = makeRows(SUMMARY, [], 60, 5).map(({ row, stored }) => ({
      row: { ...row, ...SMALL_INTEGERS },
      stored: { ...stored, ...SMALL_INTEGERS },
    }))
    const path = join(folder, 'summary.parquet')
    await writeSummary(
      path,
      'a-run',
      made.map(({ row }) => row),
    )
    expectTable(describe([path])[0]!, 'summary', SUMMARY.columns, made)
  })
}

/** Within what summary.parquet takes. */
const SMALL_INTEGERS = Object.fromEntries(
  SUMMARY.columns.filter(({ type }) => type === 'int64').map(({ name }, i) => [name, 2 ** 53 - 1 - i]),
)

function describe(paths: string[]): Described[] {
  const script = fileURLToPath(new URL('describe_parquet.py', import.meta.url))
  return JSON.parse(execFileSync(python, [script, ...paths], { encoding: 'utf8', maxBuffer: 2 ** 28 }))
}

function expectTable(
  seen: Described,
  table: string,
  columns: readonly Column[],
  made: readonly { stored: Readonly<Record<string, Stored>> }[],
): void {
  assert.is(seen.rows, made.length)
  assert.equal(seen.keys, ['ARROW:schema', 'joulespan'])
  assert.equal(seen.metadata, {
    'joulespan.table': table,
    'joulespan.schema_version': '1',
    'joulespan.run_id': 'a-run',
  })
  assert.equal(
    seen.fields,
    columns.map(({ name, type, nullable, unit, description }) => ({
      name,
      type: ARROW_TYPES[type],
      nullable,
      metadata: { unit, description },
      null_count: made.filter(({ stored }) => stored[name] === null).length,
    })),
  )
  for (const { name, type } of columns) {
    const whole = type === 'int64' || type === 'timestamp_us'
    const expected = made.map(({ stored }) => (whole && stored[name] !== null ? String(stored[name]) : stored[name]))
    assert.equal(seen.cells[name], expected, name)
  }
}

test.run()
