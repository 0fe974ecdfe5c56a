import { type CalibrationEntry, encodeCalibrationRecord } from '../calibration/record.ts'
import * as P from '../protocol/constants.ts'
import type { ChannelRecipe, Recipe } from './recipe.ts'

/** Of the ATmega328P. */
const EEPROM_BYTES = 1024
const ERASED = 0xff
/** A virtual board was calibrated once and for all. */
const CALIBRATED_ON = 20260101

/**
 * The EEPROM of the virtual board: never booted, with the record its lab wrote. Scale and zero are nominal; how far the board
 * strays from them within their uncertainty only the emulator knows.
 */
export function eepromOf(recipe: Recipe): Uint8Array {
  const entries: (CalibrationEntry | undefined)[] = new Array(P.CALIBRATION_CHANNELS).fill(undefined)
  for (const { current, voltage } of recipe.rails) {
    entries[current.input] = entryOf('current', current)
    if (voltage.kind === 'channel') entries[voltage.input] = entryOf('voltage', voltage)
  }
  const serial = `V-${recipe.testbed?.board.seed ?? 0}`
  const eeprom = new Uint8Array(EEPROM_BYTES).fill(ERASED)
  eeprom.set([0, 0], P.EEPROM_AT_BOOT_ID)
  eeprom.set(encodeCalibrationRecord({ date: CALIBRATED_ON, serial, entries }), P.EEPROM_AT_CALIBRATION)
  return eeprom
}

function entryOf(kind: CalibrationEntry['kind'], channel: ChannelRecipe): CalibrationEntry {
  const { scale, scaleURel, zeroCounts, zeroUCounts } = channel
  return { kind, scale, scaleURel, zeroCounts, zeroUCounts }
}
