import { JoulespanError } from '../errors/joulespan-error.ts'
import { CLOCK } from './clock-table.ts'
import type { Column, Table } from './column.ts'
import { EVENTS } from './events-table.ts'
import { GROUPS } from './groups-table.ts'
import { INFERENCES } from './inferences-table.ts'
import { POWER } from './power-table.ts'
import { STAGES } from './stages-table.ts'
import { SUMMARY } from './summary-table.ts'

/** Raised when a column changes its name, type, unit or meaning, or goes; a new column does not raise it. */
export const SCHEMA_VERSION = 1

/** The tables written in parts, in the order of the docs. */
export const TABLES = {
  inferences: INFERENCES,
  stages: STAGES,
  groups: GROUPS,
  power: POWER,
  events: EVENTS,
  clock: CLOCK,
} as const

export type TableName = keyof typeof TABLES
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[]

export interface TableDescription {
  readonly table: string
  /** Path in the run folder. */
  readonly path: string
  readonly description: string
  readonly columns: readonly Column[]
}

/** All tables as they are documented: what docs/dataset.md is made from. */
export function describeTables(): readonly TableDescription[] {
  const parts = TABLE_NAMES.map((name) => describe(TABLES[name], `${name}/part-NNNNN.parquet`))
  return [...parts, describe(SUMMARY, 'summary.parquet')]
}

/** The columns of a table in a run with these rails: `<rail>` columns become one for each rail. */
export function columnsOf(table: Table, rails: readonly string[]): readonly Column[] {
  for (const rail of rails) checkRailName(rail)
  const columns = table.columns.flatMap((column) => expandRails(column, rails))
  checkDistinct(table, columns)
  return columns
}

function describe(table: Table, path: string): TableDescription {
  return { table: table.name, path, description: table.description, columns: table.columns }
}

function expandRails(column: Column, rails: readonly string[]): readonly Column[] {
  const { perRail, ...plain } = column
  if (perRail === undefined) return [column]
  if (perRail === 'several' && rails.length < 2) return []
  return rails.map((rail) => ({ ...plain, name: column.name.replace('<rail>', rail) }))
}

function checkRailName(rail: string): void {
  if (/^[a-z][a-z0-9_]{0,30}$/.test(rail)) return
  throw new JoulespanError(
    'dataset',
    `expected a rail name of lower-case letters, digits and underscores, a letter first, saw '${rail}'`,
    { hint: 'rename the rail in the recipe, for example v12 or v3_3' },
  )
}

/** A rail named `idle` would give a second `energy_idle_j`. */
function checkDistinct(table: Table, columns: readonly Column[]): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name)) {
      throw new JoulespanError('dataset', `table ${table.name}: two columns named ${name}`, {
        hint: 'rename the rail in the recipe, for example v12 or v3_3',
      })
    }
    seen.add(name)
  }
}
