import { JoulespanError } from '../errors/joulespan-error.ts'

/** A table of somebody else: cells are asked for by column, a block of rows at a time. */
export interface ForeignTable {
  readonly path: string
  /** Undefined where the rows name their own columns (JSONL). */
  readonly columns: readonly string[] | undefined
  /** Columns seen so far: once the rows were read, all of them. */
  seen(): readonly string[]
  /** What rows are called to the user: the line of a text file, the row (from 1) of a Parquet file. */
  readonly places: 'line' | 'row'
  /** The rows in order; cells are then named by their position in `wanted`. A column that is not there is empty. */
  blocks(wanted: readonly string[]): AsyncGenerator<CellBlock>
}

/** Some thousand rows. Valid until the next block is asked for. */
export interface CellBlock {
  readonly rows: number
  /** Part of the file that has been read, 0 to 1. */
  readonly share: number
  /** Where the user finds row i. */
  place(i: number): number
  /** Whole nanoseconds less `originNs`; NaN where empty. Exact up to 2^53, rounded to a double beyond. */
  ns(column: number, originNs: bigint, out: Float64Array): void
  /** Undefined where empty. */
  int64(column: number, i: number): bigint | undefined
  /** NaN where empty or not finite. */
  numbers(column: number, out: Float64Array): void
  /** Undefined where empty. */
  text(column: number, i: number): string | undefined
}

/** One bad cell: file, row, column, what was expected and what was seen. */
export function badCell(
  table: Pick<ForeignTable, 'path' | 'places'>,
  place: number,
  column: string,
  expected: string,
  seen: string,
  hint?: string,
): JoulespanError {
  const shown = seen.length > 40 ? `${seen.slice(0, 40)}...` : seen
  return badRow(table, place, `column ${column}: expected ${expected}, saw '${shown}'`, hint)
}

/** One bad row: file, row and what is wrong with it. */
export function badRow(
  table: Pick<ForeignTable, 'path' | 'places'>,
  place: number,
  message: string,
  hint?: string,
): JoulespanError {
  const at = table.places === 'line' ? `${table.path}:${place}` : `${table.path}, row ${place}`
  return new JoulespanError('dataset', `${at}: ${message}`, hint === undefined ? {} : { hint })
}

export const NS_HINT = 'times are whole nanoseconds, such as 1763900000000000000; write them as integers, not as floats'
