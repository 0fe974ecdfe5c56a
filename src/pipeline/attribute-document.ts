import type { AttributedTableName } from '../dataset/attributed-tables.ts'
import type { Part } from '../dataset/parquet-writer.ts'
import type { LearnedPower, OverlapStatistics, RailEnergy } from '../dataset/run-json.ts'

export const ATTRIBUTE_FORMAT = 'joulespan.attribute'
export const ATTRIBUTE_VERSION = 1

/** `attribute.json`. Absolute times are text: nanoseconds since 1970 have more digits than a double. */
export interface AttributeDocument {
  readonly format: typeof ATTRIBUTE_FORMAT
  readonly version: typeof ATTRIBUTE_VERSION
  readonly created_by: string
  readonly out_dir: string
  readonly power: PowerFacts
  readonly spans: SpanFacts
  /** As they were used: given, or made from the sample period. */
  readonly options: OptionFacts
  /** By rail; measured = idle + attributed + load + unattributed + uncovered. */
  readonly energy: Readonly<Record<string, RailEnergy & { readonly measured_u_j: number }>>
  /** As in powers.parquet, all rails in one. */
  readonly powers: readonly LearnedPower[]
  /** How power follows the spans, and how executions scatter about their learned power. */
  readonly overlap: OverlapStatistics
  /** One a task and model. */
  readonly models: readonly ModelFacts[]
  readonly rows: { readonly inferences: RowFacts; readonly stages: RowFacts }
  readonly warnings: readonly AttributeWarning[]
  readonly files: Readonly<Record<AttributedTableName, Part & { readonly path: string }>>
}

export interface PowerFacts {
  readonly path: string
  readonly rows: number
  readonly rails: readonly string[]
  readonly first_ns: string
  readonly last_ns: string
  /** Median step between times. */
  readonly period_ns: number
  readonly is_regular: boolean
  /** Root mean square deviation of the steps from the period, relative, gaps left out. */
  readonly jitter: number
  /** A longer step counts as a gap. */
  readonly gap_ns: number
  readonly gaps: number
  readonly gaps_s: number
}

export interface SpanFacts {
  readonly path: string
  readonly rows: number
  readonly inferences: number
  readonly devices: readonly string[]
}

export interface OptionFacts {
  readonly lead_ns: number
  readonly tail_ns: number
  readonly delay_ns: number
  readonly delay_u_ns: number
  readonly time_constant_ns: number
  readonly align_bound_ns: number
  readonly rails: Readonly<Record<string, RailFacts>>
}

export interface RailFacts {
  readonly gain_u: number
  readonly offset_u_w: number
  /** Standard deviation of a sample; null: neither given nor to be seen. */
  readonly noise_w: number | null
  readonly noise_from: 'option' | 'idle gaps' | 'nothing'
  /** Mean idle power; null: no idle time. */
  readonly idle_w: number | null
  readonly idle_from: 'option' | 'idle gaps' | 'nothing'
}

export interface ModelFacts {
  readonly task: string | null
  readonly model: string
  readonly n_inferences: number
  /** Those that enter the mean. */
  readonly n_with_energy: number
  readonly energy_mean_j: number | null
  readonly energy_mean_u_j: number | null
  readonly energy_idle_mean_j: number | null
  readonly energy_sd_j: number | null
  readonly duration_p50_ns: number | null
}

export interface RowFacts {
  readonly total: number
  readonly without_energy: number
  readonly by_method: Readonly<Record<string, number>>
  readonly by_reason: Readonly<Record<string, number>>
}

export interface AttributeWarning {
  readonly code: string
  readonly message: string
  readonly count: number
  /** Where first: lines of a text file, rows (from 1) of a Parquet file; empty where that says nothing. */
  readonly first_rows: readonly number[]
}
