import { cholesky, solve } from './symmetric.ts'

/**
 * Least x >= 0 of x' A x / 2 - b' x: non-negative least squares on normal equations, by the active set of C. L. Lawson and
 * R. J. Hanson, "Solving Least Squares Problems", 1974, chapter 23, begun from the free solution. `free` may be negative.
 */
export function nonNegative(a: Float64Array, b: Float64Array, n: number, free: ReadonlySet<number>): Float64Array {
  const passive = new Set(Array.from({ length: n }, (_, i) => i))
  const x = new Float64Array(n)
  // every turn moves at least one unknown; the cap only guards against cycling by rounding
  for (let turn = 0; turn < 4 * n + 10; turn++) {
    if (!solveOn(a, b, n, passive, x)) return x
    const negative = [...passive].filter((i) => (x[i] as number) < 0 && !free.has(i))
    if (negative.length > 0) {
      for (const i of negative) {
        passive.delete(i)
        x[i] = 0
      }
      continue
    }
    const next = steepest(a, b, n, passive, x)
    if (next === undefined) return x
    passive.add(next)
    // it would turn negative at once: rounding; the solution without it stands
    const before = x.slice()
    if (!solveOn(a, b, n, passive, x) || (x[next] as number) < 0) return before
  }
  return x.map((value, i) => (free.has(i) ? value : Math.max(0, value)))
}

function solveOn(a: Float64Array, b: Float64Array, n: number, passive: ReadonlySet<number>, x: Float64Array): boolean {
  const use = [...passive].sort((i, j) => i - j)
  const factor = cholesky(a, n, use)
  if (factor === undefined) return false
  const part = solve(
    factor,
    use.length,
    Float64Array.from(use, (i) => b[i] as number),
  )
  x.fill(0)
  use.forEach((i, k) => {
    x[i] = part[k] as number
  })
  return true
}

/** The unknown at zero whose growth would lower the sum of squares fastest; undefined at the optimum. */
function steepest(
  a: Float64Array,
  b: Float64Array,
  n: number,
  passive: ReadonlySet<number>,
  x: Float64Array,
): number | undefined {
  let best: number | undefined
  let most = 0
  for (let i = 0; i < n; i++) {
    if (passive.has(i)) continue
    let gradient = b[i] as number
    for (let j = 0; j < n; j++) gradient -= (a[i * n + j] as number) * (x[j] as number)
    const gain = gradient / Math.sqrt(a[i * n + i] as number)
    if (gain > 1e-9 * Math.abs(b[i] as number) && gain > most) {
      most = gain
      best = i
    }
  }
  return best
}
