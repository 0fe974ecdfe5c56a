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

/** What the half-gap is made of, s; see docs/timebase.md. */
export interface GapBudget {
  /** Half of the least delays up and down that still hold, beyond the floors already taken off. */
  readonly linkS: number
  /** Half of what both sides have widened since, because the rate is known to an interval only. */
  readonly rateS: number
}

/** Rate error added at a step: what an undetected step can have done to the certificate, and a warmer or colder chip. */
const STEP_RATE_ERROR = 20e-6
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
  /** How much of each side is widening since the point it rests on, s. */
  #upperWidening = 0
  #lowerWidening = 0
  /** Device time the two hold at; it only grows. */
  #at = Number.NaN
  /** Nothing before this device time is on the present line. */
  #from = Number.NEGATIVE_INFINITY
  #steppedAt = Number.NEGATIVE_INFINITY

  constructor(oscillator: Oscillator, options: EnvelopeOptions = {}) {
    this.#rate = new RateCertificate(oscillator, options.hostSlewPerS ?? 0)
  }

  /** host(d) <= v. Returns false when it contradicts what was certain: everything before it is then forgotten. */
  addUpper(d: number, v: number): boolean {
    if (d < this.#from) return this.#ignore()
    if (!this.#advance(d)) return this.#restart(d, v, Number.NEGATIVE_INFINITY)
    const carried = v + this.#rate.most(this.#at - d)
    if (carried < this.#upper) {
      this.#upper = carried
      this.#upperWidening = 0
    }
    this.#rate.addUpper(d, v)
    return this.#upper >= this.#lower - ROUNDING_S || this.#restart(d, v, Number.NEGATIVE_INFINITY)
  }

  /** host(d) >= v. */
  addLower(d: number, v: number): boolean {
    if (d < this.#from) return this.#ignore()
    if (!this.#advance(d)) return this.#restart(d, Number.POSITIVE_INFINITY, v)
    const carried = v + this.#rate.least(this.#at - d)
    if (carried > this.#lower) {
      this.#lower = carried
      this.#lowerWidening = 0
    }
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

  /** Middle of the certified rate interval. */
  get rate(): number {
    return this.#rate.rate
  }

  /** Half of the certified rate interval. */
  get rateError(): number {
    return (this.#rate.high - this.#rate.low) / 2
  }

  get budget(): GapBudget {
    const rateS = (this.#upperWidening + this.#lowerWidening) / 2
    return { linkS: (this.#upper - this.#lower) / 2 - rateS, rateS }
  }

  /** Carries both sides to d. False when the points so far contradict each other. */
  #advance(d: number): boolean {
    if (d > this.#at) {
      const step = d - this.#at
      const [most, least] = [this.#rate.most(step), this.#rate.least(step)]
      this.#upper += most
      this.#lower += least
      this.#upperWidening += most - this.#rate.rate * step
      this.#lowerWidening += this.#rate.rate * step - least
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
    const upper = this.#rate.upperAt()
    if (upper < this.#upper) {
      this.#upperWidening = Math.max(0, this.#upperWidening - (this.#upper - upper))
      this.#upper = upper
    }
    const lower = this.#rate.lowerAt()
    if (lower > this.#lower) {
      this.#lowerWidening = Math.max(0, this.#lowerWidening - (lower - this.#lower))
      this.#lower = lower
    }
    return this.#upper >= this.#lower - ROUNDING_S
  }

  #restart(d: number, upper: number, lower: number): false {
    this.contradictions++
    this.#upper = upper
    this.#lower = lower
    this.#upperWidening = this.#lowerWidening = 0
    // a step leaves the rate as it was; two in a row are no steps but a rate outside what was declared
    const soonAgain = d - this.#steppedAt < SOON_S || d < this.#steppedAt
    const doubt = soonAgain ? 1 : STEP_RATE_ERROR + STEP_UNSEEN_S / Math.max(this.#rate.spanS, STEP_UNSEEN_S)
    this.#rate.restart(d, doubt)
    this.#at = d
    this.#from = d
    this.#steppedAt = d
    return false
  }

  #ignore(): true {
    this.ignored++
    return true
  }
}

const SOON_S = 5
/** Largest step that hides in a usual gap, s. */
const STEP_UNSEEN_S = 1e-3
