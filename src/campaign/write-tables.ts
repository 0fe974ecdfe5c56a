import { join } from 'node:path'
import type { RowOf, Table } from '../dataset/column.ts'
import { PartWriter } from '../dataset/parquet-writer.ts'
import { replaceFile } from '../dataset/replace-file.ts'
import { runFolder } from '../dataset/run-folder.ts'
import type { Campaign } from './campaign.ts'
import type { CampaignFolder } from './campaign-folder.ts'
import { type CostSample, costOf } from './cost.ts'
import { COST } from './cost-table.ts'
import { resultsOf } from './results.ts'
import { RESULTS } from './results-table.ts'
import { readInferences, readLoads } from './trial-figures.ts'
import { TRIALS, type TrialRow } from './trials-table.ts'

/** All tables of a finished campaign; the same for the same measurements, in whatever order they were made. */
export async function writeTables(folder: CampaignFolder, campaign: Campaign, createdBy: string): Promise<void> {
  const rows = trialRows(folder, campaign)
  const macs = new Map(
    campaign.trials.flatMap(({ model }) =>
      model?.network === undefined
        ? []
        : [[model.name, model.network.layers.reduce((sum, layer) => sum + layer.macs, 0)] as const],
    ),
  )
  const results = resultsOf(rows, { reference: campaign.reference ?? null, macs })
  const cost = costOf(await costSamples(folder, rows))
  await writeTable(folder.table('trials.parquet'), TRIALS, rows, campaign.name)
  await writeTable(folder.table('results.parquet'), RESULTS, results, campaign.name)
  await writeTable(folder.table('cost.parquet'), COST, cost, campaign.name)
  await replaceFile(folder.table('results.csv'), csvOf(RESULTS, results))
  await replaceFile(folder.table('cost.csv'), csvOf(COST, cost))
  const document = { format: 'joulespan.cost', version: 1, created_by: createdBy, campaign: campaign.name, rows: cost }
  await replaceFile(folder.table('cost.json'), `${JSON.stringify(document, null, 2)}\n`)
}

function trialRows(folder: CampaignFolder, campaign: Campaign): TrialRow[] {
  const place = new Map(campaign.trials.map(({ id }, i) => [id, i]))
  const rows = [...folder.done()].flatMap((name) => folder.readDone(name).rows)
  // rows of one run stay in their order: sort is stable
  return rows.sort((a, b) => (place.get(a.trial) ?? 0) - (place.get(b.trial) ?? 0) || a.pass - b.pass)
}

/** Pooled from the inferences themselves: percentiles cannot be averaged. */
async function costSamples(folder: CampaignFolder, rows: readonly TrialRow[]): Promise<CostSample[]> {
  const samples: CostSample[] = []
  const models = new Map<string, number>()
  for (const { run_id: id } of rows) models.set(id, (models.get(id) ?? 0) + 1)
  for (const row of rows) {
    const isAlone = row.model != null && row.status === 'ok'
    const m = row.depth ?? (row.replicas == null ? row.devices : null)
    if (!isAlone || m == null) continue
    const run = runFolder(join(folder.runs, row.run_id))
    const siblings = models.get(row.run_id) as number
    const own = <T extends { readonly model: string }>(spans: readonly T[]): readonly T[] =>
      siblings === 1 ? spans : spans.filter(({ model }) => model === row.model)
    const inferences = own(await readInferences(run))
    const loads = own(await readLoads(run))
    samples.push({
      model: row.model as string,
      m: siblings === 1 ? m : new Set(loads.map(({ device }) => device)).size,
      segmentBy: row.segment_by ?? null,
      serviceNs: inferences.flatMap(({ serviceNs }) => serviceNs ?? []),
      energyJ: inferences.flatMap(({ energyJ }) => energyJ ?? []),
      meanEnergyJ: row.energy_j ?? null,
      loads,
    })
  }
  return samples
}

async function writeTable<T extends Table>(
  path: string,
  table: T,
  rows: readonly RowOf<T>[],
  name: string,
): Promise<void> {
  const writer = await PartWriter.open(table, { path, runId: name, rails: [] })
  for (const row of rows) writer.rows.appendRow(row)
  await writer.close()
}

/** RFC 4180; what is unknown is empty. */
function csvOf<T extends Table>({ columns }: T, rows: readonly RowOf<T>[]): string {
  const cell = (value: unknown): string => {
    const text = value === null || value === undefined ? '' : String(value)
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = rows.map((row) => columns.map(({ name }) => cell((row as Record<string, unknown>)[name])).join(','))
  return `${[columns.map(({ name }) => name).join(','), ...lines].join('\n')}\n`
}
