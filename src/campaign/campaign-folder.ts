import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../dataset/replace-file.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Campaign } from './campaign.ts'
import type { Run } from './order.ts'
import type { TrialRow } from './trials-table.ts'

export const CAMPAIGN_FORMAT = 'joulespan.campaign'
export const CAMPAIGN_VERSION = 1

/** `campaign.json`: what was asked for, and how it stands. */
export interface CampaignJson {
  readonly format: typeof CAMPAIGN_FORMAT
  readonly version: typeof CAMPAIGN_VERSION
  readonly name: string
  readonly about: string
  readonly created_by: string
  readonly status: 'running' | 'interrupted' | 'done'
  /** Of everything that decides the figures: a campaign is resumed only with the same. */
  readonly fingerprint: string
  readonly mode: 'offline' | 'live'
  readonly quick: boolean
  readonly passes: number
  readonly order: 'random' | 'fixed'
  readonly seed: number
  readonly boards: 'fresh' | 'same'
  readonly warmup: number
  readonly window: { duration_s: number; inferences: number; samples: number; longest_s: number }
  readonly reference: string | null
  /** Trials by number, as `runs` names them. */
  readonly trials: readonly string[]
  /** In the order of measurement: trial, pass. */
  readonly runs: readonly (readonly [trial: number, pass: number])[]
  readonly failed: number
  readonly file: string
  readonly text: string
  readonly recipe: { readonly file: string; readonly text: string }
}

/** What one measurement left: kept by itself, so that a campaign that is cut off loses the one under way and no other. */
export interface DoneRun {
  readonly rows: readonly TrialRow[]
}

/** A campaign on disk. */
export class CampaignFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get json(): string {
    return join(this.path, 'campaign.json')
  }

  get runs(): string {
    return join(this.path, 'runs')
  }

  table(name: string): string {
    return join(this.path, name)
  }

  exists(): boolean {
    return existsSync(this.json)
  }

  /** Names of the measurements that are through. */
  done(): Set<string> {
    const folder = join(this.path, 'done')
    const names = existsSync(folder) ? readdirSync(folder) : []
    return new Set(names.filter((name) => /^[^.].*\.json$/.test(name)).map((name) => name.slice(0, -5)))
  }

  readDone(name: string): DoneRun {
    return JSON.parse(readFileSync(this.#doneFile(name), 'utf8')) as DoneRun
  }

  async writeDone(name: string, done: DoneRun): Promise<void> {
    await replaceFile(this.#doneFile(name), `${JSON.stringify(done)}\n`)
  }

  read(): CampaignJson {
    let document: Partial<CampaignJson>
    try {
      document = JSON.parse(readFileSync(this.json, 'utf8')) as Partial<CampaignJson>
    } catch (cause) {
      throw new JoulespanError('dataset', `expected a campaign in ${this.path}, saw no campaign.json to read`, {
        cause,
        hint: 'joulespan bench makes one',
      })
    }
    if (document.format === CAMPAIGN_FORMAT && document.version === CAMPAIGN_VERSION) return document as CampaignJson
    const seen = `${document.format} version ${document.version}`
    throw new JoulespanError(
      'dataset',
      `expected ${CAMPAIGN_FORMAT} version ${CAMPAIGN_VERSION}, saw ${seen} in ${this.json}`,
    )
  }

  async write(document: CampaignJson): Promise<void> {
    await replaceFile(this.json, `${JSON.stringify(document, null, 2)}\n`)
  }

  #doneFile(name: string): string {
    return join(this.path, 'done', `${name}.json`)
  }
}

export function describeCampaign(
  campaign: Campaign,
  runs: readonly Run[],
  createdBy: string,
  status: CampaignJson['status'],
  failed: number,
): CampaignJson {
  const { durationS, inferences, samples, longestS } = campaign.window
  return {
    format: CAMPAIGN_FORMAT,
    version: CAMPAIGN_VERSION,
    name: campaign.name,
    about: campaign.about,
    created_by: createdBy,
    status,
    fingerprint: fingerprintOf(campaign, createdBy),
    mode: campaign.isLive ? 'live' : 'offline',
    quick: campaign.isQuick,
    passes: campaign.passes,
    order: campaign.isRandom ? 'random' : 'fixed',
    seed: campaign.seed,
    boards: campaign.boards,
    warmup: campaign.warmup,
    window: { duration_s: durationS, inferences, samples, longest_s: longestS },
    reference: campaign.reference ?? null,
    trials: campaign.trials.map(({ id }) => id),
    runs: runs.map(({ trial, pass }) => [trial, pass] as const),
    failed,
    file: campaign.file,
    text: campaign.text,
    recipe: campaign.base,
  }
}

export function fingerprintOf(campaign: Campaign, createdBy: string): string {
  const networks = [...new Set(campaign.trials.map(({ model }) => model?.network))]
  const parts = [createdBy, campaign.text, campaign.base.text, campaign.isQuick, networks, campaign.passes]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
