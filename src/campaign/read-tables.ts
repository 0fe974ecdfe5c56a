import { existsSync } from 'node:fs'
import { readParquet } from '../dataset/read-table.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { CampaignFolder } from './campaign-folder.ts'
import type { CostRow } from './cost-table.ts'
import type { ResultRow } from './results-table.ts'
import type { TrialRow } from './trials-table.ts'

export async function readResults(folder: CampaignFolder): Promise<ResultRow[]> {
  return (await readRows(folder, 'results.parquet')) as unknown as ResultRow[]
}

export async function readTrials(folder: CampaignFolder): Promise<TrialRow[]> {
  return (await readRows(folder, 'trials.parquet')) as unknown as TrialRow[]
}

export async function readCost(folder: CampaignFolder): Promise<CostRow[]> {
  return (await readRows(folder, 'cost.parquet')) as unknown as CostRow[]
}

/** Counts are far below 2^53: plain numbers do. */
async function readRows(folder: CampaignFolder, name: string): Promise<Record<string, unknown>[]> {
  const path = folder.table(name)
  if (!existsSync(path))
    throw new JoulespanError('unfinished', `expected ${path}, saw none: the campaign is not through`, {
      hint: 'joulespan bench <campaign.yaml> --resume goes on with it',
    })
  return (await readParquet(path)).toArray().map((row: { toJSON(): Record<string, unknown> }) => {
    const entries = Object.entries(row.toJSON())
    return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]))
  })
}
