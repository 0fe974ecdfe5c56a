import * as P from '../protocol/constants.ts'
import { checkNamesUsedOnce } from './check-names.ts'
import type { RecipeDraft } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'
import { ADC_REFERENCE_V, UNO_INPUTS } from './uno-adc.ts'
import { isVirtualBoard } from './virtual-parts.ts'

/** Rails that would make a second `energy_idle_j` beside that of the dataset. */
export const RESERVED_RAIL_NAMES: readonly string[] = ['idle', 'gross', 'equal', 'exclusive', 'inclusive', 'u']

/** Of the emulator. */
const VIRTUAL_RAILS_MAX = 4

/** Names and inputs used once, voltages within the converter's range, a link that carries the samples. */
export function checkRails(draft: RecipeDraft, recipe: RecipeText): void {
  const rails = draft.rails ?? []
  if (isVirtualBoard(draft) && rails.length > VIRTUAL_RAILS_MAX) {
    recipe.addProblem('rails', `expected at most ${VIRTUAL_RAILS_MAX} rails on the virtual board, saw ${rails.length}`)
  }
  checkNamesUsedOnce(rails, 'rails', recipe)
  for (const [r, rail] of rails.entries()) {
    if (rail?.name === undefined || !RESERVED_RAIL_NAMES.includes(rail.name)) continue
    recipe.addProblem(
      `rails[${r}].name`,
      `expected another name, as the dataset has a column energy_${rail.name}_j of its own, saw "${rail.name}"`,
    )
  }
  checkInputs(draft, recipe)
  checkDividers(draft, recipe)
  checkBaud(draft, recipe)
}

function checkInputs(draft: RecipeDraft, recipe: RecipeText): void {
  const users = new Map<number, string>()
  for (const [path, input] of inputsOf(draft)) {
    const user = users.get(input)
    if (user !== undefined) recipe.addProblem(path, `expected an input of its own, saw ${input} that ${user} has`)
    else users.set(input, path)
    if (isVirtualBoard(draft) && input >= UNO_INPUTS) {
      recipe.addProblem(path, `expected an ADC input of the virtual Arduino Uno, 0 to ${UNO_INPUTS - 1}, saw ${input}`)
    }
  }
}

function inputsOf(draft: RecipeDraft): [path: string, input: number][] {
  return (draft.rails ?? []).flatMap((rail, r) =>
    (['current', 'voltage'] as const).flatMap((kind): [string, number][] => {
      const input = rail?.[kind]?.input
      return input === undefined ? [] : [[`rails[${r}].${kind}.input`, input]]
    }),
  )
}

function checkDividers(draft: RecipeDraft, recipe: RecipeText): void {
  for (const [r, rail] of (draft.rails ?? []).entries()) {
    const { nominal: volts, voltage } = rail ?? {}
    if (volts === undefined || voltage?.divider === undefined || voltage.zero === undefined) continue
    const pinV = voltage.zero + volts * voltage.divider
    if (pinV < ADC_REFERENCE_V) continue
    recipe.addProblem(
      `rails[${r}].voltage.divider`,
      `expected less than the ${ADC_REFERENCE_V} V of the converter at the pin, saw ${volts} V * ${voltage.divider} = ${+pinV.toPrecision(3)} V`,
    )
  }
}

function checkBaud(draft: RecipeDraft, recipe: RecipeText): void {
  const { baud, mode } = draft.sensor ?? {}
  if (baud === undefined || mode === undefined) return
  const needed = Math.ceil(leastBaud(mode))
  if (baud >= needed) return
  recipe.addProblem('sensor.baud', `expected at least ${needed}, what mode ${mode} takes, saw ${baud}`)
}

const PERIOD_TICKS = {
  fast: P.MODE_FAST_PERIOD_TICKS,
  balanced: P.MODE_BALANCED_PERIOD_TICKS,
  accurate: P.MODE_ACCURATE_PERIOD_TICKS,
} as const
const TICK_S = 0.5e-6
/** The firmware sends frames of so many samples, or the next number above that the channels divide. */
const FRAME_SAMPLES = 128

/** Bits per second of sample frames that carry one ping report each; protocol/frame.md. */
function leastBaud(mode: keyof typeof PERIOD_TICKS): number {
  const bytes = P.SAMPLE_AT_COUNTS + (FRAME_SAMPLES / 4) * 5 + P.PING_REPORT_BYTES + P.FRAME_CRC_BYTES
  return (bytes * P.UART_BITS_PER_BYTE) / (FRAME_SAMPLES * PERIOD_TICKS[mode] * TICK_S)
}
