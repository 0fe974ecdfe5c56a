import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CalibrationEntry, CalibrationRecord } from '../../src/calibration/record.ts'
import type { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { calibratedRails } from '../../src/recipe/calibrated-rails.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { changed, SAMPLE_RECIPE } from './sample-recipe.ts'

const RECIPE = resolveRecipe(SAMPLE_RECIPE, 'x.yaml')

test("the device's record decides scale and zero, the recipe delay and filter", () => {
  const rails = calibratedRails(RECIPE, recordOf(['current', 'voltage', 'current']))
  assert.equal(rails[1]?.current, { ...RECIPE.rails[1]?.current, ...figures(2) })
  assert.equal(rails[0]?.voltage, { ...RECIPE.rails[0]?.voltage, ...figures(1) })
  assert.equal(rails[1]?.voltage, RECIPE.rails[1]?.voltage)
  assert.is(rails[1]?.current.delayNs, 79_577)
})

test('a recipe that calibrates by itself ignores the record', () => {
  const recipe = resolveRecipe(changed('mode: balanced', 'calibration: recipe'), 'x.yaml')
  assert.equal(calibratedRails(recipe, recordOf(['voltage', 'voltage', 'voltage'])), recipe.rails)
})

test('a board that was calibrated otherwise is foreign', () => {
  assert.equal(refusal(recordOf(['current', 'current', 'current'])), [
    'device-foreign',
    'calibration record of JS-1: expected a voltage channel on input 1, saw current',
  ])
  assert.equal(refusal(recordOf(['current', 'voltage', undefined])), [
    'device-foreign',
    'calibration record of JS-1: expected a current channel on input 2, saw an unused one',
  ])
})

function refusal(record: CalibrationRecord): string[] {
  try {
    calibratedRails(RECIPE, record)
    return []
  } catch (error) {
    return [(error as JoulespanError).code, (error as JoulespanError).message]
  }
}

function recordOf(kinds: (CalibrationEntry['kind'] | undefined)[]): CalibrationRecord {
  const entries = kinds.map((kind, input) => (kind === undefined ? undefined : { kind, ...figures(input) }))
  return { date: 20261123, serial: 'JS-1', entries: [...entries, ...new Array(8 - kinds.length).fill(undefined)] }
}

function figures(input: number): Omit<CalibrationEntry, 'kind'> {
  return { scale: 0.03 + input / 1000, scaleURel: 0.004, zeroCounts: 509 + input, zeroUCounts: 0.25 }
}

test.run()
