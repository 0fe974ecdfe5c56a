import { parse } from 'yaml'
import { partitionText } from '../card/partition.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Override } from '../recipe/recipe-text.ts'
import { resolveRecipe } from '../recipe/resolve.ts'
import type { CardLibrary } from '../recipe/spec-models.ts'
import type { Campaign, Trial } from './campaign.ts'

/** The recipe of one trial in one pass: that of the campaign with what the trial changes. */
export function trialRecipe(
  campaign: Campaign,
  trial: Trial,
  pass: number,
  durationS: number,
  library: CardLibrary,
): Recipe {
  const { base, file } = campaign
  const from = `${file}: trial ${trial.id}`
  const overrides = changesOf(campaign, trial, pass, durationS).map(
    ([path, value]): Override => ({ path, text: JSON.stringify(value), from }),
  )
  // as they were written: "8 ms" is a text, 4 a number
  for (const [path, text] of Object.entries(trial.set)) overrides.push({ path, text, from })
  return resolveRecipe(base.text, base.file, overrides, library)
}

type Change = readonly [path: string, value: unknown]

function changesOf(campaign: Campaign, trial: Trial, pass: number, durationS: number): Change[] {
  const written = parse(campaign.base.text) as WrittenRecipe
  const changes: Change[] = [['duration', `${durationS} s`]]
  if (written.runner?.backend === 'virtual') {
    const tasks = withArrival(trial, tasksOf(trial, written))
    const models = modelsOf(trial)
    changes.push(['warmup', campaign.warmup], ['tasks', tasks])
    if (models !== undefined) changes.push(['models', models])
  }
  if (written.sensor?.port === 'virtual' || written.runner?.backend === 'virtual')
    changes.push(
      ['testbed.seed', seedOf(campaign.seed, trial.id, pass)],
      ['testbed.board_seed', seedOf(campaign.seed, 'board', campaign.boards === 'fresh' ? trial.id : '')],
    )
  if (trial.sampling !== undefined) changes.push(['sensor.mode', trial.sampling])
  return changes
}

interface WrittenRecipe {
  readonly runner?: { readonly backend?: string }
  readonly sensor?: { readonly port?: string }
  readonly tasks?: readonly WrittenTask[]
}

interface WrittenTask {
  readonly name: string
  readonly arrival?: { readonly law?: string }
}

/** A task for each replica, after the first task of the recipe; without a model those of the recipe. */
function tasksOf({ model, replicas }: Trial, { tasks = [] }: WrittenRecipe): WrittenTask[] {
  const template = tasks[0]
  if (model === undefined || replicas === undefined || template === undefined) return [...tasks]
  const made: WrittenTask[] = []
  let device = 0
  const count = replicas.reduce((sum, part) => sum + part.count, 0)
  for (const [p, part] of replicas.entries())
    for (let r = 0; r < part.count; r++) {
      const devices = Array.from({ length: part.depth }, () => device++)
      const name = count === 1 ? template.name : `${template.name}-${made.length}`
      made.push({ ...template, name, ...{ model: partModel(model.name, p, part.depth), devices } })
    }
  return made
}

function modelsOf({ model, replicas = [], segmentBy }: Trial): object[] | undefined {
  if (model?.spec === undefined) return undefined
  return replicas.map(({ depth }, p) => ({
    name: partModel(model.name, p, depth),
    spec: model.spec,
    depth,
    ...(segmentBy === undefined ? {} : { segment_by: segmentBy }),
  }))
}

/** Parts of a partition with other depths are other models to the runner. */
function partModel(name: string, part: number, depth: number): string {
  return part === 0 ? name : `${name}-d${depth}`
}

function withArrival({ arrival, ratePerS, requests }: Trial, tasks: readonly WrittenTask[]): WrittenTask[] {
  const of = (task: WrittenTask): unknown => {
    if (arrival !== undefined) return arrival
    if (ratePerS !== undefined) return { law: 'poisson', rate: `${ratePerS / tasks.length} /s` }
    if (requests === undefined) return task.arrival
    return { ...(task.arrival?.law === 'closed' ? task.arrival : {}), law: 'closed', concurrency: requests }
  }
  return tasks.map((task) => ({ ...task, arrival: of(task) }) as WrittenTask)
}

/** FNV-1a over the words, 32 bits: equal words, equal seed, on every machine. */
export function seedOf(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(words.join('/'), 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** How a trial is cut and put on devices, for tables: `2x4`; undefined where the recipe decides. */
export function partitionOf({ replicas }: Trial): string | undefined {
  return replicas === undefined ? undefined : partitionText(replicas)
}
