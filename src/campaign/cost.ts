import type { CostRow } from './cost-table.ts'
import { quantileOf } from './quantile.ts'

/** What one run tells of one model. */
export interface CostSample {
  readonly model: string
  readonly m: number
  readonly segmentBy: string | null
  readonly serviceNs: readonly number[]
  /** Of inferences with an energy of their own. */
  readonly energyJ: readonly number[]
  readonly meanEnergyJ: number | null
  readonly loads: readonly { readonly durationNs: number; readonly energyJ: number | null }[]
}

/** A quantile of 0.1 % with fewer would rest on a handful of inferences. */
const P999_LEAST = 10_000

/** Worst observed, p99.9 and mean, by model, number of devices and cut; models in order, then m. */
export function costOf(samples: readonly CostSample[]): CostRow[] {
  const pools = new Map<string, CostSample[]>()
  for (const sample of samples) {
    const key = JSON.stringify([sample.model, sample.m, sample.segmentBy])
    pools.set(key, [...(pools.get(key) ?? []), sample])
  }
  return [...pools.values()].map(costRow).sort(byModelThenDevices)
}

function costRow(pool: readonly CostSample[]): CostRow {
  const { model, m, segmentBy } = pool[0] as CostSample
  const times = Float64Array.from(pool.flatMap(({ serviceNs }) => serviceNs)).sort()
  const energies = Float64Array.from(pool.flatMap(({ energyJ }) => energyJ)).sort()
  const loads = pool.flatMap((sample) => sample.loads)
  const loadNs = loads.map(({ durationNs }) => durationNs)
  const loadJ = loads.flatMap(({ energyJ }) => energyJ ?? [])
  return {
    model,
    m,
    segment_by: segmentBy,
    n_inferences: times.length,
    time_max_ns: times.at(-1) ?? null,
    time_p999_ns: times.length < P999_LEAST ? null : (quantileOf(times, 0.999) ?? null),
    time_mean_ns: mean(times),
    energy_max_j: energies.at(-1) ?? null,
    energy_p999_j: energies.length < P999_LEAST ? null : (quantileOf(energies, 0.999) ?? null),
    energy_mean_j: pooledMeanJ(pool),
    switch_max_ns: loadNs.length === 0 ? null : Math.max(...loadNs),
    switch_mean_ns: mean(loadNs),
    switch_mean_j: loadJ.length < loads.length ? null : mean(loadJ),
  }
}

/** Weighted by inferences; null where a run does not know its mean. */
function pooledMeanJ(pool: readonly CostSample[]): number | null {
  let sum = 0
  let n = 0
  for (const { meanEnergyJ, serviceNs } of pool) {
    if (meanEnergyJ === null) return null
    sum += meanEnergyJ * serviceNs.length
    n += serviceNs.length
  }
  return n === 0 ? null : sum / n
}

function byModelThenDevices(a: CostRow, b: CostRow): number {
  if (a.model !== b.model) return a.model < b.model ? -1 : 1
  return a.m - b.m || ((a.segment_by ?? '') < (b.segment_by ?? '') ? -1 : 1)
}

function mean(values: ArrayLike<number>): number | null {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return values.length === 0 ? null : sum / values.length
}
