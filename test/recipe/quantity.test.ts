import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DIMENSIONS, type Dimension, parseQuantity, quantityPattern } from '../../src/recipe/quantity.ts'
import { seededRandom } from '../../src/units/random.ts'

test('quantities are read in the unit asked for, without a rounding beside the decimal', () => {
  const table: [string, Dimension, string, number][] = [
    ['12 V', 'voltage', 'V', 12],
    ['12V', 'voltage', 'V', 12],
    ['3300 mV', 'voltage', 'V', 3.3],
    ['0.3 %', 'ratio', '1', 0.003],
    ['1500 ppm', 'ratio', '1', 0.0015],
    ['0.07 %', 'ratio', 'ppm', 700],
    ['80 us', 'time', 'ns', 80_000],
    ['80 us', 'time', 's', 80e-6],
    ['33.3 ms', 'time', 'ms', 33.3],
    ['1 h', 'time', 'ms', 3_600_000],
    ['1.5 min', 'time', 's', 90],
    ['7 µs', 'time', 'us', 7],
    ['40 /s', 'rate', '/s', 40],
    ['2 kHz', 'frequency', 'Hz', 2000],
    ['1e3 Hz', 'frequency', 'Hz', 1000],
    ['1.5e-1 W', 'power', 'W', 0.15],
    ['-800 ppm', 'ratio', 'ppm', -800],
    ['185 mV/A', 'sensitivity', 'V/A', 0.185],
    ['4 mW/K', 'leakage', 'W/K', 0.004],
  ]
  for (const [text, dimension, unit, value] of table) assert.is(parseQuantity(text, dimension, unit), value, text)
})

test('what is no quantity of the dimension is not read', () => {
  const table: [string, Dimension][] = [
    ['12', 'voltage'],
    ['V', 'voltage'],
    ['12 W', 'voltage'],
    ['12 v', 'voltage'],
    ['12  V', 'voltage'],
    ['12 V ', 'voltage'],
    [' 12 V', 'voltage'],
    ['12 V 3', 'voltage'],
    ['1,5 V', 'voltage'],
    ['.5 V', 'voltage'],
    ['+5 V', 'voltage'],
    ['1e V', 'voltage'],
    ['0x10 V', 'voltage'],
    ['Infinity V', 'voltage'],
    ['5 toString', 'time'],
    ['', 'time'],
  ]
  for (const [text, dimension] of table) assert.is(parseQuantity(text, dimension, unitOf(dimension)), undefined, text)
})

test('the pattern of editors accepts exactly what is read', () => {
  const random = seededRandom(5)
  const pieces = [
    '1',
    '20',
    '0.3',
    '.',
    'e3',
    'E-2',
    ' ',
    ' ',
    '-',
    '%',
    ...Object.values(DIMENSIONS).flatMap((d) => Object.keys(d.units)),
  ]
  let accepted = 0
  for (let i = 0; i < 20_000; i++) {
    const dimension = pick(Object.keys(DIMENSIONS) as Dimension[], random)
    const text = i % 2 === 0 ? garbled(pieces, random) : nearlySound(dimension, random)
    const isRead = parseQuantity(text, dimension, unitOf(dimension)) !== undefined
    assert.is(new RegExp(quantityPattern(dimension, true), 'u').test(text), isRead, `${dimension} "${text}"`)
    if (isRead) accepted++
  }
  assert.ok(accepted > 200, `only ${accepted} quantities among the texts`)
})

function garbled(pieces: readonly string[], random: () => number): string {
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(pieces, random)).join('')
}

/** A quantity of the dimension, in most cases without one of its characters. */
function nearlySound(dimension: Dimension, random: () => number): string {
  const number = pick(['1', '20', '0.3', '-4', '1e3', '2.5E-2'], random)
  const text = `${number}${pick([' ', ''], random)}${pick(Object.keys(DIMENSIONS[dimension].units), random)}`
  const at = Math.floor(random() * (text.length + 2))
  return text.slice(0, at) + text.slice(at + 1)
}

function unitOf(dimension: Dimension): string {
  return Object.keys(DIMENSIONS[dimension].units)[0] as string
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T
}

test.run()
