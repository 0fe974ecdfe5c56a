import type { LearnedPower, OverlapStatistics } from '../dataset/run-json.ts'
import { SPAN_KINDS } from '../dataset/stages-table.ts'
import type { PowerColumn } from '../energy/columns.ts'
import type { ColumnFigures } from '../energy/learned-powers.ts'
import type { EnergyLedger } from '../energy/ledger.ts'
import * as P from '../protocol/constants.ts'
import type { Names } from './names.ts'

export interface Learning {
  readonly powers: readonly LearnedPower[]
  readonly overlap: OverlapStatistics
}

/** What was learned from overlaps, as run.json and attribute.json have it. */
export function describeLearning(
  ledger: EnergyLedger,
  rails: readonly string[],
  namesOf: (source: number) => ColumnNames,
): Learning {
  const { found } = ledger.lag
  const byRail = (values: ArrayLike<number>): Record<string, number> =>
    Object.fromEntries(rails.map((rail, r) => [rail, values[r] ?? 0]))
  return {
    powers: ledger.powers.figures.map((figures) => ({
      ...nameColumn(figures.column, namesOf(figures.column.source)),
      executions: Math.round(figures.executions),
      power_w: byRail(figures.powerW),
      power_u_w: byRail(figures.powerUW),
      vif: orNull(figures.vif),
      condition: orNull(figures.condition),
      lack_of_fit: orNull(figures.lackOfFit),
      ...verdictOf(figures),
    })),
    overlap: {
      lag_ns: found?.lagNs ?? null,
      lag_sd_ns: found?.sdNs ?? null,
      scatter: byRail(ledger.powers.scatterRel),
    },
  }
}

export type ColumnNames = Pick<Names, 'device' | 'model'>

export interface NamedColumn {
  readonly device: string
  readonly model: string
  readonly segment: number | null
  readonly kind: string
}

export function nameColumn(column: PowerColumn, names: ColumnNames): NamedColumn {
  return {
    device: names.device(column.device) ?? 'none',
    model: names.model(column.model) ?? 'none',
    segment: column.segment === P.NONE16 ? null : column.segment,
    kind: SPAN_KINDS[column.kind - P.KIND_STAGE] ?? 'stage',
  }
}

function verdictOf({ verdict }: ColumnFigures): { method: string | null; reason: string | null } {
  if (verdict.kind === 'loose') return { method: null, reason: verdict.reason }
  return { method: verdict.kind, reason: verdict.kind === 'group' ? verdict.group.reason : null }
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
