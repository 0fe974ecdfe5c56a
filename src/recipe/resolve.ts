import { boardOf } from './board.ts'
import { checkRecipe } from './check-recipe.ts'
import { currentSensorOf } from './current-sensor.ts'
import { certifiedFloorUpNs } from './link-floor.ts'
import { readShape } from './read-shape.ts'
import type {
  ChannelRecipe,
  RailRecipe,
  Recipe,
  RunnerRecipe,
  SensorRecipe,
  SpecOrigin,
  TestbedRecipe,
} from './recipe.ts'
import { folderOf } from './recipe-path.ts'
import { RECIPE_SHAPE, type RecipeDocument, type WrittenRecipe } from './recipe-shape.ts'
import { type Override, RecipeText } from './recipe-text.ts'
import { planOf } from './runner-plan.ts'
import { type CardLibrary, NO_LIBRARY, withSpecs } from './spec-models.ts'
import { ADC_REFERENCE_V, countsOf, meanCounts, scalePerCount } from './uno-adc.ts'
import { hostSlewOf } from './virtual-clock.ts'
import { isVirtualBoard, isVirtualCard, startsRunner } from './virtual-parts.ts'

/**
 * The YAML of a recipe with every default filled in; `file` names it in messages. Throws one error with a line for each problem
 * of the file. The same text and library give the same recipe: no clock, no files, no randomness.
 */
export function resolveRecipe(
  text: string,
  file: string,
  overrides: readonly Override[] = [],
  library: CardLibrary = NO_LIBRARY,
): Recipe {
  const recipe = new RecipeText(text, file, overrides)
  const written = recipe.isYaml ? readShape(RECIPE_SHAPE, recipe.root, recipe) : undefined
  const draft = written === undefined ? undefined : withSpecs(written, recipe, library)
  if (draft !== undefined) checkRecipe(draft, recipe)
  recipe.throwProblems()
  return recipeOf(draft as RecipeDocument, specsOf(written as WrittenRecipe), folderOf(file))
}

function recipeOf(document: RecipeDocument, specs: readonly SpecOrigin[], folder: string): Recipe {
  const testbed = isVirtualBoard(document) || isVirtualCard(document) ? testbedOf(document) : undefined
  return {
    version: 1,
    name: document.name,
    about: document.about.trim(),
    durationS: document.duration,
    partS: document.part,
    sensor: sensorOf(document, testbed),
    rails: document.rails.map(railOf),
    runner: runnerOf(document, folder),
    ...(specs.length === 0 ? {} : { specs }),
    ...(testbed === undefined ? {} : { testbed }),
  }
}

/** Where models come from that were not written out. */
function specsOf({ models = [] }: WrittenRecipe): SpecOrigin[] {
  return models.flatMap(({ name, spec, segment_by }) =>
    spec === undefined ? [] : [{ model: name, spec, segmentBy: segment_by }],
  )
}

function sensorOf(document: RecipeDocument, testbed: TestbedRecipe | undefined): SensorRecipe {
  const { port, baud, mode, oscillator, settle, calibration, floor_up, floor_down } = document.sensor
  const certainNs = testbed !== undefined && isVirtualBoard(document) ? certifiedFloorUpNs(testbed, false) : 0
  return {
    port,
    baud,
    mode,
    oscillator,
    floorUpNs: floor_up ?? certainNs,
    floorDownNs: floor_down,
    settleNs: settle,
    calibration,
  }
}

function railOf({ name, nominal, uncertainty, current, voltage }: RecipeDocument['rails'][number]): RailRecipe {
  const { voltsPerAmpere } = currentSensorOf(current.sensor, current.zero, ADC_REFERENCE_V)
  return {
    name,
    current: channelOf(current, voltsPerAmpere),
    voltage:
      voltage === undefined
        ? { kind: 'nominal', volts: nominal, uRel: uncertainty }
        : channelOf(voltage, voltage.divider),
  }
}

/** `pinVPerUnit`: volts at the pin per ampere or volt of the rail. */
function channelOf(
  channel: Omit<RecipeDocument['rails'][number]['current'], 'sensor'>,
  pinVPerUnit: number,
): ChannelRecipe {
  const timeConstantNs = Math.round(1e9 / (2 * Math.PI * channel.bandwidth))
  return {
    kind: 'channel',
    input: channel.input,
    scale: scalePerCount(pinVPerUnit),
    scaleURel: channel.gain_uncertainty,
    zeroCounts: meanCounts(channel.zero),
    zeroUCounts: countsOf(channel.zero_uncertainty),
    delayNs: channel.delay ?? timeConstantNs,
    timeConstantNs,
  }
}

function runnerOf(document: RecipeDocument, folder: string): RunnerRecipe {
  const { attach, host } = document.runner
  const where = host === 'auto' ? {} : { host }
  if (attach !== undefined) return { kind: 'attach', events: attach.events, requests: attach.requests, ...where }
  return startsRunner(document) ? { kind: 'spawn', plan: planOf(document, folder), ...where } : { kind: 'none' }
}

function testbedOf(document: RecipeDocument): TestbedRecipe {
  const { seed, lag, link, marker, faults } = document.testbed
  return { seed, lagNs: lag, link, marker, hostSlew: hostSlewOf(document), board: boardOf(document), faults }
}
