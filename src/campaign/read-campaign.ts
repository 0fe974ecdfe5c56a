import { parse } from 'yaml'
import type { Network } from '../card/network.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { readShape } from '../recipe/read-shape.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { RecipeText } from '../recipe/recipe-text.ts'
import { resolveRecipe } from '../recipe/resolve.ts'
import type { CardLibrary } from '../recipe/spec-models.ts'
import type { Campaign, RecipeSource, TrialModel } from './campaign.ts'
import { CAMPAIGN_SHAPE, type CampaignDocument } from './campaign-shape.ts'
import { checkAxes } from './check-axes.ts'
import { expandTrials } from './expand.ts'
import { expectedName, type Surroundings } from './surroundings.ts'

/** What a campaign file refers to. */
export interface CampaignSources {
  /** Of the recipe at a path beside the campaign file; undefined where there is none to read. */
  readonly recipe: (path: string) => RecipeSource | undefined
  /** For the models of a file. */
  readonly library: (besides: string) => CardLibrary
}

/** Everything of a campaign file; throws one error with a line for each problem, before anything runs. */
export function readCampaign(text: string, file: string, isQuick: boolean, sources: CampaignSources): Campaign {
  const place = new RecipeText(text, file)
  const draft = place.isYaml ? readShape(CAMPAIGN_SHAPE, place.root, place) : undefined
  const base = draft === undefined ? undefined : baseOf(place, text, file, sources)
  place.throwProblems(HINT)
  const document = draft as CampaignDocument
  const source = base as RecipeSource
  const recipe = resolveRecipe(source.text, source.file, [], sources.library(source.file))
  const surroundings = surroundingsOf(document, recipe, source, place, sources.library(file))
  checkMode(document, recipe, place)
  checkAxes(document, surroundings, place)
  place.throwProblems(HINT)
  const { trials, left } = expandTrials(document, surroundings, place)
  if (trials.length === 0)
    place.addProblem('', `expected at least one trial, saw none: filters leave nothing of ${left} combinations`)
  place.throwProblems(HINT)
  const { duration, inferences, samples, longest } = isQuick ? document.quick : document.window
  return {
    name: document.name,
    about: document.about.trim(),
    file,
    text,
    base: source,
    isLive: document.mode === 'live' || !isVirtual(recipe),
    trials,
    left,
    reference: document.reference,
    isRandom: document.order === 'random',
    seed: document.seed,
    boards: document.boards,
    warmup: document.warmup,
    isQuick,
    passes: isQuick ? document.quick.passes : document.passes,
    window: { durationS: duration, inferences, samples, longestS: Math.max(duration, longest) },
  }
}

const HINT = 'docs/bench.md lists every key of a campaign'

function isVirtual({ sensor, runner }: Recipe): boolean {
  return sensor.port === 'virtual' && runner.kind === 'spawn'
}

function baseOf(place: RecipeText, text: string, file: string, sources: CampaignSources): RecipeSource | undefined {
  const hasRecipe = place.isGiven('recipe')
  const range = place.rangeOf('base')
  if (hasRecipe === (range !== undefined)) {
    place.addProblem('', `expected exactly one of recipe and base, saw ${hasRecipe ? 'both' : 'neither'}`)
    return undefined
  }
  if (range !== undefined) return { file, text: blanked(text, range) }
  const path = String(place.writtenAt('recipe'))
  const source = sources.recipe(path)
  if (source === undefined) place.addProblem('recipe', `expected a recipe at ${path}, saw none to read`)
  return source
}

/** The text with everything outside the range blank, so that lines and columns stay what they are. */
function blanked(text: string, [start, end]: readonly [number, number]): string {
  return text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start, end)
}

function surroundingsOf(
  document: CampaignDocument,
  base: Recipe,
  source: RecipeSource,
  place: RecipeText,
  library: CardLibrary,
): Surroundings {
  const written = parse(source.text) as { models?: { name: string; spec?: string }[] }
  const models = new Map<string, TrialModel>()
  for (const { name, spec } of written.models ?? []) models.set(name, modelOf(name, spec, {}, library))
  for (const [m, { name, spec, labels }] of document.models.entries()) {
    const path = `models[${m}]`
    if (spec === undefined && !models.has(name))
      place.addProblem(
        `${path}.name`,
        expectedName('a model of the recipe, or one with a spec', name, [...models.keys()]),
      )
    try {
      const known = models.get(name)
      models.set(name, modelOf(name, spec ?? known?.spec, Object.fromEntries(labels), library))
    } catch (error) {
      if (!(error instanceof JoulespanError)) throw error
      place.addProblem(`${path}.spec`, error.message)
    }
  }
  const deviceCount = base.runner.kind === 'spawn' ? base.runner.plan.devices.length : 0
  return { base, deviceCount, models }
}

function modelOf(
  name: string,
  spec: string | undefined,
  labels: Readonly<Record<string, string>>,
  library: CardLibrary,
): TrialModel {
  if (spec === undefined) return { name, labels }
  const network: Network = library.network(spec)
  return { name, labels, spec, network }
}

function checkMode(document: CampaignDocument, base: Recipe, place: RecipeText): void {
  if (document.mode === 'offline' && !isVirtual(base))
    place.addProblem('mode', 'expected live, as the board or the card is real, saw offline')
  if (base.runner.kind === 'none')
    place.addProblem('', 'expected a recipe that runs inferences, saw runner.backend none')
}
