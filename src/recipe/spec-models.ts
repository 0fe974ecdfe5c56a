import { type PlannedStage, planStages } from '../card/card-time.ts'
import type { Network } from '../card/network.ts'
import { type PowerParameters, stagePower } from '../card/power.ts'
import type { TimingParameters } from '../card/stage-time.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { RecipeDraft, SegmentDocument, WrittenRecipe } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'
import type { Draft } from './shape.ts'

/** What the card's models and specs are read from, when a recipe names a spec. */
export interface CardLibrary {
  readonly timing: () => TimingParameters
  readonly power: () => PowerParameters
  readonly network: (path: string) => Network
}

export const NO_LIBRARY: CardLibrary = { timing: missing, power: missing, network: missing }

function missing(): never {
  throw new JoulespanError('internal', 'expected a library of model specs, saw none')
}

type WrittenModel = NonNullable<NonNullable<Draft<WrittenRecipe>['models']>[number]>

/** The recipe with segments in the place of specs, and with the idle powers of the card where none are given. */
export function withSpecs(written: Draft<WrittenRecipe>, recipe: RecipeText, library: CardLibrary): RecipeDraft {
  const { devices, models } = written
  const usesSpecs = models?.some((model) => model?.spec !== undefined) ?? false
  const idle = devices?.idle ?? (usesSpecs ? idleOf(library.power()) : undefined)
  return {
    ...written,
    devices: devices === undefined ? undefined : { ...devices, idle },
    models: models?.map((model, m) => {
      if (model === undefined) return undefined
      const { spec: _, depth: __, segment_by: ___, ...rest } = model
      return { ...rest, segments: segmentsOf(model, `models[${m}]`, recipe, library) }
    }),
  }
}

function segmentsOf(
  model: WrittenModel,
  path: string,
  recipe: RecipeText,
  library: CardLibrary,
): Draft<readonly SegmentDocument[]> | undefined {
  const hasSpec = recipe.isGiven(`${path}.spec`)
  const hasSegments = recipe.isGiven(`${path}.segments`)
  if (hasSpec === hasSegments)
    recipe.addProblem(path, `expected exactly one of spec and segments, saw ${hasSpec ? 'both' : 'neither'}`)
  for (const key of hasSpec ? [] : ['depth', 'segment_by'])
    if (recipe.isGiven(`${path}.${key}`)) recipe.addProblem(`${path}.${key}`, 'expected only with spec, saw none')
  if (!hasSpec || model.spec === undefined || model.segment_by === undefined) return model.segments
  const network = library.network(model.spec)
  const timing = library.timing()
  const depth = model.depth ?? network.cuts?.length ?? 1
  try {
    const stages = planStages(network, depth, model.segment_by, timing)
    return stages.map((stage) => segmentOf(stage, timing, library.power()))
  } catch (error) {
    if (!(error instanceof JoulespanError)) throw error
    recipe.addProblem(`${path}.depth`, error.message)
    return undefined
  }
}

/** No phase of a recipe is shorter: a result of a few bytes leaves in no time. */
const SHORTEST_MS = 0.001

function segmentOf({ time, layers }: PlannedStage, timing: TimingParameters, power: PowerParameters): SegmentDocument {
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0)
  const watts = stagePower(time, macs, timing, power)
  const phase = (name: string, ms: number, w: number): NonNullable<SegmentDocument['phases']>[number] => ({
    name,
    time: Math.max(SHORTEST_MS, rounded(ms)),
    power: rounded(w),
    end_power: undefined,
  })
  return {
    file: undefined,
    active_power: undefined,
    load: rounded(time.loadMs),
    load_power: rounded(watts.loadW),
    duration_spread: timing.jitterRel,
    power_spread: power.powerSpreadRel,
    phases: [
      phase('transfer_in', time.transferInMs, watts.transferInW),
      phase('compute', time.computeMs, watts.computeW),
      phase('transfer_out', time.transferOutMs, watts.transferOutW),
    ],
  }
}

function idleOf(power: PowerParameters): { never_used: number; context_open: number; resident: number } {
  return {
    never_used: power.idleNeverUsedW,
    context_open: power.idleContextOpenW,
    resident: power.idleResidentW,
  }
}

/** Nanoseconds and microwatts are far below what the models know. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
