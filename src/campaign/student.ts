/** Quantile of Student's t, 0.5 < share < 1; degrees of freedom need not be whole. By bisection of the distribution. */
export function studentQuantile(share: number, freedom: number): number {
  if (!(freedom > 0)) return Number.POSITIVE_INFINITY
  if (freedom > 1e7) return studentQuantile(share, 1e7)
  let low = 0
  let high = 1
  while (studentShare(high, freedom) < share) high *= 2
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (studentShare(middle, freedom) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(T <= t), t >= 0: 1 - I_{v/(v+t^2)}(v/2, 1/2)/2 (Abramowitz and Stegun 26.7.1, 26.5.27). */
export function studentShare(t: number, freedom: number): number {
  const tail = betaShare(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
  return t >= 0 ? 1 - tail : tail
}

/** Standard normal distribution: the limit of many degrees of freedom. */
export function normalShare(z: number): number {
  return studentShare(z, 1e7)
}

/** Regularised incomplete beta function by its continued fraction (Abramowitz and Stegun 26.5.8), Lentz's method. */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny)
  let h = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d, tiny)
    c = nonZero(1 + even / c, tiny)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d, tiny)
    c = nonZero(1 + odd / c, tiny)
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-14) break
  }
  return h
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value
}

/** Stirling's series (Abramowitz and Stegun 6.1.41), small arguments by recurrence. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x)
  const y = 1 / (x * x)
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series
}
