import type { Oscillator } from './oscillator.ts'
import { RateCertificate } from './rate-certificate.ts'

export { OSCILLATORS, type Oscillator } from './oscillator.ts'

export interface EnvelopeOptions {
  /**
   * How far the rate of the host's clock may be off its own raw oscillator, such as 5e-4 while NTP slews it. 0 when stamps are
   * taken in, or mapped to, CLOCK_MONOTONIC_RAW.
   */
  readonly hostSlewPerS?: number
}

/** Stamps are rounded to nanoseconds. */
const ROUNDING_S = 1e-9

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
  /** How often upper < lower: the device's clock stepped, or a declared limit is wrong. */
  contradictions = 0
  /** Pairs of before the last step that came after it. */
  ignored = 0
  readonly #rate: RateCertificate
  #upper = Number.POSITIVE_INFINITY
  #lower = Number.NEGATIVE_INFINITY
  /** Device time the two hold at; it only grows. */
  #at = Number.NaN
  /** Nothing before this device time is on the present line. */
  #from = Number.NEGATIVE_INFINITY
  #ignoredSince = 0

  constructor(oscillator: Oscillator, options: EnvelopeOptions = {}) {
    this.#rate = new RateCertificate(oscillator, options.hostSlewPerS ?? 0)
  }

  /** host(d) <= v. Returns false when it contradicts what was certain: everything before it is then forgotten. */
  addUpper(d: number, v: number): boolean {
    if (this.#isOfBefore(d)) return true
    if (!this.#advance(d)) return this.#restart(d, v, Number.NEGATIVE_INFINITY, RATE_UNKNOWN)
    this.#upper = Math.min(this.#upper, v + this.#rate.most(this.#at - d))
    this.#rate.addUpper(d, v)
    return this.#upper >= this.#lower - ROUNDING_S || this.#restart(d, v, Number.NEGATIVE_INFINITY)
  }

  /** host(d) >= v. */
  addLower(d: number, v: number): boolean {
    if (this.#isOfBefore(d)) return true
    if (!this.#advance(d)) return this.#restart(d, Number.POSITIVE_INFINITY, v, RATE_UNKNOWN)
    this.#lower = Math.max(this.#lower, v + this.#rate.least(this.#at - d))
    this.#rate.addLower(d, v)
    return this.#upper >= this.#lower - ROUNDING_S || this.#restart(d, Number.POSITIVE_INFINITY, v)
  }

  /** Largest host time d can have. */
  upper(d: number): number {
    if (this.#upper === Number.POSITIVE_INFINITY) return this.#upper
    const ahead = d - this.#at
    return ahead >= 0 ? this.#upper + this.#rate.most(ahead) : this.#upper - this.#rate.least(-ahead)
  }

  /** Smallest host time d can have. */
  lower(d: number): number {
    if (this.#lower === Number.NEGATIVE_INFINITY) return this.#lower
    const ahead = d - this.#at
    return ahead >= 0 ? this.#lower + this.#rate.least(ahead) : this.#lower - this.#rate.most(-ahead)
  }

  /** Both sides are known. */
  get aligned(): boolean {
    return this.#upper - this.#lower < Number.POSITIVE_INFINITY
  }

  /** Device time of the last step: what lies before it is not on the present line. -Infinity without one. */
  get from(): number {
    return this.#from
  }

  /** Middle of the certified rate interval. */
  get rate(): number {
    return this.#rate.rate
  }

  /** Half of the certified rate interval. */
  get rateError(): number {
    return (this.#rate.high - this.#rate.low) / 2
  }

  /** Carries both sides to d. False when the points so far contradict each other. */
  #advance(d: number): boolean {
    if (d > this.#at) {
      const step = d - this.#at
      this.#upper += this.#rate.most(step)
      this.#lower += this.#rate.least(step)
      this.#rate.advance(d)
      this.#at = d
    } else if (Number.isNaN(this.#at)) {
      this.#at = d
      this.#rate.advance(d)
    }
    return !this.#rate.isDue || this.#certify()
  }

  /** With the rate better known, older points may hold the envelope tighter than it was carried. */
  #certify(): boolean {
    if (!this.#rate.certify()) return false
    this.#upper = Math.min(this.#upper, this.#rate.upperAt())
    this.#lower = Math.max(this.#lower, this.#rate.lowerAt())
    return this.#upper >= this.#lower - ROUNDING_S
  }

  #restart(d: number, upper: number, lower: number, doubt = this.#doubtAfterStep(d)): false {
    this.contradictions++
    this.#upper = upper
    this.#lower = lower
    this.#rate.restart(d, doubt)
    this.#at = d
    this.#from = d
    this.#ignoredSince = 0
    return false
  }

  /** A step leaves the rate as it was; two in a row are no steps but a rate outside what was declared. */
  #doubtAfterStep(d: number): number {
    if (Math.abs(d - this.#from) < SOON_S) return RATE_UNKNOWN
    return STEP_RATE_ERROR + STEP_UNSEEN_S / Math.max(this.#rate.spanS, STEP_UNSEEN_S)
  }

  /** A pair from before the last step that was late; when they do not end, the device's clock was set back once more. */
  #isOfBefore(d: number): boolean {
    if (d >= this.#from || this.#at - this.#from > LATE_MAX_S || this.#ignoredSince >= LATE_MAX_PAIRS) return false
    this.#ignoredSince++
    this.ignored++
    return true
  }
}

/** After a step: what an undetected step can have done to the certificate, and a warmer or colder chip. */
const STEP_RATE_ERROR = 20e-6
/** Largest step that hides in a usual gap, s. */
const STEP_UNSEEN_S = 1e-3
const RATE_UNKNOWN = 1
const SOON_S = 5
/** How late a pair can be. */
const LATE_MAX_S = 10
const LATE_MAX_PAIRS = 1000
