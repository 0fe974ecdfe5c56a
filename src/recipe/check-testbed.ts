import { OSCILLATORS } from '../timebase/envelope.ts'
import { currentSensorOf } from './current-sensor.ts'
import { certifiedFloorUpNs } from './link-floor.ts'
import { nearestWord } from './nearest.ts'
import type { RecipeDocument, RecipeDraft } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'
import { POWER_SPREAD } from './runner-plan.ts'
import { ADC_REFERENCE_V } from './uno-adc.ts'
import { clockOf, worstDriftPerS } from './virtual-clock.ts'
import { isVirtualBoard, startsRunner } from './virtual-parts.ts'
import { type VirtualRail, virtualRailsOf } from './virtual-rails.ts'

/** Whether what the virtual board does stays within what the host is told of it. */
export function checkTestbed(draft: RecipeDraft, recipe: RecipeText): void {
  if (!isVirtualBoard(draft)) return
  checkFloor(draft, recipe)
  checkVirtualRails(draft, recipe)
  checkReference(draft, recipe)
  checkLag(draft, recipe)
  checkFaults(draft, recipe)
  checkSlews(draft, recipe)
  checkDrift(draft, recipe)
  if (!recipe.hasProblems && startsRunner(draft)) checkSensorRanges(draft as RecipeDocument, recipe)
}

function checkFloor(draft: RecipeDraft, recipe: RecipeText): void {
  const { lag: lagNs, link } = draft.testbed ?? {}
  const claimedNs = draft.sensor?.floor_up
  if (lagNs === undefined || link === undefined || claimedNs === undefined) return
  const certainNs = certifiedFloorUpNs({ lagNs, link }, false)
  if (claimedNs <= certainNs) return
  recipe.addProblem(
    'sensor.floor_up',
    `expected at most ${certainNs / 1e3} us, all that link ${link} keeps for certain, saw ${claimedNs / 1e3} us`,
  )
}

function checkVirtualRails(draft: RecipeDraft, recipe: RecipeText): void {
  const rails = draft.testbed?.rails
  const names = (draft.rails ?? []).map((rail) => rail?.name)
  const isSound = names.length > 0 && !names.includes(undefined) && new Set(names).size === names.length
  if (rails === undefined || !isSound) return
  for (const name of rails.keys()) {
    if (names.includes(name)) continue
    const meant = nearestWord(name, names as string[])
    const advice = meant === undefined ? '' : `; did you mean "${meant}"?`
    recipe.addProblem(`testbed.rails.${name}`, `expected one of the rails ${names.join(', ')}, saw "${name}"${advice}`)
  }
  const given = names.flatMap((name) => rails.get(name as string)?.device_share ?? [])
  const sum = given.reduce((total, share) => total + share, 0)
  const isWhole = Math.abs(sum - 1) < 1e-9
  if (isWhole || (sum < 1 && given.length < names.length)) return
  recipe.addProblem(
    'testbed.rails',
    `expected device shares that make 100 % together, saw ${percent(sum)} of ${given.length} rails`,
  )
}

function checkReference(draft: RecipeDraft, recipe: RecipeText): void {
  const supply = draft.testbed?.supply?.uncertainty
  for (const [r, rail] of (draft.rails ?? []).entries()) {
    const gain = rail?.voltage?.gain_uncertainty
    if (supply === undefined || gain === undefined || gain >= supply) continue
    recipe.addProblem(
      `rails[${r}].voltage.gain_uncertainty`,
      `expected at least the ${percent(supply)} of testbed.supply.uncertainty, which the converter's reference adds, saw ${percent(gain)}`,
    )
  }
}

function checkLag(draft: RecipeDraft, recipe: RecipeText): void {
  const [leastUs, greatestUs] = draft.testbed?.device_lag ?? []
  if (leastUs === undefined || greatestUs === undefined || leastUs <= greatestUs) return
  recipe.addProblem(
    'testbed.device_lag',
    `expected the least before the greatest, saw ${leastUs} us and ${greatestUs} us`,
  )
}

