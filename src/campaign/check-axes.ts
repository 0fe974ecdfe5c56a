import { deviceCount, parsePartition } from '../card/partition.ts'
import type { RecipeText } from '../recipe/recipe-text.ts'
import type { CampaignDocument } from './campaign-shape.ts'
import { expectedName, type Surroundings } from './surroundings.ts'

type Axes = CampaignDocument['axes']

/** Names that exist, pipelines that fit the card, axes that do not contradict each other: each with its line. */
export function checkAxes(document: CampaignDocument, around: Surroundings, place: RecipeText): void {
  const { axes, points, only, exclude, reference } = document
  checkTogether(axes, 'axes', document, around, place)
  axes.model?.forEach((name, i) => {
    checkModel(name, `axes.model[${i}]`, around, place)
  })
  axes.depth?.forEach((depth, i) => {
    checkDevices(depth, `axes.depth[${i}]`, around, place)
  })
  axes.partition?.forEach((partition, i) => {
    checkPartition(partition, `axes.partition[${i}]`, around, place)
  })
  for (const [p, point] of points.entries()) {
    const path = `points[${p}]`
    checkTogether(point, path, document, around, place)
    if (point.model !== undefined) checkModel(point.model, `${path}.model`, around, place)
    if (point.depth !== undefined) checkDevices(point.depth, `${path}.depth`, around, place)
    if (point.partition !== undefined) checkPartition(point.partition, `${path}.partition`, around, place)
  }
  for (const [name, filters] of Object.entries({ only, exclude }))
    for (const [f, filter] of filters.entries())
      filter.model?.forEach((model, i) => {
        checkModel(model, `${name}[${f}].model[${i}]`, around, place)
      })
  if (reference !== undefined) checkModel(reference, 'reference', around, place)
}

function checkTogether(
  given: Axes | CampaignDocument['points'][number],
  path: string,
  document: CampaignDocument,
  around: Surroundings,
  place: RecipeText,
): void {
  const laws = (['arrival', 'rate', 'requests'] as const).filter((key) => given[key] !== undefined)
  if (laws.length > 1)
    place.addProblem(`${path}.${laws[1]}`, `expected one of arrival, rate and requests, saw ${laws.join(' and ')}`)
  if (given.depth !== undefined && given.partition !== undefined)
    place.addProblem(`${path}.partition`, 'expected one of depth and partition, saw both')
  const shaping = (['depth', 'partition', 'segment_by'] as const).filter((key) => given[key] !== undefined)
  if (shaping.length === 0) return
  const hasModels = given.model !== undefined || (path === 'axes' && document.models.length > 0)
  if (!hasModels)
    place.addProblem(`${path}.${shaping[0]}`, 'expected only with models to cut, saw neither `model` nor `models`')
  const named = given.model ?? [...around.models.keys()].filter((name) => document.models.some((m) => m.name === name))
  for (const name of [named].flat()) {
    const model = around.models.get(name)
    if (model === undefined || model.spec !== undefined || shaping[0] === 'partition') continue
    place.addProblem(`${path}.${shaping[0]}`, `expected models with a spec to cut, saw "${name}" without one`)
  }
}

function checkModel(name: string, path: string, { models }: Surroundings, place: RecipeText): void {
  if (!models.has(name)) place.addProblem(path, expectedName('one of the models', name, [...models.keys()]))
}

function checkDevices(devices: number, path: string, { deviceCount: most }: Surroundings, place: RecipeText): void {
  if (devices > most) place.addProblem(path, `expected at most the ${most} devices of the card, saw ${devices}`)
}

function checkPartition(partition: string, path: string, around: Surroundings, place: RecipeText): void {
  const devices = partition
    .split('+')
    .reduce((sum, part) => sum + part.split('x').reduce((n, f) => n * Number(f), 1), 0)
  if (devices > around.deviceCount) checkDevices(devices, path, around, place)
  else deviceCount(parsePartition(partition))
}
