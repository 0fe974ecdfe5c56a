import type { Recipe } from '../recipe/recipe.ts'
import type { CardLibrary } from '../recipe/spec-models.ts'
import type { Campaign, Trial } from './campaign.ts'
import { samplesPerS, windowS } from './plan-window.ts'
import { trialRecipe } from './trial-recipe.ts'

export interface Estimate {
  readonly runs: number
  /** Of measuring, in the time of the card. */
  readonly measuredS: number
  readonly wallS: number
  readonly bytes: number
  /** Trials it was made from; the others are taken to be like them. */
  readonly looked: number
}

/** Before tasks begin: boot, clocks, loading. */
const ALIGN_S = 3.5
/** Emulated seconds a second, and bytes: from depth-sweep --quick, 32 runs of 6.7 s in 34 MB. Far from exact on a busy machine. */
const EMULATED_S_PER_S = 5
/** Of a run, whatever its length: starting programs, reading tables. */
const START_S = 1
/** Of journal, power table and events, for each channel. */
const BYTES_PER_SAMPLE = 3.5
const RUN_BYTES = 200e3

/** What a campaign takes. Every recipe is resolved here, so whatever is wrong with a trial is said before anything runs. */
export function estimateCampaign(
  campaign: Campaign,
  library: CardLibrary,
  jobs: number,
  most = Number.POSITIVE_INFINITY,
): Estimate {
  const step = Math.max(1, Math.ceil(campaign.trials.length / most))
  let measuredS = 0
  let bytes = 0
  let looked = 0
  for (let i = 0; i < campaign.trials.length; i += step) {
    const trial = campaign.trials[i] as Trial
    const recipe = trialRecipe(campaign, trial, 0, campaign.window.durationS, library)
    const seconds = windowS(recipe, campaign.window) + aroundS(recipe)
    measuredS += seconds
    bytes += RUN_BYTES + seconds * samplesPerS(recipe) * channels(recipe) * BYTES_PER_SAMPLE
    looked++
  }
  const scale = (campaign.trials.length / looked) * campaign.passes
  const runs = campaign.trials.length * campaign.passes
  measuredS *= scale
  const wallS = campaign.isLive ? measuredS + 3 * runs : (measuredS / EMULATED_S_PER_S + runs * START_S) / jobs
  return { runs, measuredS, wallS, bytes: bytes * scale, looked }
}

/** Idle stretches before and after, and the start. */
function aroundS({ runner }: Recipe): number {
  if (runner.kind !== 'spawn') return ALIGN_S
  const { never_used_ms, context_open_ms, resident_ms, after_ms } = runner.plan.idle
  return ALIGN_S + (never_used_ms + context_open_ms + resident_ms + after_ms) / 1e3
}

function channels({ rails }: Recipe): number {
  return rails.reduce((n, { voltage }) => n + (voltage.kind === 'channel' ? 2 : 1), 0)
}
