import { normalShare } from './student.ts'

export interface RankTest {
  /** Two-sided. */
  readonly p: number
  readonly isExact: boolean
}

const EXACT_SIDE_MAX = 20
const EXACT_PAIRS_MAX = 25

/** H. B. Mann, D. R. Whitney, Annals of Mathematical Statistics 18 (1947): whether values of one side tend to be larger. */
export function rankSumTest(a: readonly number[], b: readonly number[]): RankTest | undefined {
  const [n, m] = [a.length, b.length]
  if (n === 0 || m === 0) return undefined
  const { ranks, tieCubes } = ranksOf([...a, ...b])
  const u = ranks.slice(0, n).reduce((sum, rank) => sum + rank, 0) - (n * (n + 1)) / 2
  if (tieCubes === 0 && n <= EXACT_SIDE_MAX && m <= EXACT_SIDE_MAX) return exactly(u, rankSumCounts(n, m))
  const all = n + m
  const variance = ((n * m) / 12) * (all + 1 - tieCubes / (all * (all - 1)))
  return normally(u, (n * m) / 2, variance)
}

/** F. Wilcoxon, Biometrics Bulletin 1 (1945): whether paired differences tend to one side; pairs without difference are left out. */
export function signedRankTest(differences: readonly number[]): RankTest | undefined {
  const own = differences.filter((difference) => difference !== 0)
  const n = own.length
  if (n === 0) return undefined
  const { ranks, tieCubes } = ranksOf(own.map(Math.abs))
  const w = own.reduce((sum, difference, i) => sum + (difference > 0 ? (ranks[i] as number) : 0), 0)
  if (tieCubes === 0 && n <= EXACT_PAIRS_MAX) return exactly(w, signedRankCounts(n))
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieCubes / 48
  return normally(w, (n * (n + 1)) / 4, variance)
}

/** Ranks from 1, ties share their mean; `tieCubes` is the sum of t^3 - t over groups of t equal values. */
function ranksOf(values: readonly number[]): { ranks: Float64Array; tieCubes: number } {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number))
  const ranks = new Float64Array(values.length)
  let tieCubes = 0
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++
    for (let k = from; k < to; k++) ranks[order[k] as number] = (from + 1 + to) / 2
    tieCubes += (to - from) ** 3 - (to - from)
    from = to
  }
  return { ranks, tieCubes }
}

/** How many arrangements give each value of the statistic; symmetric about its middle. */
function exactly(statistic: number, counts: Float64Array): RankTest {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const low = Math.min(statistic, counts.length - 1 - statistic)
  let tail = 0
  for (let k = 0; k <= low; k++) tail += counts[k] as number
  return { p: Math.min(1, (2 * tail) / total), isExact: true }
}

/** Coefficients of the Gaussian binomial (n + m over n): product of (1 - q^(m+i)) / (1 - q^i). */
function rankSumCounts(n: number, m: number): Float64Array {
  const counts = new Float64Array(n * m + 1)
  counts[0] = 1
  for (let i = 1; i <= n; i++) {
    for (let k = counts.length - 1; k >= m + i; k--) counts[k] = (counts[k] as number) - (counts[k - m - i] as number)
    for (let k = i; k < counts.length; k++) counts[k] = (counts[k] as number) + (counts[k - i] as number)
  }
  return counts
}

/** Coefficients of the product of (1 + q^i). */
function signedRankCounts(n: number): Float64Array {
  const counts = new Float64Array((n * (n + 1)) / 2 + 1)
  counts[0] = 1
  for (let i = 1; i <= n; i++)
    for (let k = counts.length - 1; k >= i; k--) counts[k] = (counts[k] as number) + (counts[k - i] as number)
  return counts
}

/** With half a step of continuity. */
function normally(statistic: number, mean: number, variance: number): RankTest {
  if (variance <= 0) return { p: 1, isExact: false }
  const z = Math.max(0, Math.abs(statistic - mean) - 0.5) / Math.sqrt(variance)
  return { p: Math.min(1, 2 * (1 - normalShare(z))), isExact: false }
}
