import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TimingParameters } from '../card/stage-time.ts'
import { createRunId } from '../dataset/run-id.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { lockRun, refuseLiveRun } from '../pipeline/run-lock.ts'
import type { CardLibrary } from '../recipe/spec-models.ts'
import type { Campaign, Trial } from './campaign.ts'
import { CampaignFolder, type CampaignJson, describeCampaign, fingerprintOf } from './campaign-folder.ts'
import { describeTrial, predictedServiceNs } from './describe-trial.ts'
import { measureTrial, type TrialRun } from './measure-trial.ts'
import { orderRuns, type Run } from './order.ts'
import { figuresOf } from './trial-figures.ts'
import { trialRecipe } from './trial-recipe.ts'
import type { TrialRow } from './trials-table.ts'
import { writeTables } from './write-tables.ts'

export interface CampaignOptions {
  readonly campaign: Campaign
  /** The campaign folder to be made, or to go on with. */
  readonly path: string
  readonly createdBy: string
  readonly library: CardLibrary
  readonly timing: () => TimingParameters
  readonly isResuming: boolean
  /** Measurements at once; live ones have the machine to themselves. */
  readonly jobs: number
  readonly signal: AbortSignal
  /** One line for people. */
  readonly onStatus: (text: string) => void
  /** Told after each measurement. */
  readonly onProgress: (progress: CampaignProgress) => void
  /** Tests look on, or fail on purpose. */
  readonly onTrial?: (run: TrialRun) => void
}

export interface CampaignProgress {
  readonly done: number
  readonly total: number
  readonly failed: number
  /** Of this process, without what an earlier one did. */
  readonly doneNow: number
  readonly last: string
}

/** Measures what is not measured yet, and makes the tables. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignJson> {
  const { campaign, path, createdBy } = options
  const folder = new CampaignFolder(path)
  checkFolder(folder, options)
  refuseLiveRun(path)
  const unlock = lockRun(path)
  try {
    const runs = orderRuns(campaign.trials.length, campaign.passes, campaign.isRandom, campaign.seed)
    await folder.write(describeCampaign(campaign, runs, createdBy, 'running', 0))
    await measureAll(runs, folder, options)
    const failed = countFailed(folder)
    const status = options.signal.aborted ? 'interrupted' : 'done'
    const document = describeCampaign(campaign, runs, createdBy, status, failed)
    if (status === 'done') await writeTables(folder, campaign, createdBy)
    await folder.write(document)
    return document
  } finally {
    unlock()
  }
}

function checkFolder(folder: CampaignFolder, { campaign, createdBy, isResuming }: CampaignOptions): void {
  if (!folder.exists()) return
  if (!isResuming)
    throw new JoulespanError('usage', `expected no campaign at ${folder.path} yet, saw one`, {
      hint: '--resume goes on with it, --out puts this one elsewhere',
    })
  const earlier = folder.read()
  if (earlier.fingerprint === fingerprintOf(campaign, createdBy)) return
  throw new JoulespanError('usage', `expected the campaign that ${folder.path} was begun with, saw another`, {
    hint: 'file, recipe, specs, --quick and version must be the same; --out puts this one elsewhere',
  })
}

async function measureAll(runs: readonly Run[], folder: CampaignFolder, options: CampaignOptions): Promise<void> {
  const { campaign, signal, onProgress } = options
  const done = folder.done()
  await removeOrphans(folder)
  const waiting = runs.map((run, position) => ({ ...run, position })).filter((run) => !done.has(nameOf(campaign, run)))
  const total = runs.length
  let failed = countFailed(folder)
  let doneNow = 0
  const first = new AbortController()
  const work = async (): Promise<void> => {
    while (!signal.aborted && !first.signal.aborted) {
      const next = waiting.shift()
      if (next === undefined) return
      try {
        const rows = await measureOne(next, folder, options)
        if (rows === undefined) return
        await folder.writeDone(nameOf(campaign, next), { rows })
        if (rows.some(({ status }) => status === 'failed')) failed++
        doneNow++
        const last = nameOf(campaign, next)
        onProgress({ done: done.size + doneNow, total, failed, doneNow, last })
      } catch (error) {
        first.abort()
        throw error
      }
    }
  }
  const jobs = campaign.isLive ? 1 : Math.max(1, options.jobs)
  const ended = await Promise.allSettled(Array.from({ length: jobs }, work))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

interface Placed extends Run {
  readonly position: number
}

/** Its rows; undefined where Ctrl-C cut it short. What cannot be measured is a row with its reason, and the campaign goes on. */
async function measureOne(
  run: Placed,
  folder: CampaignFolder,
  options: CampaignOptions,
): Promise<TrialRow[] | undefined> {
  const { campaign, library, signal } = options
  const trial = campaign.trials[run.trial] as Trial
  const name = nameOf(campaign, run)
  const runId = runIdOf(campaign, trial, run)
  const path = join(folder.runs, runId)
  const recipe = trialRecipe(campaign, trial, run.pass, campaign.window.durationS, library)
  const situation = { ...describeTrial(campaign, trial, recipe), pass: run.pass, position: run.position, run_id: runId }
  const predictedNs = predictedServiceNs(trial, options.timing())
  const predicted = { predicted_service_ns: predictedNs ?? null, measured_over_predicted: null }
  try {
    const measured = await measureTrial({ ...options, trial, pass: run.pass, runId, path, name, attempt: 0 })
    if (measured === undefined) return undefined
    const figures = await figuresOf(measured, trial.model?.name ?? null)
    return figures.map((row) => ({ ...situation, ...predicted, ...row, ...ratioTo(predictedNs, row.service_mean_ns) }))
  } catch (error) {
    if (signal.aborted) return undefined
    const code = error instanceof JoulespanError ? error.code : 'internal'
    // what holds for every trial ends the campaign; it can be resumed
    if (code === 'disk' || code === 'permission') throw error
    const reason = error instanceof Error ? error.message : String(error)
    options.onStatus(`${name} failed: ${reason}`)
    return [{ ...situation, ...predicted, status: 'failed', reason, n_inferences: 0 }]
  }
}

