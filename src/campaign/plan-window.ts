import type { PlanTask, Recipe, RunnerPlan } from '../recipe/recipe.ts'
import type { Window } from './campaign.ts'

/** Conversions per second, shared by all channels. */
const CONVERSIONS_PER_S = { fast: 76_900, balanced: 38_500, accurate: 19_200 }
/** What the card does in truth may be a little slower than foreseen. */
const MARGIN = 1.1

/** How long tasks must run for the window that is asked for, in whole tenths of seconds. */
export function windowS(recipe: Recipe, window: Window, slowness = 1): number {
  const ratePerS = expectedRatePerS(recipe)
  const forInferencesS = Number.isFinite(ratePerS) ? (window.inferences / ratePerS) * MARGIN * slowness : 0
  const forSamplesS = window.samples / samplesPerS(recipe)
  const wantedS = Math.max(window.durationS, forInferencesS, forSamplesS)
  return Math.ceil(Math.min(wantedS, window.longestS) * 10 - 1e-9) / 10
}

export function samplesPerS({ sensor, rails }: Recipe): number {
  const channels = rails.reduce((n, { voltage }) => n + (voltage.kind === 'channel' ? 2 : 1), 0)
  return CONVERSIONS_PER_S[sensor.mode] / channels
}

/** Inferences per second of all tasks; not a number where somebody else's runner decides. */
export function expectedRatePerS({ runner }: Recipe): number {
  if (runner.kind !== 'spawn') return Number.NaN
  const { plan } = runner
  return plan.tasks.reduce((sum, task) => sum + taskRatePerS(task, plan), 0) * busyShare(plan)
}

/** Admission is held now and then; until the last inference is through nothing begins either. */
function busyShare({ idle, tasks, models }: RunnerPlan): number {
  if (idle.gap_every_ms === 0) return 1
  const drainMs = Math.max(...tasks.map((task) => sum(stagesMs(task, models))))
  return idle.gap_every_ms / (idle.gap_every_ms + idle.gap_ms + drainMs)
}

function taskRatePerS(task: PlanTask, { models }: RunnerPlan): number {
  const { arrival } = task
  const stages = stagesMs(task, models)
  const capacityPerS = 1e3 / busiestMs(task, stages)
  switch (arrival.law) {
    case 'poisson':
      return Math.min(arrival.rate_hz, capacityPerS)
    case 'periodic':
      return Math.min(1e3 / (arrival.period_ms + arrival.jitter_ms / 2), capacityPerS)
    case 'saturated':
      return capacityPerS
    case 'closed': {
      const roundMs = sum(stages) + arrival.think_ms + arrival.think_jitter_ms / 2
      return Math.min((arrival.concurrency * 1e3) / roundMs, capacityPerS)
    }
    case 'trace': {
      const lastMs = arrival.at_ms.at(-1) ?? 1
      return arrival.at_ms.length / (Math.max(lastMs, 1) / 1e3)
    }
  }
}

function stagesMs(task: PlanTask, models: RunnerPlan['models']): number[] {
  const segments = models.find(({ name }) => name === task.model)?.segments ?? []
  // how long a model file takes is not known before it has run
  return segments.map((segment) => ('phases' in segment ? sum(segment.phases.map(({ ms }) => ms)) : 0))
}

/** What the device with most to do needs for one inference; segments may share a device. */
function busiestMs({ devices }: PlanTask, stages: readonly number[]): number {
  const load = new Map<number, number>()
  for (const [s, ms] of stages.entries()) load.set(devices[s] as number, (load.get(devices[s] as number) ?? 0) + ms)
  return Math.max(...load.values())
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
