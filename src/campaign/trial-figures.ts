import type { Table } from 'apache-arrow'
import { readRowGroups, readTable } from '../dataset/read-table.ts'
import { type RunFolder, runFolder } from '../dataset/run-folder.ts'
import type { RunJson } from '../dataset/run-json.ts'
import type { SummaryRow } from '../dataset/summary-table.ts'
import { linearFit } from './linear-fit.ts'
import { quantileOf } from './quantile.ts'
import type { TrialRow } from './trials-table.ts'

/** Everything of a row that comes from the run. */
export type Figures = Omit<TrialRow, keyof Situation>
/** What the campaign knows without the run. */
export type Situation = Pick<
  TrialRow,
  | 'campaign'
  | 'trial'
  | 'spec'
  | 'labels'
  | 'partition'
  | 'depth'
  | 'replicas'
  | 'devices'
  | 'segment_by'
  | 'arrival'
  | 'rate_per_s'
  | 'requests'
  | 'sampling'
  | 'settings'
  | 'pass'
  | 'position'
  | 'run_id'
  | 'predicted_service_ns'
  | 'measured_over_predicted'
>

export interface MeasuredRun {
  readonly path: string
  readonly runJson: RunJson
  readonly summary: readonly SummaryRow[]
}

/** A 99th percentile of fewer is the maximum by another name. */
const P99_LEAST = 100

/** Figures of a run for each of its models; of a run with several also for all of them together, with a null model. */
export async function figuresOf(
  run: MeasuredRun,
  label: string | null,
): Promise<(Figures & { model: string | null })[]> {
  const folder = runFolder(run.path)
  const inferences = await readInferences(folder)
  const loads = await readLoads(folder)
  const whole = run.summary.find(({ task }) => task === null) as SummaryRow
  const models = [...new Set(run.summary.flatMap(({ model }) => model ?? []))]
  const powerW = await averagePowerW(folder, run.runJson.rails, spanOf(inferences))
  const all = figures({ run, inferences, loads, mean: meanOf([whole]), powerW, whole })
  // parts of one label, such as a partition into pipelines of different depths, are one model
  if (label !== null || models.length < 2) return [{ ...all, model: label ?? models[0] ?? null }]
  const each = models.map((model) => {
    const rows = run.summary.filter((row) => row.model === model && row.n_inferences > 0)
    const own = inferences.filter((inference) => inference.model === model)
    const ownLoads = loads.filter((load) => load.model === model)
    return { ...figures({ run, inferences: own, loads: ownLoads, mean: meanOf(rows), powerW: null, whole }), model }
  })
  return [{ ...all, model: null }, ...each]
}

interface Mean {
  readonly energyJ: number | null
  readonly uJ: number | null
  readonly idleJ: number | null
}

/** Over tasks: what is wrong with one is wrong with all, so uncertainties add. */
function meanOf(rows: readonly SummaryRow[]): Mean {
  const n = rows.reduce((sum, row) => sum + Number(row.n_inferences), 0)
  const over = (key: 'energy_mean_j' | 'energy_mean_u_j' | 'energy_idle_mean_j'): number | null => {
    const values = rows.map((row) => row[key])
    if (n === 0 || values.some((value) => typeof value !== 'number')) return null
    return rows.reduce((sum, row) => sum + Number(row[key]) * Number(row.n_inferences), 0) / n
  }
  return { energyJ: over('energy_mean_j'), uJ: over('energy_mean_u_j'), idleJ: over('energy_idle_mean_j') }
}

interface Parts {
  readonly run: MeasuredRun
  readonly inferences: readonly Inference[]
  readonly loads: readonly Load[]
  readonly mean: Mean
  readonly powerW: number | null
  readonly whole: SummaryRow
}

