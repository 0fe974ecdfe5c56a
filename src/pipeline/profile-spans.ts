import type { Table } from 'apache-arrow'
import { readTable } from '../dataset/read-table.ts'
import type { RunFolder } from '../dataset/run-folder.ts'
import { DeviceStates } from '../energy/device-states.ts'
import type { Guards } from '../energy/sweep.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Interval } from '../units/interval.ts'
import { hostNs } from '../units/units.ts'

/** One inference or stage whose power may be folded. */
export interface Target extends Interval {
  /** As the run measured it alone, J; null: it gives no figure for this one. */
  readonly energyJ: number | null
  readonly boundNs: number
}

export interface ProfileSpans {
  readonly model: string
  readonly segment: number | undefined
  /** Alone within the guards, ascending. */
  readonly targets: readonly Target[]
  /** Asked for, but something else was active within the guards. */
  readonly overlapping: number
  /** Everything that drew power, ascending. */
  readonly busy: readonly Interval[]
  readonly states: DeviceStates
}

interface Stage extends Interval {
  readonly kind: string
  readonly model: string
  readonly segment: number | null
  readonly inference: number | null
  readonly energyJ: number | null
  readonly boundNs: number
}

/** What of a run is asked for: inferences of a model, or the executions of one of its segments. */
export async function readProfileSpans(
  folder: RunFolder,
  wanted: { readonly model: string | undefined; readonly segment: number | undefined },
  guards: Guards,
): Promise<ProfileSpans> {
  const stages = (await readStages(folder)).sort((a, b) => a.start - b.start)
  const model = chooseModel(stages, wanted.model, folder.path)
  const own = stages.filter((stage) => stage.kind === 'stage' && stage.model === model)
  const isSegment = wanted.segment !== undefined
  const all = isSegment
    ? own.filter(({ segment }) => segment === wanted.segment).map((stage) => ({ ...stage, stages: [stage] }))
    : inferencesOf(own, await readEnergies(folder))
  if (all.length === 0) throw noSuchSegment(own, model, wanted.segment)
  const crowd = new Crowd(stages)
  const alone = all.filter((target) => crowd.isAlone(target, guards))
  return {
    model,
    segment: wanted.segment,
    targets: alone.sort((a, b) => a.start - b.start),
    overlapping: all.length - alone.length,
    busy: stages,
    states: await readStates(folder),
  }
}

interface Candidate extends Target {
  readonly stages: readonly Stage[]
}

/** An inference runs from the start of its first stage; what it waited before is no part of its power. */
function inferencesOf(stages: readonly Stage[], energies: ReadonlyMap<number, number | null>): Candidate[] {
  const byId = new Map<number, Stage[]>()
  for (const stage of stages) {
    if (stage.inference === null) continue
    const list = byId.get(stage.inference)
    if (list === undefined) byId.set(stage.inference, [stage])
    else list.push(stage)
  }
  return [...byId].map(([id, list]) => ({
    start: Math.min(...list.map(({ start }) => start)),
    end: Math.max(...list.map(({ end }) => end)),
    energyJ: energies.get(id) ?? null,
    boundNs: Math.max(...list.map(({ boundNs }) => boundNs)),
    stages: list,
  }))
}

/** Who else was active when. `stages` ascend by start. */
class Crowd {
  readonly #stages: readonly Stage[]
  /** Latest end of a stage and all before it: ascends, so that it can be searched. */
  readonly #latestEnd: Float64Array

  constructor(stages: readonly Stage[]) {
    this.#stages = stages
    this.#latestEnd = new Float64Array(stages.length)
    let latest = Number.NEGATIVE_INFINITY
    for (const [i, { end }] of stages.entries()) {
      latest = Math.max(latest, end)
      this.#latestEnd[i] = latest
    }
  }

