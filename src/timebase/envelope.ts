/** What is declared about the device's oscillator; see docs/timebase.md. */
export interface Oscillator {
  /** Largest change of the rate, per second: 5e-8 for a crystal, 2e-6 for a ceramic resonator. */
  readonly driftPerS: number
  /** How much history the rate is certified from, s. The best choice is near sqrt(half-gap / drift). */
  readonly windowS: number
}

export const OSCILLATORS = {
  crystal: { driftPerS: 5e-8, windowS: 60 },
  resonator: { driftPerS: 2e-6, windowS: 16 },
} as const satisfies Record<string, Oscillator>

/** Largest relative rate error assumed before the rate has been certified; a resonator is within 0.5 %. */
const BOOT_RATE_ERROR = 1e-2
const RATE_ERROR_FLOOR = 5e-7
/** Rate error assumed after a contradiction: the clock stepped, its rate is still about what it was. */
const STEP_RATE_ERROR = 20e-6
const BUCKET_S = 1
const FIRST_BUCKET_S = 0.25
const FIRST_BUCKETS_FOR_S = 8

/**
 * Certified two-sided envelope of host time over device time, online in O(1) memory.
 *
 * A frame stamped by the device at d and read by the host at v says host(d) <= v, a ping written at v and seen at d says
 * host(d) >= v. Both kinds are carried along with the certified rate interval, so that lower(d) <= host(d) <= upper(d)
 * always: late stamps only loosen it, there is no outlier to reject. The middle is the estimate, half the width its bound.
 *
 * Device time d: seconds of the nominal timer; host time v: seconds. Rate: host seconds per device second.
 */
export class Envelope {
  rate = 1
  rateError = BOOT_RATE_ERROR
  /** How often upper < lower: the device's clock stepped, or a declared limit is wrong. */
  contradictions = 0
  #upper = Number.POSITIVE_INFINITY
  #lower = Number.NEGATIVE_INFINITY
  /** Device time the two hold at; it only grows. */
  #at = Number.NaN
  #firstAt = 0
  readonly #oscillator: Oscillator
  #buckets: Bucket[] = []
  #bucket: Bucket = emptyBucket(0)

  constructor(oscillator: Oscillator) {
    this.#oscillator = oscillator
  }

  /** host(d) <= v. Returns false when it contradicts what was certain: everything before it is then forgotten. */
  addUpper(d: number, v: number): boolean {
    const back = this.#advance(d)
    this.#upper = Math.min(this.#upper, v + (this.rate + this.rateError) * back)
    const bucket = this.#bucketAt(d)
    const residual = v - this.rate * (d - bucket.start)
    if (residual < bucket.upperResidual) {
      bucket.upperResidual = residual
      bucket.upperD = d
      bucket.upperV = v
    }
    return this.#upper >= this.#lower || this.#restart(d, v, Number.NEGATIVE_INFINITY)
  }

  /** host(d) >= v. */
  addLower(d: number, v: number): boolean {
    const back = this.#advance(d)
    this.#lower = Math.max(this.#lower, v + (this.rate - this.rateError) * back)
    const bucket = this.#bucketAt(d)
    const residual = v - this.rate * (d - bucket.start)
    if (residual > bucket.lowerResidual) {
      bucket.lowerResidual = residual
      bucket.lowerD = d
      bucket.lowerV = v
    }
    return this.#upper >= this.#lower || this.#restart(d, Number.POSITIVE_INFINITY, v)
  }