function figures({ run, inferences, loads, mean, powerW, whole }: Parts): Omit<Figures, 'model'> {
  const latencies = Float64Array.from(inferences, ({ startNs, endNs }) => endNs - startNs).sort()
  const services = inferences.flatMap(({ serviceNs }) => serviceNs ?? [])
  const { startNs, endNs } = spanOf(inferences)
  const windowS = inferences.length === 0 ? null : (endNs - startNs) / 1e9
  const grossJ = mean.energyJ === null || mean.idleJ === null ? null : mean.energyJ + mean.idleJ
  const latencyMean = latencies.length === 0 ? null : average(latencies)
  const loadJ = loads.length === 0 ? null : sumOrNull(loads.map((load) => load.energyJ))
  const withLoad = (n: number): number | null =>
    mean.energyJ === null || loadJ === null ? null : mean.energyJ + loadJ / n
  const resolved = inferences.flatMap(({ energyJ }) => energyJ ?? [])
  const peaks = inferences.flatMap(({ peakW }) => peakW ?? [])
  const rails = Object.values(run.runJson.energy)
  const attributedJ = rails.reduce((sum, rail) => sum + rail.attributed_j, 0)
  return {
    status: 'ok',
    reason: null,
    n_inferences: inferences.length,
    window_s: windowS,
    n_samples: run.runJson.link.samples,
    energy_j: mean.energyJ,
    energy_u_j: mean.uJ,
    energy_gain_u_j: mean.energyJ === null ? null : mean.energyJ * gainURel(run.runJson),
    energy_idle_j: mean.idleJ,
    energy_gross_j: grossJ,
    energy_gross_u_j: grossUJ(mean, run.runJson),
    energy_rail_per_inference_j: whole.energy_rail_per_inference_j ?? null,
    energy_sd_j: resolved.length < 2 ? null : deviation(resolved),
    latency_mean_ns: latencyMean,
    latency_p50_ns: quantileOf(latencies, 0.5) ?? null,
    latency_p90_ns: quantileOf(latencies, 0.9) ?? null,
    latency_p99_ns: latencies.length < P99_LEAST ? null : (quantileOf(latencies, 0.99) ?? null),
    latency_max_ns: latencies.at(-1) ?? null,
    service_mean_ns: services.length === 0 ? null : average(services),
    throughput_per_s: windowS === null || windowS === 0 ? null : inferences.length / windowS,
    inferences_per_j: grossJ === null || grossJ <= 0 ? null : 1 / grossJ,
    energy_delay_js: grossJ === null || latencyMean === null ? null : (grossJ * latencyMean) / 1e9,
    power_average_w: powerW,
    power_average_u_w: powerW === null ? null : powerUW(powerW, run.runJson),
    power_peak_w: peaks.length === 0 ? null : peaks.reduce((most, watts) => Math.max(most, watts)),
    load_j: loadJ,
    load_ns: loads.length === 0 ? null : loads.reduce((sum, load) => sum + load.durationNs, 0),
    energy_with_load_1_j: withLoad(1),
    energy_with_load_10_j: withLoad(10),
    energy_with_load_1000_j: withLoad(1000),
    drift_rel_per_min: driftPerMin(inferences),
    coverage_min: whole.coverage_min ?? null,
    align_bound_ns_p99: whole.align_bound_ns_p99 ?? null,
    frames_lost: run.runJson.link.frames_lost,
    events_lost: run.runJson.counts.events_lost,
    unattributed_share:
      attributedJ === 0 ? null : rails.reduce((sum, rail) => sum + rail.unattributed_j, 0) / attributedJ,
  }
}

export interface Inference {
  readonly model: string
  readonly startNs: number
  readonly endNs: number
  /** From the start of the first stage; null: no stage was seen. */
  readonly serviceNs: number | null
  readonly energyJ: number | null
  readonly peakW: number | null
}

export async function readInferences(folder: RunFolder): Promise<Inference[]> {
  const columns = ['model', 'start_ns', 'end_ns', 'queue_ns', 'energy_j', 'power_peak_w']
  const table = await readTable(folder, 'inferences', { columns })
  return rowsOf(table, (get) => {
    const [startNs, endNs, queueNs] = [Number(get('start_ns')), Number(get('end_ns')), get('queue_ns')]
    return {
      model: String(get('model')),
      startNs,
      endNs,
      serviceNs: queueNs === null ? null : endNs - startNs - Number(queueNs),
      energyJ: numberOrNull(get('energy_j')),
      peakW: numberOrNull(get('power_peak_w')),
    }
  })
}

export interface Load {
  readonly model: string
  readonly device: string
  readonly durationNs: number
  readonly energyJ: number | null
}

/** The equal split serves here: the sum over loads that overlap each other is theirs however it is divided. */
export async function readLoads(folder: RunFolder): Promise<Load[]> {
  const columns = ['kind', 'model', 'device', 'duration_ns', 'energy_j', 'energy_equal_j']
  const table = await readTable(folder, 'stages', { columns })
  const spans = rowsOf(table, (get) => ({
    kind: String(get('kind')),
    model: String(get('model')),
    device: String(get('device')),
    durationNs: Number(get('duration_ns')),
    energyJ: numberOrNull(get('energy_j')) ?? numberOrNull(get('energy_equal_j')),
  }))
  return spans.filter(({ kind }) => kind === 'load')
}

