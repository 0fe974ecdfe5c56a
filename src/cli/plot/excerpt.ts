import { readRowGroups, readTable } from '../../dataset/read-table.ts'
import type { RunFolder } from '../../dataset/run-folder.ts'

export interface PlottedInference {
  readonly id: number
  readonly startNs: number
  readonly endNs: number
  readonly energyJ: number | null
  readonly energyUJ: number | null
  readonly method: string
}

export interface PlottedStage {
  readonly inferenceId: number
  readonly device: string
  readonly startNs: number
  readonly endNs: number
}

/** What a picture of a run shows: all energies, and a stretch of power with the inferences in it. */
export interface Excerpt {
  readonly startNs: number
  readonly endNs: number
  readonly inferences: readonly PlottedInference[]
  readonly stages: readonly PlottedStage[]
  readonly tNs: number[]
  /** Sum over the rails, W. */
  readonly watts: number[]
  readonly energiesJ: readonly number[]
}

export async function readExcerpt(folder: RunFolder, rails: readonly string[], lengthNs: number): Promise<Excerpt> {
  const all = await readInferences(folder)
  const startNs = chooseStart(all, lengthNs)
  const endNs = startNs + lengthNs
  const within = (span: { startNs: number; endNs: number }): boolean => span.startNs < endNs && span.endNs > startNs
  const { tNs, watts } = await readPower(folder, rails, startNs, endNs)
  return {
    startNs,
    endNs,
    inferences: all.filter(within),
    stages: (await readStages(folder)).filter(within),
    tNs,
    watts,
    energiesJ: all.map(({ energyJ }) => energyJ).filter((energy) => energy !== null),
  }
}

/** Where there is something to see: about five inferences, some alone and some overlapping, away from the beginning. */
function chooseStart(inferences: readonly PlottedInference[], lengthNs: number): number {
  const leadNs = lengthNs * 0.06
  let best = inferences[0]?.startNs ?? 0
  let bestScore = Number.NEGATIVE_INFINITY
  for (const [i, first] of inferences.entries()) {
    const startNs = first.startNs - leadNs
    const inside = inferences.slice(i, i + 30).filter(({ endNs }) => endNs < startNs + lengthNs - leadNs)
    const methods = new Set(inside.map(({ method }) => method)).size
    const score = methods * 2 - Math.abs(inside.length - 5) - i * 1e-3
    if (score <= bestScore) continue
    bestScore = score
    best = startNs
  }
  return best
}

async function readInferences(folder: RunFolder): Promise<PlottedInference[]> {
  const columns = ['inference_id', 'start_ns', 'end_ns', 'energy_j', 'energy_u_j', 'method']
  const inferences: PlottedInference[] = []
  for (const row of (await readTable(folder, 'inferences', { columns })) ?? [])
    inferences.push({
      id: Number(row.inference_id),
      startNs: Number(row.start_ns),
      endNs: Number(row.end_ns),
      energyJ: row.energy_j,
      energyUJ: row.energy_u_j,
      method: row.method,
    })
  return inferences
}

async function readStages(folder: RunFolder): Promise<PlottedStage[]> {
  const columns = ['inference_id', 'device', 'start_ns', 'end_ns', 'kind']
  const stages: PlottedStage[] = []
  for (const row of (await readTable(folder, 'stages', { columns })) ?? [])
    if (row.kind === 'stage' && row.inference_id !== null)
      stages.push({
        inferenceId: Number(row.inference_id),
        device: row.device,
        startNs: Number(row.start_ns),
        endNs: Number(row.end_ns),
      })
  return stages
}

export async function readPower(
  folder: RunFolder,
  rails: readonly string[],
  startNs: number,
  endNs: number,
): Promise<{ tNs: number[]; watts: number[] }> {
  const columns = ['t_ns', ...rails.map((rail) => `${rail}_w`)]
  const tNs: number[] = []
  const watts: number[] = []
  for await (const group of readRowGroups(folder, 'power', { columns })) {
    const times = group.getChild('t_ns')
    const last = times === null || group.numRows === 0 ? Number.NEGATIVE_INFINITY : Number(times.get(group.numRows - 1))
    if (times === null || last < startNs) continue
    if (Number(times.get(0)) >= endNs) break
    const powers = rails.map((rail) => group.getChild(`${rail}_w`))
    for (let i = 0; i < group.numRows; i++) {
      const t = Number(times.get(i))
      if (t < startNs || t >= endNs) continue
      tNs.push(t)
      watts.push(powers.reduce((sum, power) => sum + (power?.get(i) ?? Number.NaN), 0))
    }
  }
  return { tNs, watts }
}
