import { studentQuantile } from './student.ts'

export interface MeanInterval {
  readonly mean: number
  /** Standard uncertainty of the mean. */
  readonly u: number
  readonly low: number
  readonly high: number
  /** Between passes; undefined with one. */
  readonly sd: number | undefined
}

/** What one pass says: its mean, its own uncertainty, and the part of it that is the same in all passes. */
export interface PassMean {
  readonly mean: number
  readonly u: number
  readonly commonU: number
}

/**
 * 95 % interval of a mean of passes (JCGM 100:2008, G.4). Scatter between passes, s / sqrt(P), is estimated from P - 1 degrees of
 * freedom; what the passes have in common does not show between them and is added with the infinitely many of a stated
 * uncertainty. One pass has only what it states of itself.
 */
export function passInterval(passes: readonly PassMean[]): MeanInterval | undefined {
  const n = passes.length
  if (n === 0) return undefined
  const mean = passes.reduce((sum, pass) => sum + pass.mean, 0) / n
  const commonU = passes.reduce((sum, pass) => sum + pass.commonU, 0) / n
  if (n === 1) {
    const { u } = passes[0] as PassMean
    return around(mean, u, NORMAL_K, undefined)
  }
  const sd = Math.sqrt(passes.reduce((sum, pass) => sum + (pass.mean - mean) ** 2, 0) / (n - 1))
  const ownU = Math.sqrt(passes.reduce((sum, pass) => sum + Math.max(0, pass.u ** 2 - pass.commonU ** 2), 0)) / n
  // a few passes may agree by chance better than any of them knows itself
  const isScatter = sd / Math.sqrt(n) >= ownU
  const betweenU = isScatter ? sd / Math.sqrt(n) : ownU
  const u = Math.hypot(betweenU, commonU)
  const freedom = !isScatter || betweenU === 0 ? Number.POSITIVE_INFINITY : (u / betweenU) ** 4 * (n - 1)
  return around(mean, u, u === 0 ? 0 : studentQuantile(0.975, Math.min(freedom, 1e7)), sd)
}

const NORMAL_K = 1.959964

function around(mean: number, u: number, k: number, sd: number | undefined): MeanInterval {
  return { mean, u, low: mean - k * u, high: mean + k * u, sd }
}