/** Over the window, from all rails; null where a sample of it is missing. */
async function averagePowerW(
  folder: RunFolder,
  rails: readonly string[],
  { startNs, endNs }: { startNs: number; endNs: number },
): Promise<number | null> {
  let total = 0
  let count = 0
  const columns = ['t_ns', ...rails.map((rail) => `${rail}_w`)]
  for await (const group of readRowGroups(folder, 'power', { columns })) {
    const times = group.getChild('t_ns')?.toArray() as BigInt64Array
    const [from, to] = [BigInt(Math.round(startNs)), BigInt(Math.round(endNs))]
    if (times.length === 0 || (times.at(-1) as bigint) < from || (times[0] as bigint) >= to) continue
    const powers = rails.map((rail) => group.getChild(`${rail}_w`))
    if (powers.some((power) => power === null || power.nullCount > 0)) return null
    const watts = powers.map((power) => power?.toArray() as Float32Array)
    for (let i = 0; i < times.length; i++) {
      const t = times[i] as bigint
      if (t < from || t >= to) continue
      for (const rail of watts) total += rail[i] as number
      count++
    }
  }
  return count === 0 ? null : total / count
}

/** Relative, of the rails' scale factors, weighted by what each rail gave. */
function gainURel({ calibration, energy }: RunJson): number {
  const rails = calibration as unknown as readonly CalibratedRail[]
  const total = Object.values(energy).reduce((sum, rail) => sum + rail.attributed_j, 0)
  const squares = rails.reduce((sum, { name, current, voltage }) => {
    const share = total === 0 ? 1 / rails.length : (energy[name]?.attributed_j ?? 0) / total
    const relative = Math.hypot(current.scaleURel, voltage.uRel ?? voltage.scaleURel ?? 0)
    return sum + (share * relative) ** 2
  }, 0)
  return Math.sqrt(squares)
}

/** Idle power rests on the zero of the sensors, net energy does not; all rest on their scale. */
function grossUJ({ energyJ, uJ, idleJ }: Mean, runJson: RunJson): number | null {
  const zeroW = zeroUW(runJson)
  const rails = Object.values(runJson.energy)
  const seconds = (runJson.duration_ns ?? 0) / 1e9 - Math.max(0, ...rails.map((rail) => rail.gap_s))
  const idleW = rails.reduce((sum, rail) => sum + rail.idle_j, 0) / seconds
  if (energyJ === null || uJ === null || idleJ === null || zeroW === null || !(idleW > 0)) return null
  const gain = gainURel(runJson)
  const own = Math.sqrt(Math.max(0, uJ ** 2 - (gain * energyJ) ** 2))
  return Math.hypot(own, gain * (energyJ + idleJ), (idleJ / idleW) * zeroW)
}

function powerUW(powerW: number, runJson: RunJson): number | null {
  const zeroW = zeroUW(runJson)
  return zeroW === null ? null : Math.hypot(gainURel(runJson) * powerW, zeroW)
}

/** Null where a rail's voltage is measured: what it is then is not in run.json. */
function zeroUW({ calibration }: RunJson): number | null {
  const rails = calibration as unknown as readonly CalibratedRail[]
  const squares = rails.map(
    ({ current, voltage }) => (current.zeroUCounts * current.scale * (voltage.volts ?? Number.NaN)) ** 2,
  )
  const sum = squares.reduce((total, square) => total + square, 0)
  return Number.isFinite(sum) ? Math.sqrt(sum) : null
}

interface CalibratedRail {
  readonly name: string
  readonly current: { readonly scale: number; readonly scaleURel: number; readonly zeroUCounts: number }
  readonly voltage: { readonly volts?: number; readonly uRel?: number; readonly scaleURel?: number }
}

/** Devices that still heat up draw more and more: the slope says whether the window was steady. */
function driftPerMin(inferences: readonly Inference[]): number | null {
  const known = inferences.filter(({ energyJ }) => energyJ !== null)
  if (known.length < 10) return null
  const fit = linearFit(
    known.map(({ startNs }) => startNs / 60e9),
    known.map(({ energyJ }) => energyJ as number),
  )
  return fit === undefined || fit.meanY === 0 ? null : fit.slope / fit.meanY
}

function spanOf(inferences: readonly Inference[]): { startNs: number; endNs: number } {
  let [startNs, endNs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const inference of inferences) {
    startNs = Math.min(startNs, inference.startNs)
    endNs = Math.max(endNs, inference.endNs)
  }
  return inferences.length === 0 ? { startNs: 0, endNs: 0 } : { startNs, endNs }
}

function rowsOf<Row>(table: Table | undefined, read: (get: (column: string) => unknown) => Row): Row[] {
  if (table === undefined) return []
  const columns = new Map(table.schema.fields.map(({ name }) => [name, table.getChild(name)]))
  return Array.from({ length: table.numRows }, (_, i) => read((name) => columns.get(name)?.get(i) ?? null))
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value)
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : values.reduce((sum: number, value) => sum + (value as number), 0)
}

function average(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return sum / values.length
}

function deviation(values: readonly number[]): number {
  const mean = average(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
