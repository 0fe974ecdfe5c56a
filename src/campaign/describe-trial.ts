import { cardTime } from '../card/card-time.ts'
import { deviceCount } from '../card/partition.ts'
import type { TimingParameters } from '../card/stage-time.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Campaign, Trial } from './campaign.ts'
import { partitionOf } from './trial-recipe.ts'
import type { TrialRow } from './trials-table.ts'

type Description = Pick<
  TrialRow,
  | 'campaign'
  | 'trial'
  | 'model'
  | 'spec'
  | 'labels'
  | 'partition'
  | 'depth'
  | 'replicas'
  | 'devices'
  | 'segment_by'
  | 'arrival'
  | 'rate_per_s'
  | 'requests'
  | 'sampling'
  | 'settings'
>

/** What a trial is, as tables have it. */
export function describeTrial({ name }: Campaign, trial: Trial, recipe: Recipe): Description {
  const { model, replicas } = trial
  const plan = recipe.runner.kind === 'spawn' ? recipe.runner.plan : undefined
  const models = new Set(plan?.tasks.map((task) => task.model))
  const laws = new Set(plan?.tasks.map(({ arrival }) => JSON.stringify(arrival)))
  const used = new Set(plan?.tasks.flatMap(({ devices }) => devices))
  return {
    campaign: name,
    trial: trial.id,
    model: model?.name ?? (models.size === 1 ? [...models][0] : null),
    spec: model?.spec ?? null,
    labels: model === undefined || Object.keys(model.labels).length === 0 ? null : JSON.stringify(model.labels),
    partition: partitionOf(trial) ?? null,
    depth: replicas?.length === 1 ? (replicas[0]?.depth ?? null) : null,
    replicas: replicas === undefined ? null : replicas.reduce((sum, { count }) => sum + count, 0),
    devices: replicas === undefined ? (plan === undefined ? null : used.size) : deviceCount(replicas),
    segment_by: model?.spec === undefined ? null : (trial.segmentBy ?? 'params'),
    arrival: laws.size === 1 ? [...laws][0] : null,
    rate_per_s: trial.ratePerS ?? null,
    requests: trial.requests ?? null,
    sampling: recipe.sensor.mode,
    settings: Object.keys(trial.set).length === 0 ? null : JSON.stringify(trial.set),
  }
}

/** Service time of an inference that finds its pipeline empty, ns; undefined without a spec or where pipelines differ. */
export function predictedServiceNs(
  { model, replicas, segmentBy }: Trial,
  timing: TimingParameters,
): number | undefined {
  if (model?.network === undefined || replicas?.length !== 1) return undefined
  const options = { replicas, segmentBy: segmentBy ?? 'params', queueMs: 0 } as const
  const { pipelines } = cardTime(model.network, options, timing)
  return (pipelines[0]?.steadyLatencyMs ?? Number.NaN) * 1e6
}
