import { JoulespanError } from '../errors/joulespan-error.ts'
import { badRow, type CellBlock, type ForeignTable } from './foreign-table.ts'

export const TIME_COLUMN = 't_ns'
const RAIL_COLUMN = /^(.+)_w$/
const RAIL_NAME = /^[a-z][a-z0-9_]{0,30}$/
/** Exact as doubles: 104 days. */
const LONGEST_NS = Number.MAX_SAFE_INTEGER

/** What the columns of a power table are called. */
export interface PowerColumns {
  /** In the order of the file. */
  readonly rails: readonly string[]
  /** Not asked for by anything. */
  readonly extra: readonly string[]
}

/** Consecutive samples as they stand in the file, times relative to the first. The arrays are used again for the next rows. */
export interface PowerRows {
  readonly count: number
  readonly tNs: Float64Array
  /** One array a rail, W; NaN: not measured. */
  readonly watts: readonly Float64Array[]
  readonly share: number
  place(i: number): number
}

export function powerColumns(table: ForeignTable): PowerColumns {
  const seen = table.columns ?? []
  const rails = seen.map((name) => RAIL_COLUMN.exec(name)?.[1]).filter((rail) => rail !== undefined)
  if (!seen.includes(TIME_COLUMN) || rails.length === 0)
    throw new JoulespanError(
      'dataset',
      `expected the columns ${TIME_COLUMN} and <rail>_w for each rail in ${table.path}, saw ${list(seen)}`,
      { hint: 'docs/attribute.md shows how to make such a table from other instruments' },
    )
  const odd = rails.find((rail) => !RAIL_NAME.test(rail))
  if (odd !== undefined)
    throw new JoulespanError(
      'dataset',
      `expected rail names of lower-case letters, digits and underscores, a letter first, saw column '${odd}_w' in ${table.path}`,
      { hint: 'rename the column, for example v12_w' },
    )
  const extra = seen.filter((name) => name !== TIME_COLUMN && !RAIL_COLUMN.test(name))
  return { rails, extra }
}

/** Time of the first row: the origin of everything that follows. */
export async function firstTimeNs(table: ForeignTable): Promise<bigint> {
  for await (const block of table.blocks([TIME_COLUMN])) {
    const first = block.int64(0, 0)
    if (first === undefined) throw noTime(table, block.place(0))
    return first
  }
  throw new JoulespanError('dataset', `expected samples, saw a header and no rows in ${table.path}`)
}

/** All rows, times strictly checked: a row without a time, or earlier than the one before, has no place on the axis. */
export async function* readPower(
  table: ForeignTable,
  rails: readonly string[],
  originNs: bigint,
): AsyncGenerator<PowerRows> {
  let tNs = new Float64Array(0)
  let watts: Float64Array[] = []
  let lastNs = Number.NEGATIVE_INFINITY
  for await (const block of table.blocks([TIME_COLUMN, ...rails.map((rail) => `${rail}_w`)])) {
    if (tNs.length < block.rows) {
      tNs = new Float64Array(block.rows)
      watts = rails.map(() => new Float64Array(block.rows))
    }
    block.ns(0, originNs, tNs)
    lastNs = checkTimes(table, block, tNs, lastNs)
    for (const [r, values] of watts.entries()) block.numbers(r + 1, values)
    yield { count: block.rows, tNs, watts, share: block.share, place: block.place }
  }
}

function checkTimes(table: ForeignTable, block: CellBlock, tNs: Float64Array, beforeNs: number): number {
  let lastNs = beforeNs
  for (let i = 0; i < block.rows; i++) {
    const t = tNs[i] as number
    if (t >= lastNs && t <= LONGEST_NS) {
      lastNs = t
      continue
    }
    if (Number.isNaN(t)) throw noTime(table, block.place(i))
    if (t > LONGEST_NS)
      throw badRow(table, block.place(i), `expected times within 104 days of the first row, saw ${block.int64(0, i)}`)
    throw badRow(
      table,
      block.place(i),
      `expected times in ascending order, saw ${block.int64(0, i)}, ${lastNs - t} ns before the row above`,
      'sort the table by t_ns; if the clock of the instrument was set back, attribute the parts one by one',
    )
  }
  return lastNs
}

function noTime(table: ForeignTable, place: number): JoulespanError {
  return badRow(table, place, `column ${TIME_COLUMN}: expected whole nanoseconds, saw an empty cell`)
}

export function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
