import { HostClock } from './host-clock.ts'

/** One bracketed reading of the host's clocks: CLOCK_MONOTONIC in the middle of the bracket, ns of the run. */
export interface HostReading {
  readonly monoNs: number
  readonly rawNs: bigint
  readonly boottimeNs: bigint
  readonly halfBracketNs: number
}

/** A stretch in which the host slept: between two readings of CLOCK_MONOTONIC, which stands still meanwhile. */
export interface Suspend {
  readonly fromNs: number
  readonly untilNs: number
}

/** Rate by which CLOCK_MONOTONIC may be slewed, as a ratio; the kernel allows ntpd 500 ppm. */
export const SLEW_MAX = 500e-6
/** CLOCK_BOOTTIME may gain so much on CLOCK_MONOTONIC by the reading itself. */
const SUSPEND_NS = 1_000_000n

/**
 * The clocks of a run's host: CLOCK_MONOTONIC, in which everything is stamped; CLOCK_MONOTONIC_RAW, on which a device is aligned,
 * as nobody slews it; CLOCK_BOOTTIME, which tells when the host slept.
 */
export class HostClocks {
  /** RAW is told relative to the run, like CLOCK_MONOTONIC: both agree at the first reading. */
  readonly #clock = new HostClock({ slewMaxPerS: SLEW_MAX })
  readonly #suspends: Suspend[] = []
  #zero: bigint | undefined
  #boottimeAhead: bigint | undefined
  /** Newest reading; everything is behind it when there is none. */
  lastNs = Number.NEGATIVE_INFINITY

  /** A reading that does not follow the last one is of no use. */
  add({ monoNs, rawNs, boottimeNs, halfBracketNs }: HostReading): void {
    this.#zero ??= rawNs - BigInt(Math.round(monoNs))
    const before = monoNs - halfBracketNs
    if (!this.#clock.add({ beforeNs: before, rawNs: Number(rawNs - this.#zero), afterNs: monoNs + halfBracketNs }))
      return
    const ahead = boottimeNs - BigInt(Math.round(monoNs))
    if (this.#boottimeAhead !== undefined && ahead - this.#boottimeAhead > SUSPEND_NS)
      this.#suspends.push({ fromNs: this.lastNs, untilNs: monoNs })
    this.#boottimeAhead = ahead
    this.lastNs = monoNs
  }

  /** There is something to go by; without, RAW is taken for CLOCK_MONOTONIC and the slew belongs into the bound. */
  get isKnown(): boolean {
    return this.#clock.readings >= 2
  }

  get suspends(): readonly Suspend[] {
    return this.#suspends
  }

  rawOf(monoNs: number): number {
    return this.isKnown ? this.#clock.rawAt(monoNs).ns : monoNs
  }

  monoOf(rawNs: number): number {
    return this.isKnown ? this.#clock.monotonicAt(rawNs).ns : rawNs
  }

  /** Largest error of `rawOf` and `monoOf` near `monoNs`, ns. */
  errorNsAt(monoNs: number): number {
    return this.isKnown ? this.#clock.rawAt(monoNs).errorNs : 0
  }

  /** Readings within (from, to), as RAW ns: where the line may bend. */
  rawBetween(fromRawNs: number, toRawNs: number): Iterable<number> {
    return this.isKnown ? this.#clock.rawBetween(fromRawNs, toRawNs) : []
  }

  /** Forgets readings no instant from `ns` on needs; suspends stay. */
  dropBefore(ns: number): void {
    if (this.isKnown) this.#clock.dropBefore(ns)
  }
}
