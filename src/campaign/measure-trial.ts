import { rm } from 'node:fs/promises'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { emulateJournal } from '../pipeline/emulate.ts'
import { finaliseRun } from '../pipeline/finalise-run.ts'
import { recordRun } from '../pipeline/record.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { CardLibrary } from '../recipe/spec-models.ts'
import type { Campaign, Trial } from './campaign.ts'
import { windowS } from './plan-window.ts'
import type { MeasuredRun } from './trial-figures.ts'
import { trialRecipe } from './trial-recipe.ts'

export interface TrialRun {
  readonly campaign: Campaign
  readonly trial: Trial
  readonly pass: number
  readonly name: string
  readonly runId: string
  readonly path: string
  readonly createdBy: string
  readonly library: CardLibrary
  readonly signal: AbortSignal
  readonly onStatus: (text: string) => void
  readonly onTrial?: (run: TrialRun) => void
  /** 0, then 1: a window that came out too short is measured once more. */
  readonly attempt: number
  readonly slowness?: number
}

/** One run of one trial, with a window that is long enough; undefined where it was interrupted. */
export async function measureTrial(run: TrialRun): Promise<MeasuredRun | undefined> {
  const { campaign, trial, pass, library } = run
  const plain = trialRecipe(campaign, trial, pass, campaign.window.durationS, library)
  const durationS = windowS(plain, campaign.window, run.slowness)
  const recipe = durationS === plain.durationS ? plain : trialRecipe(campaign, trial, pass, durationS, library)
  run.onTrial?.(run)
  const measured = campaign.isLive ? await live(recipe, run) : await offline(recipe, run)
  const seen = measured?.runJson.counts.inferences ?? 0
  if (measured !== undefined && seen === 0)
    throw new JoulespanError('quality', `expected inferences in a window of ${durationS} s, saw none`)
  const isShort = seen < campaign.window.inferences && durationS < campaign.window.longestS
  if (measured === undefined || !isShort || run.attempt > 0) return measured
  const slowness = ((run.slowness ?? 1) * campaign.window.inferences) / seen
  return measureTrial({ ...run, attempt: 1, slowness: slowness * (durationS / (durationS - OVERHEAD_S)) })
}

/** What the beginning and the end of a window take from it at most. */
const OVERHEAD_S = 0.05

async function offline(recipe: Recipe, { runId, path, createdBy }: TrialRun): Promise<MeasuredRun> {
  await rm(path, { recursive: true, force: true })
  const folder = await emulateJournal({ recipe, runId, path, createdBy })
  const { runJson, summary } = await finaliseRun({ run: folder, out: folder, createdBy })
  return { path, runJson, summary }
}

async function live(recipe: Recipe, run: TrialRun): Promise<MeasuredRun | undefined> {
  const { runId, path, createdBy, signal, onStatus } = run
  await rm(path, { recursive: true, force: true })
  const ended = await recordRun({ recipe, runId, path, createdBy, signal, onStatus, onFigures: () => undefined })
  if (ended.reason === 'interrupted') return undefined
  if (ended.error !== undefined) throw ended.error
  return { path, runJson: ended.runJson, summary: ended.summary }
}
