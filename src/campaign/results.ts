import { type PassMean, passInterval } from './interval.ts'
import type { ResultRow } from './results-table.ts'
import { TRIAL_COLUMNS, type TrialRow } from './trials-table.ts'

export interface ResultOptions {
  readonly reference: string | null
  /** Multiply-accumulates by model. */
  readonly macs: ReadonlyMap<string, number>
}

/** Over the passes of each trial and model, in the order of the rows. */
export function resultsOf(rows: readonly TrialRow[], { reference, macs }: ResultOptions): ResultRow[] {
  const groups = new Map<string, TrialRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.trial, row.model ?? null])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const results = [...groups.values()].map((group) => resultOf(group, macs))
  return results.map((row) => ({ ...row, ...realisationOf(row, results, reference) }))
}

function resultOf(group: readonly TrialRow[], macs: ReadonlyMap<string, number>): ResultRow {
  const first = group[0] as TrialRow
  const good = group.filter(({ status }) => status === 'ok')
  const what = Object.fromEntries(TRIAL_COLUMNS.map(({ name }) => [name, first[name]])) as unknown as ResultRow
  const energy = passInterval(good.flatMap(energyPass))
  const latency = passInterval(
    good.flatMap(({ latency_p50_ns: ns }) => (ns == null ? [] : [{ mean: ns, u: 0, commonU: 0 }])),
  )
  const idleJ = meanOf(good, 'energy_idle_j')
  const grossJ = energy === undefined || idleJ === null ? null : energy.mean + idleJ
  return {
    ...what,
    n_passes: good.length,
    n_failed: group.length - good.length,
    n_inferences: good.reduce((sum, row) => sum + Number(row.n_inferences), 0),
    energy_j: energy?.mean ?? null,
    energy_u_j: energy?.u ?? null,
    energy_low_j: energy?.low ?? null,
    energy_high_j: energy?.high ?? null,
    energy_cv: energy?.sd === undefined || energy.mean === 0 ? null : energy.sd / Math.abs(energy.mean),
    energy_idle_j: idleJ,
    energy_gross_j: grossJ,
    energy_gross_u_j: meanOf(good, 'energy_gross_u_j'),
    energy_rail_per_inference_j: meanOf(good, 'energy_rail_per_inference_j'),
    energy_with_load_1_j: meanOf(good, 'energy_with_load_1_j'),
    energy_with_load_10_j: meanOf(good, 'energy_with_load_10_j'),
    energy_with_load_1000_j: meanOf(good, 'energy_with_load_1000_j'),
    latency_p50_ns: latency?.mean ?? null,
    latency_p50_low_ns: latency?.sd === undefined ? null : latency.low,
    latency_p50_high_ns: latency?.sd === undefined ? null : latency.high,
    latency_p90_ns: meanOf(good, 'latency_p90_ns'),
    latency_p99_ns: meanOf(good, 'latency_p99_ns'),
    latency_max_ns: most(good, 'latency_max_ns'),
    service_mean_ns: meanOf(good, 'service_mean_ns'),
    throughput_per_s: meanOf(good, 'throughput_per_s'),
    inferences_per_j: grossJ === null || grossJ <= 0 ? null : 1 / grossJ,
    energy_delay_js: meanOf(good, 'energy_delay_js'),
    power_average_w: meanOf(good, 'power_average_w'),
    power_average_u_w: meanOf(good, 'power_average_u_w'),
    power_peak_w: most(good, 'power_peak_w'),
    predicted_service_ns: first.predicted_service_ns ?? null,
    measured_over_predicted: meanOf(good, 'measured_over_predicted'),
    macs: macs.get(first.model ?? '') ?? null,
    speedup: null,
    mac_speedup: null,
    realisation_efficiency: null,
  }
}

/** Gain stays the same from pass to pass; what is left of the stated uncertainty is the pass's own. */
export function energyPass({ energy_j: mean, energy_u_j: u, energy_gain_u_j: gainU }: TrialRow): PassMean[] {
  return mean == null || u == null ? [] : [{ mean, u, commonU: Math.min(u, Math.abs(gainU ?? u)) }]
}

type Figure = {
  [K in keyof TrialRow]-?: TrialRow[K] extends number | null | undefined ? K : never
}[keyof TrialRow]

/** Null unless every pass knows it: a mean of some would be another quantity. */
function meanOf(rows: readonly TrialRow[], key: Figure): number | null {
  const values = rows.map((row) => row[key])
  if (values.length === 0 || values.some((value) => value == null)) return null
  return values.reduce((sum: number, value) => sum + Number(value), 0) / values.length
}

function most(rows: readonly TrialRow[], key: Figure): number | null {
  const values = rows.flatMap((row) => row[key] ?? [])
  return values.length === 0 ? null : Math.max(...(values as number[]))
}

/** The trial of the reference that differs in nothing but the model. */
function realisationOf(row: ResultRow, rows: readonly ResultRow[], reference: string | null): Partial<ResultRow> {
  const same = ['partition', 'segment_by', 'rate_per_s', 'requests', 'sampling', 'settings', 'arrival'] as const
  const to = rows.find((other) => other.model === reference && same.every((key) => other[key] === row[key]))
  if (reference === null || to === undefined || row.macs == null || to.macs == null) return {}
  const macSpeedup = to.macs / row.macs
  const speedup =
    row.service_mean_ns == null || to.service_mean_ns == null ? null : to.service_mean_ns / row.service_mean_ns
  const isItself = row === to || macSpeedup === 1
  return {
    speedup,
    mac_speedup: macSpeedup,
    realisation_efficiency: isItself || speedup === null ? null : speedup / macSpeedup,
  }
}
