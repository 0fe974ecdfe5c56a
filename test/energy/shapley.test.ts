import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { shapleyW } from '../../src/energy/shapley.ts'
import type { StateSums } from '../../src/energy/state-table.ts'

test('powers that add up get themselves', () => {
  const power = [0.5, 1, 2]
  const value = shapleyW([0, 1, 2], 0, (columns) => state(columns.reduce((sum, i) => sum + (power[i] as number), 0)))
  value?.watts.forEach((watts, i) => {
    near(watts, power[i] as number)
  })
  value?.spreadW.forEach((spread) => {
    near(spread, 0)
  })
})

test('the glove game: two lefts and a right share 1/6, 1/6 and 4/6', () => {
  const value = shapleyW([0, 1, 2], 0, (columns) => state(columns.includes(2) && columns.length > 1 ? 1 : 0))
  assert.equal(
    value?.watts.map((watts) => watts.toFixed(9)),
    [1 / 6, 1 / 6, 4 / 6].map((share) => share.toFixed(9)),
  )
})

test('a rail that loses 0.2 W for each more: values add up to the whole', () => {
  const value = shapleyW([0, 1, 2, 3], 0, (columns) => state(columns.length - 0.2 * (columns.length - 1)))
  near(value?.watts.reduce((sum, watts) => sum + watts, 0) ?? 0, 3.4)
  value?.spreadW.forEach((spread) => {
    near(spread, 0.2)
  })
})

test('without one of the subsets there is no value', () => {
  assert.is(
    shapleyW([0, 1], 0, (columns) => (columns.length === 1 && columns[0] === 1 ? undefined : state(1))),
    undefined,
  )
})

function state(watts: number): StateSums {
  const one = (value: number): Float64Array => Float64Array.of(value)
  const none = { residualJ: one(0), residualJ2: one(0), residualJS: one(0) }
  return { columns: [], visits: 100, seconds: 2, squareS2: 0.04, energyJ: one(2 * watts), ...none }
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `expected ${expected}, saw ${actual}`)
}

test.run()