  isAlone({ start, end, stages }: Candidate, { leadNs, tailNs }: Guards): boolean {
    const [from, to] = [start - leadNs - tailNs, end + leadNs + tailNs]
    for (let i = this.#firstEndingAfter(from); i < this.#stages.length; i++) {
      const other = this.#stages[i] as Stage
      if (other.start >= to) return true
      if (other.end > from && !stages.includes(other)) return false
    }
    return true
  }

  #firstEndingAfter(ns: number): number {
    let low = 0
    let high = this.#latestEnd.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#latestEnd[middle] as number) <= ns) low = middle + 1
      else high = middle
    }
    return low
  }
}

function chooseModel(stages: readonly Stage[], wanted: string | undefined, path: string): string {
  const models = [...new Set(stages.filter(({ kind }) => kind === 'stage').map(({ model }) => model))].sort()
  if (models.length === 0) throw new JoulespanError('dataset', `expected stages, saw none in ${path}`)
  if (wanted === undefined && models.length === 1) return models[0] as string
  if (wanted !== undefined && models.includes(wanted)) return wanted
  throw new JoulespanError(
    'usage',
    `expected one model of ${models.join(', ')}, saw ${wanted === undefined ? 'none named' : wanted}`,
    { hint: `--model ${models[0]}` },
  )
}

function noSuchSegment(stages: readonly Stage[], model: string, segment: number | undefined): JoulespanError {
  const segments = [...new Set(stages.map((stage) => stage.segment))].sort()
  return new JoulespanError('usage', `expected a segment of ${model} among ${segments.join(', ')}, saw ${segment}`)
}

async function readStages(folder: RunFolder): Promise<Stage[]> {
  const columns = ['kind', 'model', 'segment', 'inference_id', 'start_ns', 'end_ns', 'energy_j', 'align_bound_ns']
  const table = await readTable(folder, 'stages', { columns })
  return rowsOf(table, (cell) => ({
    start: Number(cell('start_ns')),
    end: Number(cell('end_ns')),
    kind: cell('kind') as string,
    model: cell('model') as string,
    segment: cell('segment') as number | null,
    inference: cell('inference_id') === null ? null : Number(cell('inference_id')),
    energyJ: cell('energy_j') as number | null,
    boundNs: (cell('align_bound_ns') as number | null) ?? Number.NaN,
  }))
}

async function readEnergies(folder: RunFolder): Promise<Map<number, number | null>> {
  const table = await readTable(folder, 'inferences', { columns: ['inference_id', 'energy_j'] })
  return new Map(rowsOf(table, (cell) => [Number(cell('inference_id')), cell('energy_j') as number | null] as const))
}

/** Idle power is only compared with idle power in the same states of the devices. */
async function readStates(folder: RunFolder): Promise<DeviceStates> {
  const table = await readTable(folder, 'events', { columns: ['t_ns', 'source_id', 'kind', 'device', 'value'] })
  const numbers = new Map<string, number>()
  const numberOf = (name: string): number => {
    if (!numbers.has(name)) numbers.set(name, numbers.size)
    return numbers.get(name) as number
  }
  const changes = rowsOf(table, (cell) =>
    cell('kind') === 'state'
      ? {
          source: numberOf(cell('source_id') as string),
          device: numberOf(cell('device') as string),
          state: cell('value') as number,
          tNs: hostNs(Number(cell('t_ns'))),
        }
      : undefined,
  )
  const states = new DeviceStates()
  for (const change of changes.filter((one) => one !== undefined).sort((a, b) => a.tNs - b.tNs)) states.push(change)
  return states
}

function rowsOf<T>(table: Table | undefined, make: (cell: (name: string) => unknown) => T): T[] {
  const rows: T[] = []
  for (const batch of table?.batches ?? []) {
    const columns = new Map(batch.schema.fields.map(({ name }) => [name, batch.getChild(name)]))
    for (let i = 0; i < batch.numRows; i++) rows.push(make((name) => columns.get(name)?.get(i) ?? null))
  }
  return rows
}
