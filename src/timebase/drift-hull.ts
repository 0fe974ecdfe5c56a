import type { PairLog } from './pair-log.ts'

/**
 * Largest host time at each of `queries` (ascending) that the upper constraints of `order` (ascending in d) allow from both
 * sides of it; Infinity outside them. `sign` -1: the smallest that the lower constraints allow; -Infinity outside.
 *
 * With |g''| <= k the function h(d) = g(d) + k d^2 / 2 is convex, so between two points it lies below their chord: the bound is
 * the lower convex hull of (d_i, v_i + k d_i^2 / 2), less k d^2 / 2. It needs no rate: only a clock that bends no faster than
 * declared. Between points a and b seconds away the chord is late by k a b / 2: 2.5 us for 10 s and 0.05 ppm/s.
 */
export function hullBound(
  pairs: PairLog,
  order: readonly number[],
  queries: Float64Array,
  driftPerS: number,
  sign: 1 | -1,
): Float64Array {
  const bound = new Float64Array(queries.length).fill(sign * Number.POSITIVE_INFINITY)
  const points = order.filter((i) => pairs.isUpper(i) === (sign === 1))
  if (points.length === 0) return bound
  const first = pairs.d(points[0] as number)
  const last = pairs.d(points[points.length - 1] as number)
  // about the middle, less the nominal rate: small numbers keep their nanoseconds
  const centre = (first + last) / 2
  const bend = (d: number): number => (driftPerS * (d - centre) * (d - centre)) / 2
  const hullD = new Float64Array(points.length)
  const hullV = new Float64Array(points.length)
  let size = 0
  for (const i of points) {
    const d = pairs.d(i)
    const v = sign * (pairs.v(i) - d) + bend(d)
    while (size > 0 && isAbove(hullD, hullV, size, d, v)) size--
    if (size > 0 && hullD[size - 1] === d) {
      if ((hullV[size - 1] as number) <= v) continue
      size--
    }
    hullD[size] = d
    hullV[size] = v
    size++
  }
  let edge = 1
  for (let q = 0; q < queries.length; q++) {
    const d = queries[q] as number
    if (d < first || d > last) continue
    while (edge < size - 1 && (hullD[edge] as number) < d) edge++
    bound[q] = d + sign * (chord(hullD, hullV, Math.min(edge, size - 1), d) - bend(d))
  }
  return bound
}

/** The last point of the hull lies on or above the line from the one before it to (d, v). */
function isAbove(hullD: Float64Array, hullV: Float64Array, size: number, d: number, v: number): boolean {
  const [d1, v1] = [hullD[size - 1] as number, hullV[size - 1] as number]
  if (d1 === d) return v1 >= v
  if (size < 2) return false
  const [d0, v0] = [hullD[size - 2] as number, hullV[size - 2] as number]
  return (d1 - d0) * (v - v0) - (v1 - v0) * (d - d0) <= 0
}

function chord(hullD: Float64Array, hullV: Float64Array, edge: number, d: number): number {
  if (edge === 0) return hullV[0] as number
  const [d0, d1] = [hullD[edge - 1] as number, hullD[edge] as number]
  const [v0, v1] = [hullV[edge - 1] as number, hullV[edge] as number]
  return v0 + ((v1 - v0) * (d - d0)) / (d1 - d0)
}
