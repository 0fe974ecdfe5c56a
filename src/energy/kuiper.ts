export interface Uniformity {
  /** Kuiper's V: how far the distribution of the phases is from an even one, both ways together; 0 to 1. */
  readonly v: number
  /** Chance of a V as large or larger when the phases are even. */
  readonly p: number
  readonly count: number
}

/**
 * Are phases in [0, 1) spread evenly over the circle? N. H. Kuiper, "Tests concerning random points on a circle", Proc. Kon.
 * Ned. Akad. v. Wet. A 63 (1960); the probability by its series, with M. A. Stephens' factor for finite counts ("Use of the
 * Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive tables", J. Roy. Stat. Soc. B 32, 1970).
 */
export function kuiperTest(phases: Float64Array): Uniformity {
  const sorted = phases.slice().sort()
  const n = sorted.length
  if (n === 0) return { v: 0, p: 1, count: 0 }
  let above = 0
  let below = 0
  for (let i = 0; i < n; i++) {
    above = Math.max(above, (i + 1) / n - (sorted[i] as number))
    below = Math.max(below, (sorted[i] as number) - i / n)
  }
  const v = above + below
  return { v, p: tail((Math.sqrt(n) + 0.155 + 0.24 / Math.sqrt(n)) * v), count: n }
}

/** 2 sum (4 j^2 x^2 - 1) exp(-2 j^2 x^2): below 0.4 it is 1 to more digits than a double has. */
function tail(x: number): number {
  if (x < 0.4) return 1
  let sum = 0
  for (let j = 1; j <= 100; j++) {
    const a = 2 * j * j * x * x
    const term = (2 * a - 1) * Math.exp(-a)
    sum += term
    if (Math.abs(term) < 1e-17) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}
