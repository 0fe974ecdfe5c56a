import type { Column, RowOf, Table } from './column.ts'
import { GROUPS } from './groups-table.ts'
import { INFERENCES } from './inferences-table.ts'
import { POWERS } from './powers-table.ts'
import { STAGES } from './stages-table.ts'

/*
 * The tables of `joulespan attribute`: those of a run, less what only a run has. Times are in the clock of the input, whatever
 * that is, so there is no UTC beside them.
 */

/** Columns that only a run can fill. */
const OF_A_RUN = ['run_id', 'start_time'] as const
type OfARun = (typeof OF_A_RUN)[number]

const WORDS: Readonly<Record<string, Partial<Column>>> = {
  start_ns: { description: 'start of the span [start_ns, end_ns), as it stands in the input' },
  end_ns: { description: 'end of the span, as it stands in the input; where none was told, where it was given up' },
  queue_ns: { description: 'null: a span list does not say when an inference was queued' },
  inference_id: { description: 'as it stands in the input; null: the span belongs to none' },
  span_id: { description: 'line of the span list (row, from 1, of a Parquet file)' },
  task: { nullable: true, description: 'column task of the span list; null: none' },
  power_peak_w: { description: 'highest sample of the summed rails inside the span, idle included' },
}

export const ATTRIBUTED_INFERENCES = {
  name: 'inferences',
  description: 'One row per inference: all stages with its inference_id, from the first start to the last end.',
  columns: inInputClock(INFERENCES.columns),
} as const satisfies Table

export const ATTRIBUTED_STAGES = {
  name: 'stages',
  description: 'One row per row of the span list: a segment execution, or a load, unload or warm-up.',
  columns: inInputClock(STAGES.columns),
} as const satisfies Table

export const ATTRIBUTED_GROUPS = {
  ...GROUPS,
  columns: inInputClock(GROUPS.columns),
} as const satisfies Table

export const ATTRIBUTED_TABLES = {
  inferences: ATTRIBUTED_INFERENCES,
  stages: ATTRIBUTED_STAGES,
  groups: ATTRIBUTED_GROUPS,
  powers: POWERS,
} as const

export type AttributedTableName = keyof typeof ATTRIBUTED_TABLES
export type AttributedInferenceRow = RowOf<typeof ATTRIBUTED_INFERENCES>
export type AttributedStageRow = RowOf<typeof ATTRIBUTED_STAGES>
export type AttributedGroupRow = RowOf<typeof ATTRIBUTED_GROUPS>

type Attributed<C extends Column> = C extends { name: 'task' } ? Omit<C, 'nullable'> & { readonly nullable: true } : C

function inInputClock<C extends Column>(columns: readonly C[]): readonly Attributed<Exclude<C, { name: OfARun }>>[] {
  const kept = columns.filter((column) => !(OF_A_RUN as readonly string[]).includes(column.name))
  return kept.map((column) => ({ ...column, ...WORDS[column.name] })) as never
}
