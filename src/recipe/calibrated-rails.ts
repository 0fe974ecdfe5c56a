import type { CalibrationEntry, CalibrationRecord } from '../calibration/record.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { ChannelRecipe, RailRecipe, Recipe } from './recipe.ts'

/** The rails with scale and zero from where the recipe says: its own, or the record in the EEPROM of the board. */
export function calibratedRails(
  { sensor, rails }: Pick<Recipe, 'sensor' | 'rails'>,
  record: CalibrationRecord,
): readonly RailRecipe[] {
  if (sensor.calibration === 'recipe') return rails
  return rails.map(({ name, current, voltage }) => ({
    name,
    current: calibrated(current, 'current', record),
    voltage: voltage.kind === 'nominal' ? voltage : calibrated(voltage, 'voltage', record),
  }))
}

function calibrated(channel: ChannelRecipe, kind: CalibrationEntry['kind'], record: CalibrationRecord): ChannelRecipe {
  const entry = record.entries[channel.input]
  if (entry?.kind === kind) {
    const { scale, scaleURel, zeroCounts, zeroUCounts } = entry
    return { ...channel, scale, scaleURel, zeroCounts, zeroUCounts }
  }
  throw new JoulespanError(
    'device-foreign',
    `calibration record of ${record.serial || 'the board'}: expected a ${kind} channel on input ${channel.input}, saw ${entry?.kind ?? 'an unused one'}`,
    { hint: 'change the inputs of the recipe, or calibrate the board as it is wired' },
  )
}
