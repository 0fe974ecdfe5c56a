import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeCalibrationRecord } from '../../src/calibration/record.ts'
import * as P from '../../src/protocol/constants.ts'
import { eepromOf } from '../../src/recipe/eeprom.ts'
import type { ChannelRecipe, RailRecipe, Recipe } from '../../src/recipe/recipe.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { changed, SAMPLE_RECIPE } from './sample-recipe.ts'

interface Board {
  seed: number
  clock: Record<string, number | null>
  adc: { noise_lsb: number[] }
  supply: { vcc_v: number; vcc_u_rel: number }
  rails: { name: string; volts: number; volts_u_rel: number; base_w: number; device_share: number }[]
  channels: {
    input: number
    kind: string
    rail: number
    scale_v_per_unit: number
    gain_u_rel: number
    zero_v: number
    zero_u_v: number
    noise_v: number
    bandwidth_hz: number
    ratiometric: boolean
  }[]
  devices: { lag_us: number[]; thermal: Record<string, number> }
}

test('the board wires every channel of the recipe to its rail', () => {
  const { channels, rails, seed } = boardOf(SAMPLE_RECIPE)
  assert.is(seed, 7)
  assert.equal(
    channels.map(({ input, kind, rail, ratiometric }) => [input, kind, rail, ratiometric]),
    [
      [0, 'current', 0, true],
      [1, 'voltage', 0, false],
      [2, 'current', 1, true],
    ],
  )
  assert.equal(
    rails.map(({ name, volts, volts_u_rel }) => [name, volts, volts_u_rel]),
    [
      ['v12', 12, 0.03],
      ['v3_3', 3.3, 0.03],
    ],
  )
})

test('what the host is told of a channel is what the board strays by', () => {
  const recipe = resolve(SAMPLE_RECIPE)
  const { channels, supply } = boardOf(SAMPLE_RECIPE)
  const told = [recipe.rails[0]?.current, recipe.rails[0]?.voltage, recipe.rails[1]?.current] as ChannelRecipe[]
  for (const [i, channel] of told.entries()) {
    const drawn = channels[i] as Board['channels'][number]
    // the reference moves the counts of a divider, but not those of a ratiometric sensor
    const reference = drawn.ratiometric ? 0 : supply.vcc_u_rel
    near(channel.scaleURel, Math.hypot(drawn.gain_u_rel, reference))
    near(channel.scale, 5 / 1024 / drawn.scale_v_per_unit)
    near(channel.zeroCounts, (drawn.zero_v / 5) * 1024 - 0.5)
    near(channel.zeroUCounts, (drawn.zero_u_v / 5) * 1024)
    near(channel.timeConstantNs, 1e9 / (2 * Math.PI * drawn.bandwidth_hz), 1)
  }
})

test('what one rail leaves of the devices the others feed', () => {
  assert.equal(
    boardOf(SAMPLE_RECIPE).rails.map((rail) => +rail.device_share.toFixed(12)),
    [0.8, 0.2],
  )
  const unsaid = boardOf(changed('    v12: { device_share: 80 % }', '    v12: { base: 1.5 W }'))
  assert.equal(
    unsaid.rails.map((rail) => [rail.base_w, rail.device_share]),
    [
      [1.5, 0.5],
      [2, 0.5],
    ],
  )
})

test('the noise of a current sensor grows with its bandwidth until the recipe says otherwise', () => {
  near(boardOf(SAMPLE_RECIPE).channels[2]?.noise_v ?? 0, 0.0035)
  near(boardOf(changed('bandwidth: 2 kHz', 'bandwidth: 8 kHz')).channels[2]?.noise_v ?? 0, 0.007)
  const told = boardOf(changed('seed: 7', 'seed: 7\n  noise: { current: 2 mV, converter: { fast: 1 counts } }'))
  assert.is(told.channels[2]?.noise_v, 0.002)
  assert.equal(told.adc.noise_lsb, [1, 0.3, 0.15])
})

test('a crystal strays less than a resonator, and a fixed offset is not drawn', () => {
  const { clock } = boardOf(SAMPLE_RECIPE)
  assert.equal([clock.ppm_sd, clock.ppm, clock.warmup_ppm, clock.sine_ppm], [1500, null, 60, 3])
  const crystal = boardOf(changed('mode: balanced', 'oscillator: crystal')).clock
  assert.equal([crystal.ppm_sd, crystal.warmup_ppm, crystal.sine_ppm], [30, 2, 0.2])
  assert.is(boardOf(changed('seed: 7', 'seed: 7\n  clock: { offset: -0.08 % }')).clock.ppm, -800)
})

test("the board's EEPROM was never booted and holds the record of its lab", () => {
  const recipe = resolve(SAMPLE_RECIPE)
  const eeprom = eepromOf(recipe)
  assert.is(eeprom.length, 1024)
  assert.equal([eeprom[0], eeprom[1]], [0, 0])
  const record = decodeCalibrationRecord(eeprom.subarray(16, 16 + P.CALIBRATION_BYTES))
  assert.is(record.serial, 'V-7')
  assert.equal(
    record.entries.map((entry) => entry?.kind),
    ['current', 'voltage', 'current', undefined, undefined, undefined, undefined, undefined],
  )
  const [{ current }] = recipe.rails as [RailRecipe]
  const { scale, scaleURel, zeroCounts, zeroUCounts } = current
  assert.equal(record.entries[0], {
    kind: 'current',
    scale: Math.fround(scale),
    scaleURel: Math.fround(scaleURel),
    zeroCounts,
    zeroUCounts: Math.fround(zeroUCounts),
  })
  const erased = eeprom.filter((byte, at) => byte === 0xff && !(at >= 16 && at < 16 + P.CALIBRATION_BYTES))
  assert.is(erased.length, 1024 - 2 - P.CALIBRATION_BYTES)
})

test('boards of different seeds have different serial numbers', () => {
  const serialOf = (seed: string): string => {
    const eeprom = eepromOf(resolve(changed('seed: 7', `seed: ${seed}`)))
    return decodeCalibrationRecord(eeprom.subarray(16, 16 + P.CALIBRATION_BYTES)).serial
  }
  assert.equal([serialOf('0'), serialOf('4294967295')], ['V-0', 'V-4294967295'])
})

function near(actual: number, expected: number, within = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= within, `expected ${expected} within ${within}, saw ${actual}`)
}

function boardOf(text: string): Board {
  return resolve(text).testbed?.board as unknown as Board
}

function resolve(text: string): Recipe {
  return resolveRecipe(text, 'x.yaml')
}

test.run()
