import { readTable } from '../dataset/read-table.ts'
import { runFolder } from '../dataset/run-folder.ts'
import { readRunJson } from '../dataset/run-json.ts'
import { readColumns, trueInferenceEnergies } from './read-truth.ts'

export interface EnergyComparison {
  /** Inferences with an energy, a coverage of at least 0.99 and a true energy. */
  readonly inferences: number
  readonly meanJ: number
  readonly trueMeanJ: number
  /** (energy - truth) / u of each row. */
  readonly z: Float64Array
}

/** Measured against true energies, over the same inferences. */
export async function compareEnergies(path: string): Promise<EnergyComparison> {
  const folder = runFolder(path)
  const truth = trueInferenceEnergies(folder.truth)
  const table = await readTable(folder, 'inferences', {
    columns: ['inference_id', 'energy_j', 'energy_u_j', 'coverage'],
  })
  const z: number[] = []
  let sum = 0
  let trueSum = 0
  for (const row of table ?? []) {
    const trueJ = truth.get(Number(row.inference_id))
    if (row.energy_j === null || row.coverage < 0.99 || trueJ === undefined) continue
    z.push((row.energy_j - trueJ) / row.energy_u_j)
    sum += row.energy_j
    trueSum += trueJ
  }
  return { inferences: z.length, meanJ: sum / z.length, trueMeanJ: trueSum / z.length, z: Float64Array.from(z) }
}

export interface ClockComparison {
  readonly points: number
  /** |estimate - truth|, ns, ascending. */
  readonly errorNs: Float64Array
  /** Stated bounds at the same points, ns, ascending. */
  readonly boundNs: Float64Array
  /** Points whose error is larger than the bound stated there. */
  readonly outside: number
}

/**
 * The map from sample index to host time against the emulator's own, from `fromS` on, while the device samples for the first time.
 * `asRecorded` turns the emulator's host time, ns of the run, into that of the journal where a test has changed it.
 */
export async function compareClock(
  path: string,
  fromS = 0,
  asRecorded = (ns: number): number => ns,
): Promise<ClockComparison> {
  const folder = runFolder(path)
  const { start } = await readRunJson(folder)
  const knots = await readKnots(path)
  const { boot, index, host_ns } = readColumns(folder.truth, 'clock.csv')
  // behind a stop the emulator counts conversions that the device never sent
  const lastOfStretch = Number(readColumns(folder.truth, 'stretches.csv').last_index?.[0])
  const originNs = Number(start.origin_mono_ns)
  const errors: number[] = []
  const bounds: number[] = []
  let outside = 0
  let k = 1
  ;(index ?? []).forEach((text, i) => {
    const sample = Number(text)
    const trueNs = asRecorded(Number(host_ns?.[i]) - originNs)
    if (boot?.[i] !== boot?.[0] || sample > lastOfStretch || trueNs < fromS * 1e9) return
    while (k < knots.length && (knots[k] as Knot).sample < sample) k++
    const before = knots[k - 1]
    const after = knots[k]
    if (before === undefined || after === undefined || sample < before.sample) return
    if (after.boundNs === null || after.epoch !== before.epoch) return
    const share = (sample - before.sample) / (after.sample - before.sample)
    const error = Math.abs(before.hostNs + share * (after.hostNs - before.hostNs) - trueNs)
    errors.push(error)
    bounds.push(after.boundNs)
    // knots are stored in whole nanoseconds
    if (error > after.boundNs + 1) outside++
  })
  const ascending = (values: number[]): Float64Array => Float64Array.from(values).sort()
  return { points: errors.length, errorNs: ascending(errors), boundNs: ascending(bounds), outside }
}

interface Knot {
  readonly epoch: number
  readonly sample: number
  readonly hostNs: number
  readonly boundNs: number | null
}

async function readKnots(path: string): Promise<Knot[]> {
  const columns = ['kind', 'epoch', 'sample_index', 'host_ns', 'bound_ns']
  const table = await readTable(runFolder(path), 'clock', { columns })
  const knots: Knot[] = []
  for (const row of table ?? []) {
    if (row.kind !== 'knot' || row.sample_index === null) continue
    knots.push({
      epoch: Number(row.epoch),
      sample: Number(row.sample_index),
      hostNs: Number(row.host_ns),
      boundNs: row.bound_ns,
    })
  }
  return knots
}

export function percentile(ascending: Float64Array, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN
}
