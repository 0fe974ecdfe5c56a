import { cholesky, eigenvalues, inverse } from './symmetric.ts'

/** A connected group of columns, with those merged that cannot be told apart. */
export interface Component {
  /** Each member is a set of columns of which the sum is known; most have one. */
  readonly members: readonly (readonly number[])[]
  /** Variance inflation factor by member. */
  readonly vif: readonly number[]
  /** Condition number of the correlation matrix (square root of the ratio of its extreme eigenvalues). */
  readonly condition: number
}

export const MOST_VIF = 5
export const MOST_CONDITION = 10

/**
 * Which of `columns` can be told apart from when they were active: variance inflation factors and condition number of D. A.
 * Belsley, E. Kuh and R. E. Welsch, "Regression Diagnostics", 1980, chapter 3. While they are too large the two most correlated
 * are merged.
 *
 * `bothS`: time in which two columns were active, `count` x `count`; `totalS`: all time that bears on the powers.
 */
export function componentsOf(
  columns: readonly number[],
  bothS: Float64Array,
  count: number,
  totalS: number,
): Component[] {
  const both = (i: number, j: number): number => bothS[i * count + j] as number
  return connected(columns, (i, j) => both(i, j) > 0).map((component) => {
    const covariance = (a: readonly number[], b: readonly number[]): number => {
      let sum = 0
      for (const i of a) for (const j of b) sum += both(i, j) / totalS - (both(i, i) / totalS) * (both(j, j) / totalS)
      return sum
    }
    let members: (readonly number[])[] = component.map((column) => [column])
    for (;;) {
      const correlation = correlationOf(members, covariance)
      const { vif, condition } = collinearity(correlation, members.length)
      if (members.length === 1 || (Math.max(...vif) < MOST_VIF && condition < MOST_CONDITION))
        return { members, vif, condition }
      members = mergeMostCorrelated(members, correlation)
    }
  })
}

function connected(columns: readonly number[], areLinked: (i: number, j: number) => boolean): number[][] {
  const left = new Set(columns)
  const components: number[][] = []
  for (const start of columns) {
    if (!left.delete(start)) continue
    const component = [start]
    for (let at = 0; at < component.length; at++)
      for (const other of left)
        if (areLinked(component[at] as number, other)) {
          left.delete(other)
          component.push(other)
        }
    components.push(component.sort((a, b) => a - b))
  }
  return components
}

function correlationOf(
  members: readonly (readonly number[])[],
  covariance: (a: readonly number[], b: readonly number[]) => number,
): Float64Array {
  const n = members.length
  const spread = members.map((m) => Math.sqrt(Math.max(covariance(m, m), 1e-300)))
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      out[i * n + j] =
        i === j
          ? 1
          : covariance(members[i] as number[], members[j] as number[]) / ((spread[i] as number) * (spread[j] as number))
  return out
}

function collinearity(correlation: Float64Array, n: number): { vif: number[]; condition: number } {
  const factor = cholesky(
    correlation,
    n,
    Array.from({ length: n }, (_, i) => i),
  )
  if (factor === undefined)
    return { vif: new Array(n).fill(Number.POSITIVE_INFINITY), condition: Number.POSITIVE_INFINITY }
  const inverted = inverse(factor, n)
  const values = eigenvalues(correlation, n)
  const condition = Math.sqrt(Math.max(...values) / Math.max(Math.min(...values), 1e-15))
  return { vif: Array.from({ length: n }, (_, i) => inverted[i * n + i] as number), condition }
}

function mergeMostCorrelated(
  members: readonly (readonly number[])[],
  correlation: Float64Array,
): (readonly number[])[] {
  const n = members.length
  let [first, second, most] = [0, 1, -1]
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++)
      if (Math.abs(correlation[i * n + j] as number) > most) {
        most = Math.abs(correlation[i * n + j] as number)
        first = i
        second = j
      }
  const merged = [...(members[first] as number[]), ...(members[second] as number[])].sort((a, b) => a - b)
  return [...members.slice(0, first), merged, ...members.slice(first + 1, second), ...members.slice(second + 1)]
}
