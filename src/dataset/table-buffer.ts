import { Table as ArrowTable, makeData, RecordBatch, type Schema, Struct, tableToIPC } from 'apache-arrow'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { arrowSchema, type FileIdentity } from './arrow-schema.ts'
import type { Column, RowOf, Table } from './column.ts'
import { type ColumnBuffer, columnBuffer } from './column-buffer.ts'
import { columnsOf } from './schema.ts'

/** Rows of a row group: DuckDB's own figure, one task of its threads. */
export const ROW_GROUP_ROWS = 122_880

export interface TableBufferOptions {
  readonly runId: string
  /** Names of the rails, in the order of the values of a per-rail column. */
  readonly rails: readonly string[]
  readonly rowGroupRows?: number
}

/**
 * Rows of one table on their way to a file. Every `rowGroupRows` rows are sealed as one Arrow IPC stream, however they
 * came in, so that equal rows give equal row groups.
 */
export class TableBuffer<T extends Table> {
  readonly table: T
  readonly columns: readonly Column[]
  readonly schema: Schema
  readonly rowGroupRows: number
  readonly #buffers: readonly ColumnBuffer[]
  readonly #sources: readonly CellSource[]
  readonly #railCount: number
  #capacity = 0
  #rows = 0
  #rowsSealed = 0
  #sealed: Uint8Array[] = []

  constructor(table: T, options: TableBufferOptions) {
    this.table = table
    this.rowGroupRows = options.rowGroupRows ?? ROW_GROUP_ROWS
    this.#railCount = options.rails.length
    this.columns = columnsOf(table, options.rails)
    this.#buffers = this.columns.map((column) => columnBuffer(table.name, column))
    this.#sources = table.columns.flatMap((column) => sourcesOf(column, options.rails))
    const identity: FileIdentity = { table: table.name, runId: options.runId }
    const types = this.#buffers.map((buffer) => buffer.type)
    this.schema = arrowSchema(this.columns, types, identity)
  }

  /** Rows appended since the beginning. */
  get rowCount(): number {
    return this.#rowsSealed + this.#rows
  }

  appendRow(row: RowOf<T>): void {
    const at = this.reserve(1).row
    const cells = row as Readonly<Record<string, unknown>>
    for (let i = 0; i < this.#buffers.length; i++) this.#buffers[i]!.set(at, this.#cell(cells, this.#sources[i]!))
    this.commit(1)
  }

  /** Room for up to `wanted` rows in the row group being filled: set `count` of them from `row` on, then commit. */
  reserve(wanted: number): { readonly row: number; readonly count: number } {
    const count = Math.min(wanted, this.rowGroupRows - this.#rows)
    this.#growTo(this.#rows + count)
    return { row: this.#rows, count }
  }

  commit(count: number): void {
    this.#rows += count
    if (this.#rows === this.rowGroupRows) this.#seal()
  }

  buffer(name: string): ColumnBuffer {
    const position = this.columns.findIndex((column) => column.name === name)
    return this.#buffers[position]!
  }

  /** The row groups that are full, in order; handed out once. */
  takeSealed(): readonly Uint8Array[] {
    const sealed = this.#sealed
    this.#sealed = []
    return sealed
  }

  /** The last, shorter row group with what is left; an empty one when there never was a row, to carry the schema. */
  sealRest(): void {
    if (this.#rows > 0 || this.#rowsSealed === 0) this.#seal()
  }

  #cell(cells: Readonly<Record<string, unknown>>, { key, rail }: CellSource): unknown {
    const cell = cells[key]
    if (rail === undefined || cell === undefined) return cell
    const values = cell as readonly unknown[]
    if (values.length === this.#railCount) return values[rail]
    throw new JoulespanError(
      'dataset',
      `table ${this.table.name}, columns ${key}: expected ${this.#railCount} values, one for each rail, saw ${values.length}`,
    )
  }

  #seal(): void {
    const rows = this.#rows
    const children = this.#buffers.map((buffer) => buffer.toData(rows))
    const data = makeData({ type: new Struct(this.schema.fields), length: rows, nullCount: 0, children })
    this.#sealed.push(tableToIPC(new ArrowTable([new RecordBatch(this.schema, data)]), 'stream'))
    for (const buffer of this.#buffers) buffer.reset()
    this.#rowsSealed += rows
    this.#rows = 0
  }

  #growTo(rows: number): void {
    if (rows <= this.#capacity) return
    this.#capacity = Math.min(this.rowGroupRows, Math.max(rows, 2 * this.#capacity, SMALLEST_CAPACITY))
    for (const buffer of this.#buffers) buffer.grow(this.#capacity)
  }
}

const SMALLEST_CAPACITY = 1024

/** Where a buffer finds its value: key of the row, and position in the array of a per-rail column. */
interface CellSource {
  readonly key: string
  readonly rail: number | undefined
}

function sourcesOf(column: Column, rails: readonly string[]): readonly CellSource[] {
  if (column.perRail === undefined) return [{ key: column.name, rail: undefined }]
  if (column.perRail === 'several' && rails.length < 2) return []
  return rails.map((_, rail) => ({ key: column.name, rail }))
}
