import { parsePartition, partitionText } from '../card/partition.ts'
import type { RecipeText } from '../recipe/recipe-text.ts'
import type { Trial } from './campaign.ts'
import type { CampaignDocument, FilterDocument } from './campaign-shape.ts'
import type { Surroundings } from './surroundings.ts'

/** Values of the axes that one trial takes; the arrival law as it was written. */
interface Choice {
  readonly model?: string | undefined
  readonly depth?: number | undefined
  readonly partition?: string | undefined
  readonly segment_by?: 'params' | 'time' | undefined
  readonly arrival?: unknown
  readonly rate?: number | undefined
  readonly requests?: number | undefined
  readonly sampling?: 'fast' | 'balanced' | 'accurate' | undefined
  readonly set?: Readonly<Record<string, string>> | undefined
}

/** Every combination of the axes that the filters let through, then the points; `left` counts combinations before filters. */
export function expandTrials(
  document: CampaignDocument,
  around: Surroundings,
  place: RecipeText,
): { readonly trials: readonly Trial[]; readonly left: number } {
  const combinations = hasAxes(document) || document.points.length === 0 ? product(axesOf(document, place)) : []
  const passing = combinations.filter((choice) => passes(choice, document))
  const points = document.points.map((point, p): Choice => {
    const arrival = point.arrival === undefined ? undefined : place.writtenAt(`points[${p}].arrival`)
    return { ...point, arrival, set: Object.fromEntries(point.set) }
  })
  const trials: Trial[] = []
  const used = new Set<string>()
  for (const choice of [...passing, ...points]) {
    const trial = trialOf(choice, around)
    // a point that an axis also gives is measured once
    if (used.has(trial.id)) continue
    used.add(trial.id)
    trials.push(trial)
  }
  return { trials, left: combinations.length }
}

function hasAxes({ axes, models }: CampaignDocument): boolean {
  const { set, ...lists } = axes
  return models.length > 0 || set.size > 0 || Object.values(lists).some((list) => list !== undefined)
}

type Axis = readonly (readonly [key: string, value: unknown])[]

function axesOf({ axes, models }: CampaignDocument, place: RecipeText): Axis[] {
  const names = axes.model ?? (models.length === 0 ? undefined : models.map(({ name }) => name))
  const plain = { ...axes, model: names, arrival: axes.arrival?.map((_, i) => place.writtenAt(`axes.arrival[${i}]`)) }
  const listed = AXIS_KEYS.flatMap((key) => {
    const values = plain[key] as readonly unknown[] | undefined
    return values === undefined ? [] : [values.map((value) => [key, value] as const)]
  })
  const settings = [...axes.set].map(([path, values]) => values.map((value) => [`set ${path}`, value] as const))
  return [...listed, ...settings]
}

const AXIS_KEYS = ['model', 'depth', 'partition', 'segment_by', 'arrival', 'rate', 'requests', 'sampling'] as const

/** The last axis varies fastest. */
function product(axes: readonly Axis[]): Choice[] {
  let rows: Record<string, unknown>[] = [{}]
  for (const axis of axes) rows = rows.flatMap((row) => axis.map(([key, value]) => ({ ...row, [key]: value })))
  return rows.map((row) => {
    const set = Object.entries(row).flatMap(([key, value]) =>
      key.startsWith('set ') ? [[key.slice(4), String(value)] as const] : [],
    )
    return { ...(row as Choice), set: Object.fromEntries(set) }
  })
}

function passes(choice: Choice, { only, exclude }: CampaignDocument): boolean {
  const matches = (filter: FilterDocument): boolean =>
    Object.entries(filter).every(([key, wanted]) => {
      const value = choice[key as keyof Choice]
      return wanted === undefined || (wanted as readonly unknown[]).includes(value)
    })
  return (only.length === 0 || only.some(matches)) && !exclude.some(matches)
}

function trialOf(choice: Choice, { models, base }: Surroundings): Trial {
  const { segment_by: segmentBy, arrival, rate, requests, sampling, set = {} } = choice
  const model = choice.model === undefined ? undefined : models.get(choice.model)
  const depth = choice.depth ?? model?.network?.cuts?.length ?? segmentsIn(base, choice.model)
  const replicas =
    model === undefined
      ? undefined
      : choice.partition === undefined
        ? [{ count: 1, depth }]
        : parsePartition(choice.partition)
  return {
    id: idOf(choice, replicas === undefined ? undefined : partitionText(replicas)),
    ...(model === undefined ? {} : { model }),
    ...(replicas === undefined ? {} : { replicas }),
    ...(segmentBy === undefined ? {} : { segmentBy }),
    ...(arrival === undefined ? {} : { arrival }),
    ...(rate === undefined ? {} : { ratePerS: rate }),
    ...(requests === undefined ? {} : { requests }),
    ...(sampling === undefined ? {} : { sampling }),
    set,
  }
}

function segmentsIn({ runner }: Surroundings['base'], model: string | undefined): number {
  if (runner.kind !== 'spawn') return 1
  return runner.plan.models.find(({ name }) => name === model)?.segments.length ?? 1
}

function idOf(choice: Choice, partition: string | undefined): string {
  const { model, depth, segment_by: rule, arrival, rate, requests, sampling, set = {} } = choice
  const words = [
    model,
    depth === undefined ? undefined : `d${depth}`,
    choice.partition === undefined ? undefined : partition,
    rule,
    arrival === undefined
      ? undefined
      : Object.entries(arrival as object)
          .flat()
          .slice(1)
          .join('-'),
    rate === undefined ? undefined : `r${rate}`,
    requests === undefined ? undefined : `q${requests}`,
    sampling,
    ...Object.entries(set).map(([path, value]) => `${path}-${value}`),
  ]
  const slug = words.filter((word) => word !== undefined).join('-')
  return slug === '' ? 'base' : slug.replaceAll(/[[\] ]/g, '').replaceAll(/[^A-Za-z0-9_.+-]+/g, '_')
}
