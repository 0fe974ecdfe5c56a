import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { componentsOf } from '../../src/energy/identifiability.ts'
import { nonNegative } from '../../src/energy/non-negative.ts'
import { bilinear, cholesky, eigenvalues, inverse, sandwich, solve } from '../../src/energy/symmetric.ts'
import { seededRandom } from '../../src/units/random.ts'

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test('a factor solves, inverts and refuses what is not positive definite', () => {
  const random = seededRandom(3)
  for (let n = 1; n <= 9; n++) {
    const a = positive(n, random)
    const factor = cholesky(a, n, indices(n)) as Float64Array
    const x = Float64Array.from({ length: n }, random)
    const right = new Float64Array(n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) right[i] = at(right, i) + at(a, i * n + j) * at(x, j)
    solve(factor, n, right).forEach((value, i) => {
      near(value, at(x, i), 1e-9)
    })
    const identity = sandwich(inverse(factor, n), a, n)
    inverse(factor, n).forEach((value, i) => {
      near(at(identity, i), value, 1e-8 * Math.max(1, Math.abs(value)))
    })
    const trace = indices(n).reduce((sum, i) => sum + at(a, i * n + i), 0)
    near(
      eigenvalues(a, n).reduce((sum, value) => sum + value, 0),
      trace,
      1e-9 * trace,
    )
  }
  assert.is(cholesky(Float64Array.of(1, 1, 1, 1), 2, [0, 1]), undefined)
})

test('the largest eigenvalue is the most a unit vector can stretch', () => {
  const a = Float64Array.of(2, 1, 0, 1, 3, 1, 0, 1, 4)
  const largest = Math.max(...eigenvalues(a, 3))
  const random = seededRandom(5)
  for (let round = 0; round < 200; round++) {
    const x = Float64Array.from({ length: 3 }, () => random() - 0.5)
    const length2 = x.reduce((sum, value) => sum + value * value, 0)
    assert.ok(bilinear(a, 3, x, x) <= largest * length2 * (1 + 1e-9))
  }
  near(largest, 4.732050807568877, 1e-9)
})

test('property: non-negative least squares keeps the conditions of an optimum', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 200; round++) {
    const n = 1 + Math.floor(random() * 8)
    const a = positive(n, random)
    const b = Float64Array.from({ length: n }, () => random() * 2 - 1)
    const free = new Set(random() < 0.5 ? [0] : [])
    const x = nonNegative(a, b, n, free)
    for (let i = 0; i < n; i++) {
      let gradient = at(b, i)
      for (let j = 0; j < n; j++) gradient -= at(a, i * n + j) * at(x, j)
      if (free.has(i)) near(gradient, 0, 1e-7)
      else {
        assert.ok(at(x, i) >= 0)
        if (at(x, i) > 0) near(gradient, 0, 1e-7)
        else assert.ok(gradient <= 1e-7, `gradient ${gradient} at the bound`)
      }
    }
  }
})

test('two columns: the variance inflation factor is 1 / (1 - r^2), and they are merged when it is too large', () => {
  const both = (together: number): Float64Array => Float64Array.of(2, together, together, 2)
  const apart = componentsOf([0, 1], both(1), 2, 4)[0]
  // means 1/2, variances 1/4, covariance 1/4 - 1/4
  near(apart?.vif[0], 1, 1e-9)
  const r = (1.8 / 4 - 0.25) / 0.25
  const close = componentsOf([0, 1], both(1.8), 2, 4)[0]
  near(close?.vif[0], 1 / (1 - r * r), 1e-9)
  assert.equal(close?.members, [[0], [1]])
  assert.equal(componentsOf([0, 1], both(1.95), 2, 4)[0]?.members, [[0, 1]])
})

test('columns that never meet are components of their own; of three in lock-step none is left alone', () => {
  assert.equal(
    componentsOf([0, 1, 2], Float64Array.of(1, 0.3, 0, 0.3, 1, 0, 0, 0, 1), 3, 4).map(({ members }) => members),
    [[[0], [1]], [[2]]],
  )
  const together = new Float64Array(16).fill(1)
  together.set([0, 0, 0, 0], 12)
  for (let i = 0; i < 3; i++) together[i * 4 + 3] = 0.5
  for (let i = 0; i < 3; i++) together[12 + i] = 0.5
  together[15] = 1
  assert.equal(componentsOf([0, 1, 2, 3], together, 4, 4)[0]?.members, [[0, 1, 2], [3]])
})

function positive(n: number, random: () => number): Float64Array {
  const root = Float64Array.from({ length: n * n }, () => random() * 2 - 1)
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 0.3 : 0
      for (let k = 0; k < n; k++) sum += at(root, i * n + k) * at(root, j * n + k)
      a[i * n + j] = sum
    }
  return a
}

function at(values: Float64Array, i: number): number {
  return values[i] as number
}

function near(actual: number | undefined, expected: number, most: number): void {
  const off = Math.abs((actual ?? Number.NaN) - expected)
  assert.ok(off <= most, `expected ${expected}, saw ${actual}`)
}

test.run()
