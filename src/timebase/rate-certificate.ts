import { type Oscillator, perDeviceSecond } from './oscillator.ts'

/** No clock this is made for is more than 1 % off nominal: what is known of the rate before anything has been seen. */
export const RATE_MIN = 1 - 1.1e-2
export const RATE_MAX = 1 + 1.1e-2
const BUCKET_MAX_S = 1
const BUCKET_MIN_S = 0.05
/** Early buckets are this part of the time since the start, so that the rate is known early. */
const BUCKET_GROWTH = 8
/** Buckets that stay though they are older than the window: they carry the rate over a long silence. */
const BUCKETS_KEPT = 16
const CAPACITY = 160

/**
 * Certified interval of the rate r (host seconds per device second) at a device time that only grows.
 *
 * An upper point (d_i, v_i) and a later lower point (d_j, w_j) say that the mean rate over [d_i, d_j] is at least
 * (w_j - v_i) / (d_j - d_i), and the other way round at most. With |dr/dd| <= k the rate at t differs from that mean by at most
 * k (t - (d_i + d_j) / 2): the mean distance of the stretch from t. Between evaluations the interval widens by k per second.
 *
 * The points are the tightest of each side per bucket of up to a second, as they came: what they are compared by may be wrong
 * and costs tightness only.
 */
export class RateCertificate {
  low = RATE_MIN
  high = RATE_MAX
  /** Largest change of the rate per second of device time. */
  readonly driftPerS: number
  /** What a slewed host clock adds to any rate; see EnvelopeOptions. */
  readonly slew: number
  readonly #windowS: number
  readonly #bucketMaxS: number
  #at = Number.NaN
  #firstAt = Number.NaN
  readonly #ring = new PointRing(CAPACITY)
  #start = Number.NaN
  #upper = Number.POSITIVE_INFINITY
  #upperD = Number.NaN
  #upperV = Number.NaN
  #lower = Number.NEGATIVE_INFINITY
  #lowerD = Number.NaN
  #lowerV = Number.NaN

  constructor(oscillator: Oscillator, slewPerS: number) {
    this.driftPerS = perDeviceSecond(oscillator)
    this.slew = (1.02 * slewPerS) / (1 - slewPerS)
    this.#windowS = oscillator.windowS
    this.#bucketMaxS = Math.min(BUCKET_MAX_S, oscillator.windowS / 32)
  }

  /** Middle of the interval. */
  get rate(): number {
    return (this.low + this.high) / 2
  }

  /** How much of device time the certificate rests on, s. */
  get spanS(): number {
    return this.#ring.length === 0 ? 0 : this.#at - (this.#ring.start[0] as number)
  }

  /** Most that host time can grow over `step` seconds from `at`, in either direction of time. */
  most(step: number): number {
    return step * (Math.min(this.high + (this.driftPerS * step) / 2, RATE_MAX) + this.slew)
  }

  /** Least that host time can grow over `step` seconds from `at`, in either direction of time. */
  least(step: number): number {
    return step * (Math.max(this.low - (this.driftPerS * step) / 2, RATE_MIN) - this.slew)
  }

