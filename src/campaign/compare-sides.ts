import { basename, join } from 'node:path'
import { readParquet } from '../dataset/read-table.ts'
import { runFolder } from '../dataset/run-folder.ts'
import { readRunJson } from '../dataset/run-json.ts'
import type { SummaryRow } from '../dataset/summary-table.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { CampaignFolder } from './campaign-folder.ts'
import { METRICS, type Metric, type Side, type Values } from './compare.ts'
import { readTrials } from './read-tables.ts'
import { energyPass } from './results.ts'
import { figuresOf, readInferences } from './trial-figures.ts'
import type { TrialRow } from './trials-table.ts'

/** What stands at one path of a comparison. */
export interface Compared {
  /** By name of trial and model; of a run one. */
  readonly sides: ReadonlyMap<string, Side>
  readonly isRun: boolean
  /** Variances between passes relative to the squared mean, with their degrees of freedom. */
  readonly scatter: ReadonlyMap<Metric, { readonly square: number; readonly freedom: number }>
}

/** A campaign, one trial of it (`campaign:trial`), or a run. */
export async function readCompared(path: string): Promise<Compared> {
  if (new CampaignFolder(path).exists()) return readCampaignSides(path, undefined)
  const colon = path.lastIndexOf(':')
  if (colon > 0 && new CampaignFolder(path.slice(0, colon)).exists())
    return readCampaignSides(path.slice(0, colon), path.slice(colon + 1))
  return readRunSide(path)
}

async function readCampaignSides(path: string, trial: string | undefined): Promise<Compared> {
  const folder = new CampaignFolder(path)
  const all = await readTrials(folder)
  const rows = trial === undefined ? all : all.filter((row) => row.trial === trial)
  if (rows.length === 0) {
    const known = [...new Set(all.map((row) => row.trial))].slice(0, 10).join(', ')
    throw new JoulespanError('usage', `expected a trial of ${path}, saw "${trial}"; there are ${known}`)
  }
  const groups = new Map<string, TrialRow[]>()
  for (const row of rows) {
    if (row.status !== 'ok') continue
    const name = keyOf(row, rows)
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  const sides = new Map<string, Side>()
  for (const [name, group] of groups) {
    const gain = await gainText(join(folder.runs, group[0]?.run_id ?? ''))
    sides.set(name, { name, gain, values: valuesOf(group) })
  }
  return { sides, isRun: false, scatter: scatterOf(sides) }
}

function keyOf({ trial, model }: TrialRow, rows: readonly TrialRow[]): string {
  const models = new Set(rows.filter((row) => row.trial === trial).map((row) => row.model))
  return models.size < 2 ? trial : `${trial} (${model ?? 'all models'})`
}

function valuesOf(rows: readonly TrialRow[]): Side['values'] {
  return Object.fromEntries(
    METRICS.flatMap((metric) => {
      const values = passValues(metric, rows)
      return values === undefined ? [] : [[metric, values] as const]
    }),
  )
}

function passValues(metric: Metric, rows: readonly TrialRow[]): Values | undefined {
  const each = rows.flatMap((row) => row[metric] ?? [])
  if (each.length === 0 || each.length < rows.length) return undefined
  const mean = each.reduce((sum, value) => sum + value, 0) / each.length
  const stated = rows.map((row) => statedU(metric, row))
  const commonURel =
    stated.reduce((sum, { commonU }, i) => sum + commonU / Math.abs(each[i] as number), 0) / each.length
  const own = Math.sqrt(stated.reduce((sum, { ownU }) => sum + ownU ** 2, 0)) / each.length
  if (each.length === 1) return { each, mean, u: own, freedom: Number.POSITIVE_INFINITY, commonURel }
  const square = each.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (each.length - 1) / each.length
  // a few passes may agree by chance better than any of them knows itself
  return { each, mean, u: Math.max(Math.sqrt(square), own || 0), freedom: each.length - 1, commonURel }
}

/** What a pass says of its own figure; `ownU` is not a number where it says nothing. */
function statedU(metric: Metric, row: TrialRow): { ownU: number; commonU: number } {
  const [energy] = energyPass(row)
  const ownU = energy === undefined ? Number.NaN : Math.sqrt(energy.u ** 2 - energy.commonU ** 2)
  if (metric === 'energy_j') return { ownU, commonU: energy?.commonU ?? 0 }
  if (metric === 'energy_gross_j')
    return { ownU, commonU: Math.sqrt(Math.max(0, (row.energy_gross_u_j ?? Number.NaN) ** 2 - ownU ** 2)) }
  return { ownU: Number.NaN, commonU: metric === 'power_average_w' ? (row.power_average_u_w ?? Number.NaN) : 0 }
}

/** Pooled over trials, relative: what the same trial scatters by from pass to pass. */
function scatterOf(sides: ReadonlyMap<string, Side>): Compared['scatter'] {
  const pooled = new Map<Metric, { square: number; freedom: number }>()
  for (const { values } of sides.values())
    for (const metric of METRICS) {
      const { each = [], mean = 0 } = values[metric] ?? {}
      if (each.length < 2 || mean === 0) continue
      const sum = pooled.get(metric) ?? { square: 0, freedom: 0 }
      sum.square += each.reduce((total, value) => total + (value / mean - 1) ** 2, 0)
      sum.freedom += each.length - 1
      pooled.set(metric, sum)
    }
  return pooled
}

async function readRunSide(path: string): Promise<Compared> {
  const folder = runFolder(path)
  const runJson = await readRunJson(folder)
  const summary = (await readParquet(folder.summary))
    .toArray()
    .map((row) => numbersIn(row.toJSON())) as unknown as SummaryRow[]
  const [row] = await figuresOf({ path, runJson, summary }, null)
  if (row === undefined) throw new JoulespanError('dataset', `expected inferences in ${path}, saw none`)
  const single = valuesOf([row as TrialRow])
  const inferences = await readInferences(folder)
  const energies = inferences.flatMap(({ energyJ }) => energyJ ?? [])
  const latencies = inferences.map(({ startNs, endNs }) => endNs - startNs)
  const values = {
    ...single,
    ...(single.energy_j === undefined || energies.length === 0
      ? {}
      : { energy_j: { ...single.energy_j, each: energies } }),
    ...(single.latency_p50_ns === undefined ? {} : { latency_p50_ns: { ...single.latency_p50_ns, each: latencies } }),
  }
  const name = basename(path)
  const gain = await gainText(path)
  return { sides: new Map([[name, { name, gain, values }]]), isRun: true, scatter: new Map() }
}

/** Calibration and the board it belongs to; a virtual one is told by its seeds. */
async function gainText(path: string): Promise<string> {
  const { calibration, firmware, recipe } = await readRunJson(runFolder(path))
  const { testbed } = recipe as { testbed?: { board?: { seed?: number } } }
  return JSON.stringify([calibration, firmware?.serial ?? null, testbed?.board?.seed ?? null])
}

function numbersIn(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value])
  return Object.fromEntries(entries)
}