function checkSlews(draft: RecipeDraft, recipe: RecipeText): void {
  let endS = 0
  for (const [i, slew] of (draft.testbed?.host_slew ?? []).entries()) {
    if (slew?.at === undefined || slew.time === undefined) continue
    if (slew.at < endS)
      recipe.addProblem(
        `testbed.host_slew[${i}].at`,
        `expected ${endS} s or later, where the one before ends, saw ${slew.at} s`,
      )
    endS = slew.at + slew.time
  }
}

/** Of the emulator. */
const FAULT_RATE_MAX = 0.3

function checkFaults(draft: RecipeDraft, recipe: RecipeText): void {
  for (const [i, fault] of (draft.testbed?.faults ?? []).entries()) {
    const [, rate] = /^(?:drop|flip|insert):(.+)$/.exec(fault ?? '') ?? []
    if (rate === undefined || Number(rate) <= FAULT_RATE_MAX) continue
    recipe.addProblem(`testbed.faults[${i}]`, `expected a rate of at most ${FAULT_RATE_MAX} per byte, saw ${rate}`)
  }
}

/** A clock that strays more than declared falsifies the bound, which nothing in a measurement would show. */
function checkDrift(draft: RecipeDraft, recipe: RecipeText): void {
  const oscillator = draft.sensor?.oscillator
  const { warmup, warmup_time: warmupS, sway, sway_period: swayS } = draft.testbed?.clock ?? {}
  if (oscillator === undefined || warmupS === undefined || swayS === undefined) return
  const drift = worstDriftPerS(clockOf({ warmup, warmup_time: warmupS, sway, sway_period: swayS }, oscillator))
  const declared = OSCILLATORS[oscillator].driftPerS
  if (drift <= declared) return
  recipe.addProblem(
    'testbed.clock',
    `expected at most the ${+(declared * 1e6).toPrecision(3)} ppm/s declared for a ${oscillator}, saw up to ${+(drift * 1e6).toPrecision(3)} ppm/s`,
  )
}

function checkSensorRanges(document: RecipeDocument, recipe: RecipeText): void {
  const devicesW = mostDevicesW(document)
  const virtualRails = virtualRailsOf(document)
  for (const [r, { nominal: volts, current }] of document.rails.entries()) {
    const { baseW, deviceShare } = virtualRails[r] as VirtualRail
    const mostA = (baseW + deviceShare * devicesW) / volts
    const { rangeA } = currentSensorOf(current.sensor, current.zero, ADC_REFERENCE_V)
    if (mostA <= rangeA) continue
    recipe.addProblem(
      `rails[${r}].current.sensor`,
      `expected a range of at least the ${+mostA.toPrecision(3)} A that the card may draw at ${volts} V, saw ${+rangeA.toPrecision(3)} A`,
    )
  }
}

/** All devices at their highest at once, three deviations up. */
function mostDevicesW({ devices, models, tasks }: RecipeDocument): number {
  const idle = devices?.idle ?? { never_used: 0, context_open: 0, resident: 0 }
  const mostW = new Array<number>(devices?.count ?? 0).fill(0)
  for (const task of tasks ?? []) {
    const segments = models?.find((model) => model.name === task.model)?.segments ?? []
    for (const [s, segment] of segments.entries()) {
      const device = task.devices[s] as number
      const spread = segment.phases === undefined ? 0 : (segment.power_spread ?? POWER_SPREAD)
      const phasesW = (segment.phases ?? []).flatMap((phase) => [phase.power, phase.end_power ?? 0])
      const highestW = Math.max(segment.load_power ?? 0, segment.active_power ?? 0, ...phasesW)
      mostW[device] = Math.max(mostW[device] as number, highestW * (1 + 3 * spread))
    }
  }
  const idleW = Math.max(idle.never_used, idle.context_open, idle.resident)
  return mostW.reduce((sum, watts) => sum + watts + idleW, 0)
}

function percent(ratio: number): string {
  return `${+(100 * ratio).toPrecision(6)} %`
}