  /** Device time moves on to d. */
  advance(d: number): void {
    if (Number.isNaN(this.#at)) {
      this.#at = d
      this.#firstAt = d
      this.#openBucket(d)
      return
    }
    const step = d - this.#at
    if (step <= 0) return
    this.low = Math.max(this.low - this.driftPerS * step, RATE_MIN)
    this.high = Math.min(this.high + this.driftPerS * step, RATE_MAX)
    this.#at = d
  }

  /** True when the bucket is full and `certify` should be called. */
  get isDue(): boolean {
    const sinceStart = this.#at - this.#firstAt
    const length = Math.min(this.#bucketMaxS, Math.max(BUCKET_MIN_S, sinceStart / BUCKET_GROWTH))
    return this.#at - this.#start >= length
  }

  addUpper(d: number, v: number): void {
    const residual = v - this.rate * (d - this.#start)
    if (residual >= this.#upper) return
    this.#upper = residual
    this.#upperD = d
    this.#upperV = v
  }

  addLower(d: number, v: number): void {
    const residual = v - this.rate * (d - this.#start)
    if (residual <= this.#lower) return
    this.#lower = residual
    this.#lowerD = d
    this.#lowerV = v
  }

  /** Ends the bucket and narrows the interval by all pairs of points. False: no rate within the declared drift fits them. */
  certify(): boolean {
    this.#ring.push(this.#start, this.#upperD, this.#upperV, this.#lowerD, this.#lowerV)
    this.#ring.dropBefore(this.#at - this.#windowS, BUCKETS_KEPT)
    this.#openBucket(this.#at)
    const { upperD, upperV, lowerD, lowerV, length } = this.#ring
    const k = this.driftPerS
    let { low, high } = this
    for (let i = 0; i < length; i++) {
      const du = upperD[i] as number
      const vu = upperV[i] as number
      if (Number.isNaN(du)) continue
      for (let j = 0; j < length; j++) {
        const span = (lowerD[j] as number) - du
        const slack = k * (this.#at - du - span / 2) + this.slew
        const mean = ((lowerV[j] as number) - vu) / span
        if (span > 0) {
          if (mean - slack > low) low = mean - slack
        } else if (span < 0 && mean + slack < high) high = mean + slack
      }
    }
    if (low > high) return false
    this.low = low
    this.high = high
    return true
  }

  /** Smallest host time that the remembered points certify at `at`; Infinity without any. */
  upperAt(): number {
    const { upperD, upperV, length } = this.#ring
    let upper = Number.POSITIVE_INFINITY
    for (let i = 0; i < length; i++) {
      const v = (upperV[i] as number) + this.most(this.#at - (upperD[i] as number))
      if (v < upper) upper = v
    }
    return upper
  }

  /** Largest host time that the remembered points certify at `at`; -Infinity without any. */
  lowerAt(): number {
    const { lowerD, lowerV, length } = this.#ring
    let lower = Number.NEGATIVE_INFINITY
    for (let i = 0; i < length; i++) {
      const v = (lowerV[i] as number) + this.least(this.#at - (lowerD[i] as number))
      if (v > lower) lower = v
    }
    return lower
  }

  /** Forgets every point and goes on from d with the interval so far, widened by `by` to both sides. */
  restart(d: number, by: number): void {
    this.#ring.length = 0
    this.low = Math.max(RATE_MIN, this.low - by)
    this.high = Math.min(RATE_MAX, this.high + by)
    this.#at = d
    this.#firstAt = d
    this.#openBucket(d)
  }

  #openBucket(start: number): void {
    this.#start = start
    this.#upper = Number.POSITIVE_INFINITY
    this.#lower = Number.NEGATIVE_INFINITY
    this.#upperD = this.#upperV = this.#lowerD = this.#lowerV = Number.NaN
  }
}

/** The tightest point of each side per bucket, oldest first; NaN for a side that had none. */
class PointRing {
  readonly start: Float64Array
  readonly upperD: Float64Array
  readonly upperV: Float64Array
  readonly lowerD: Float64Array
  readonly lowerV: Float64Array
  length = 0

  constructor(capacity: number) {
    this.start = new Float64Array(capacity)
    this.upperD = new Float64Array(capacity)
    this.upperV = new Float64Array(capacity)
    this.lowerD = new Float64Array(capacity)
    this.lowerV = new Float64Array(capacity)
  }

  push(start: number, upperD: number, upperV: number, lowerD: number, lowerV: number): void {
    if (Number.isNaN(upperD) && Number.isNaN(lowerD)) return
    if (this.length === this.start.length) this.#drop(1)
    const i = this.length++
    this.start[i] = start
    this.upperD[i] = upperD
    this.upperV[i] = upperV
    this.lowerD[i] = lowerD
    this.lowerV[i] = lowerV
  }

  /** Forgets buckets that began before d, but keeps the last `kept`. */
  dropBefore(d: number, kept: number): void {
    let old = 0
    while (old < this.length - kept && (this.start[old] as number) < d) old++
    if (old > 0) this.#drop(old)
  }

  #drop(count: number): void {
    for (const column of [this.start, this.upperD, this.upperV, this.lowerD, this.lowerV])
      column.copyWithin(0, count, this.length)
    this.length -= count
  }
}
