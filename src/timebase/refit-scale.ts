import type { PairTable } from './pair-table.ts'
import type { RefitOptions } from './refit.ts'

/** Stamps are whole nanoseconds, rounded by who made them. */
const ROUNDING_NS = 1
/** No clock is more than 1.1 % off nominal. */
const RATE_MAX = 1.011

export interface Constraint {
  readonly isUpper: boolean
  /** Device seconds since the origin tick of the boot. */
  readonly d: number
  /** Host seconds since the origin of the table; CLOCK_MONOTONIC_RAW when the options bring a clock. */
  readonly v: number
}

/** Between what is stored and what the filters take: ticks and nanoseconds, seconds of device and host, floors and rounding. */
export class RefitScale {
  readonly tickS: number
  readonly #pairs: PairTable
  readonly #options: RefitOptions

  constructor(pairs: PairTable, options: RefitOptions) {
    this.#pairs = pairs
    this.#options = options
    this.tickS = 1 / options.tickHz
  }

  /** What pair i says: a frame left no later than it was read, a ping was seen no earlier than it was written. */
  constraint(i: number): Constraint {
    const { floorUpNs, floorDownNs, stampTicks } = this.#options
    const tick = this.#pairs.tick(i)
    const { ns, errorNs } = this.#raw(this.#pairs.hostNs(i))
    return this.#pairs.isUp(i)
      ? { isUpper: true, d: tick * this.tickS, v: (ns + errorNs + ROUNDING_NS - floorUpNs) * 1e-9 }
      : { isUpper: false, d: (tick + stampTicks) * this.tickS, v: (ns - errorNs - ROUNDING_NS + floorDownNs) * 1e-9 }
  }

  /** Half of what [lower, upper] at a tick leaves open for an instant of that tick, ns. */
  halfWidthNs(lower: number, upper: number): number {
    const [low, high] = this.#sidesNs(lower, upper)
    return (high - low) / 2
  }

  /** Host time of a tick and its bound, from the sides of its beginning: whole nanoseconds that hold all its instants. */
  answer(lower: number, upper: number): { hostNs: bigint; boundNs: number } {
    const [low, high] = this.#sidesNs(lower, upper)
    const middle = Math.round((low + high) / 2)
    return { hostNs: this.hostNs(middle), boundNs: Math.ceil(Math.max(high - middle, middle - low)) }
  }

  /** The same for an estimate without bound, s. */
  estimate(v: number): bigint {
    return this.hostNs(Math.round(this.#monotonic(v * 1e9, 0)))
  }

  hostNs(sinceOriginNs: number): bigint {
    return this.#pairs.originNs + BigInt(Math.round(sinceOriginNs))
  }

  tick(boot: number, sinceOrigin: number): bigint {
    return (this.#pairs.originTicks[boot] as bigint) + BigInt(Math.round(sinceOrigin))
  }

  #sidesNs(lower: number, upper: number): [low: number, high: number] {
    return [this.#monotonic(lower * 1e9, -1), this.#monotonic((upper + RATE_MAX * this.tickS) * 1e9, 1)]
  }

  #raw(monotonicNs: number): { ns: number; errorNs: number } {
    return this.#options.clock?.rawAt(monotonicNs) ?? { ns: monotonicNs, errorNs: 0 }
  }

  /** `side` times the error of the mapping is added. */
  #monotonic(rawNs: number, side: -1 | 0 | 1): number {
    const mapped = this.#options.clock?.monotonicAt(rawNs)
    return mapped === undefined ? rawNs : mapped.ns + side * mapped.errorNs
  }
}