/** Runs that were under way when an earlier process was cut off. */
async function removeOrphans(folder: CampaignFolder): Promise<void> {
  const known = new Set([...folder.done()].flatMap((name) => folder.readDone(name).rows.map(({ run_id: id }) => id)))
  const runs = existsSync(folder.runs) ? readdirSync(folder.runs) : []
  for (const run of runs) if (!known.has(run)) await rm(join(folder.runs, run), { recursive: true, force: true })
}

function ratioTo(predictedNs: number | undefined, measuredNs: unknown): { measured_over_predicted: number | null } {
  const isKnown = predictedNs !== undefined && typeof measuredNs === 'number'
  return { measured_over_predicted: isKnown ? measuredNs / predictedNs : null }
}

function countFailed(folder: CampaignFolder): number {
  let failed = 0
  for (const name of folder.done()) if (folder.readDone(name).rows.some(({ status }) => status === 'failed')) failed++
  return failed
}

/** File-name safe; a trial id is. */
function nameOf({ trials }: Campaign, { trial, pass }: Run): string {
  return `${trials[trial]?.id}.p${pass}`
}

/** When the runs of a campaign take place that happen in no real time. */
const EMULATED_UTC_MS = Date.UTC(2026, 0, 1)

/** Ids tell a run's number by their last four letters; long trial ids are cut. */
function runIdOf(campaign: Campaign, trial: Trial, { pass }: Run): string {
  const number = campaign.trials.indexOf(trial) * campaign.passes + pass
  const words = [trial.id.slice(0, 60), `p${pass}`]
  const suffix = number.toString(36).padStart(4, '0').slice(-4)
  return createRunId({ startUtcMs: campaign.isLive ? Date.now() : EMULATED_UTC_MS, words, suffix })
}