  /** Largest host time d can have. */
  upper(d: number): number {
    if (this.#upper === Number.POSITIVE_INFINITY) return this.#upper
    return this.#upper - this.rate * (this.#at - d) + this.rateError * Math.abs(this.#at - d)
  }

  /** Smallest host time d can have. */
  lower(d: number): number {
    if (this.#lower === Number.NEGATIVE_INFINITY) return this.#lower
    return this.#lower - this.rate * (this.#at - d) - this.rateError * Math.abs(this.#at - d)
  }

  /** Both sides are known. */
  get aligned(): boolean {
    return this.#upper - this.#lower < Number.POSITIVE_INFINITY
  }

  /** Carries both sides to d; returns how far d lies behind what was already reached. */
  #advance(d: number): number {
    if (Number.isNaN(this.#at)) {
      this.#at = d
      this.#firstAt = d
      this.#bucket = emptyBucket(d)
      return 0
    }
    const step = d - this.#at
    if (step <= 0) return -step
    this.#upper += (this.rate + this.rateError) * step
    this.#lower += (this.rate - this.rateError) * step
    this.#at = d
    return 0
  }

  #bucketAt(d: number): Bucket {
    const length = d - this.#firstAt < FIRST_BUCKETS_FOR_S ? FIRST_BUCKET_S : BUCKET_S
    if (d - this.#bucket.start >= length) {
      this.#closeBucket(d)
      this.#bucket = emptyBucket(d)
    }
    return this.#bucket
  }

  #closeBucket(d: number): void {
    const { windowS, driftPerS } = this.#oscillator
    if (isTwoSided(this.#bucket)) this.#buckets.push(this.#bucket)
    const oldest = this.#buckets.findIndex((b) => d - b.start <= windowS)
    const keep = Math.min(oldest === -1 ? this.#buckets.length : oldest, Math.max(0, this.#buckets.length - 2))
    if (keep > 0) this.#buckets = this.#buckets.slice(keep)
    const first = this.#buckets[0]
    if (first === undefined || this.#buckets.length < 3) return
    // the mean rate between two buckets is certain; the rate now differs from it by at most drift times their mean age,
    // 2/3 of the window for pairs of its first and last third; 3/4 also covers the second until the next bucket
    const slack = 0.75 * driftPerS * (d - first.start)
    const [low, high] = meanRateInterval(this.#buckets)
    const certain = { low: low - slack, high: high + slack }
    const fitted = fitRate(this.#buckets, driftPerS > 3e-7)
    this.rate =
      certain.low <= certain.high
        ? Math.min(Math.max(fitted, certain.low), certain.high)
        : (certain.low + certain.high) / 2
    const error = Math.max(RATE_ERROR_FLOOR, certain.high - this.rate, this.rate - certain.low)
    this.rateError = Math.min(BOOT_RATE_ERROR, error)
  }

  #restart(d: number, upper: number, lower: number): false {
    this.contradictions++
    this.#buckets = []
    this.#bucket = emptyBucket(d)
    this.rateError = Math.max(this.rateError, STEP_RATE_ERROR)
    const back = this.#at - d
    this.#upper = upper + (this.rate + this.rateError) * back
    this.#lower = lower + (this.rate - this.rateError) * back
    return false
  }
}

/** The tightest pair of each side in a stretch of device time: original points, so a wrong rate costs tightness only. */
interface Bucket {
  readonly start: number
  upperResidual: number
  upperD: number
  upperV: number
  lowerResidual: number
  lowerD: number
  lowerV: number
}

function emptyBucket(start: number): Bucket {
  return {
    start,
    upperResidual: Number.POSITIVE_INFINITY,
    upperD: 0,
    upperV: 0,
    lowerResidual: Number.NEGATIVE_INFINITY,
    lowerD: 0,
    lowerV: 0,
  }
}

function isTwoSided(bucket: Bucket): boolean {
  return bucket.upperResidual - bucket.lowerResidual < Number.POSITIVE_INFINITY
}

/** Certified interval of the mean rate, from all pairs of a bucket in the first and one in the last third. */
function meanRateInterval(buckets: readonly Bucket[]): [low: number, high: number] {
  const third = Math.max(1, Math.floor(buckets.length / 3))
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  for (const early of buckets.slice(0, third)) {
    for (const late of buckets.slice(-third)) {
      // an upper and a lower point close together in device time would divide by nothing
      if (late.lowerD > early.upperD) low = Math.max(low, (late.lowerV - early.upperV) / (late.lowerD - early.upperD))
      if (late.upperD > early.lowerD) high = Math.min(high, (late.upperV - early.lowerV) / (late.upperD - early.lowerD))
    }
  }
  return [low, high]
}

/** Least-squares rate at the newest bucket: common slope, separate intercepts of both sides, curvature when it drifts. */
function fitRate(buckets: readonly Bucket[], drifts: boolean): number {
  const newest = buckets[buckets.length - 1] as Bucket
  const size = drifts && buckets.length >= 8 ? 4 : 3
  const normal = Array.from({ length: size }, () => new Float64Array(size + 1))
  const row = new Float64Array(size)
  const accumulate = (isLower: number, d: number, v: number): void => {
    const x = d - newest.upperD
    const y = v - newest.upperV - x
    row[0] = 1 - isLower
    row[1] = isLower
    row[2] = x
    if (size === 4) row[3] = (x * x) / 2
    for (let i = 0; i < size; i++) {
      const line = normal[i] as Float64Array
      const factor = row[i] as number
      for (let j = 0; j < size; j++) line[j] = (line[j] as number) + factor * (row[j] as number)
      line[size] = (line[size] as number) + factor * y
    }
  }
  for (const bucket of buckets) {
    accumulate(0, bucket.upperD, bucket.upperV)
    accumulate(1, bucket.lowerD, bucket.lowerV)
  }
  const slope = solve(normal)[2] as number
  return Number.isFinite(slope) ? 1 + slope : 1
}

/** Gauss elimination with partial pivoting; rows carry their right-hand side as last element. */
function solve(rows: Float64Array[]): Float64Array {
  const size = rows.length
  const at = (i: number, j: number): number => (rows[i] as Float64Array)[j] as number
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let i = column + 1; i < size; i++) if (Math.abs(at(i, column)) > Math.abs(at(pivot, column))) pivot = i
    const swapped = rows[column] as Float64Array
    rows[column] = rows[pivot] as Float64Array
    rows[pivot] = swapped
    for (let i = column + 1; i < size; i++) {
      const factor = at(i, column) / at(column, column)
      const line = rows[i] as Float64Array
      for (let j = column; j <= size; j++) line[j] = at(i, j) - factor * at(column, j)
    }
  }
  const x = new Float64Array(size)
  for (let i = size - 1; i >= 0; i--) {
    let sum = at(i, size)
    for (let j = i + 1; j < size; j++) sum -= at(i, j) * (x[j] as number)
    x[i] = sum / at(i, i)
  }
  return x
}
