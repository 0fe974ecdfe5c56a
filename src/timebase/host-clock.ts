/** A bracketed reading: CLOCK_MONOTONIC stood between `beforeNs` and `afterNs` when CLOCK_MONOTONIC_RAW was `rawNs`. */
export interface ClockReading {
  readonly beforeNs: number
  readonly rawNs: number
  readonly afterNs: number
}

/** An instant of the other clock and how far it may be off, ns. */
export interface MappedInstant {
  readonly ns: number
  readonly errorNs: number
}

export interface HostClockOptions {
  /** Largest rate by which MONOTONIC is slewed against RAW: ntpd 5e-4, chrony as configured. Default 5e-4. */
  readonly slewMaxPerS?: number
}

/** The kernel changes the slew at most once in so much time (once a second, or when the daemon asks for it), ns. */
const SLEW_STEADY_NS = 0.5e9

/**
 * CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW, one as a function of the other, from the readings of the clock probe.
 *
 * NTP slews MONOTONIC, never RAW: devices are aligned in RAW, stamps and results are MONOTONIC. Between two readings the map
 * is their chord. It is off by the brackets and by the bend, when the slew changes in between: with slopes a before and b after,
 * and one change at most, by no more than |a - b| h / 4 over h seconds. Where that cannot be seen (at the ends, in a silence of
 * the probe) the declared limit of the slew stands in.
 *
 * Readings ascend; nanoseconds since the same origins as what is mapped.
 */
export class HostClock {
  readonly #slewMax: number
  readonly #monotonic: number[] = []
  readonly #raw: number[] = []
  readonly #half: number[] = []

  constructor(options: HostClockOptions = {}) {
    this.#slewMax = options.slewMaxPerS ?? 5e-4
  }

  /** False for a reading that does not follow the last one: it is worth nothing. */
  add({ beforeNs, rawNs, afterNs }: ClockReading): boolean {
    const middle = (beforeNs + afterNs) / 2
    const last = this.#raw.length - 1
    if (last >= 0 && !(rawNs > (this.#raw[last] as number) && middle > (this.#monotonic[last] as number))) return false
    this.#monotonic.push(middle)
    this.#raw.push(rawNs)
    this.#half.push((afterNs - beforeNs) / 2)
    return true
  }

  get readings(): number {
    return this.#raw.length
  }

  /** RAW at an instant of MONOTONIC. */
  rawAt(monotonicNs: number): MappedInstant {
    return this.#map(monotonicNs, this.#monotonic, this.#raw)
  }

  /** MONOTONIC at an instant of RAW. */
  monotonicAt(rawNs: number): MappedInstant {
    return this.#map(rawNs, this.#raw, this.#monotonic)
  }

  /** Readings within (from, to), as RAW: where the map bends. */
  *rawBetween(fromNs: number, toNs: number): Generator<number> {
    for (let i = stretchOf(this.#raw, fromNs); i < this.#raw.length; i++) {
      const raw = this.#raw[i] as number
      if (raw >= toNs) return
      if (raw > fromNs) yield raw
    }
  }

  /** Forgets readings that no instant of MONOTONIC at or after `ns` needs. */
  dropBefore(ns: number): void {
    const i = stretchOf(this.#monotonic, ns) - 3
    if (i <= 0) return
    for (const column of [this.#monotonic, this.#raw, this.#half]) column.splice(0, i)
  }

  #map(at: number, from: readonly number[], to: readonly number[]): MappedInstant {
    const count = from.length
    if (count === 0) return { ns: Number.NaN, errorNs: Number.POSITIVE_INFINITY }
    if (count === 1 || at < (from[0] as number) || at > (from[count - 1] as number)) return this.#beyond(at, from, to)
    const i = Math.max(1, stretchOf(from, at))
    const slope = this.#slope(from, to, i)
    const ns = (to[i - 1] as number) + slope * (at - (from[i - 1] as number))
    const half = Math.max(this.#half[i - 1] as number, this.#half[i] as number)
    return { ns, errorNs: half * (1 + this.#slewMax) + this.#bend(i, from, to) }
  }

  /** Outside the readings the rate is known to the declared limit only. */
  #beyond(at: number, from: readonly number[], to: readonly number[]): MappedInstant {
    const i = at < (from[0] as number) ? 0 : from.length - 1
    const away = at - (from[i] as number)
    return {
      ns: (to[i] as number) + away,
      errorNs: (this.#half[i] as number) + 1.01 * this.#slewMax * Math.abs(away),
    }
  }

  /** How far the clock may be from the chord that ends at reading i. */
  #bend(i: number, from: readonly number[], to: readonly number[]): number {
    const long = (from[i] as number) - (from[i - 1] as number)
    const unseen = (long * this.#slewMax) / 2
    const isSeen = i >= 2 && i + 1 < from.length && (from[i + 1] as number) - (from[i - 2] as number) <= SLEW_STEADY_NS
    if (!isSeen) return unseen
    // slopes are known to their brackets
    const noise = (this.#half[i - 2] as number) + (this.#half[i - 1] as number)
    const noiseAfter = (this.#half[i] as number) + (this.#half[i + 1] as number)
    const change = Math.abs(this.#slope(from, to, i + 1) - this.#slope(from, to, i - 1))
    const before = (from[i - 1] as number) - (from[i - 2] as number)
    const after = (from[i + 1] as number) - (from[i] as number)
    return Math.min(unseen, (long * (change + noise / before + noiseAfter / after)) / 4)
  }

  #slope(from: readonly number[], to: readonly number[], i: number): number {
    return ((to[i] as number) - (to[i - 1] as number)) / ((from[i] as number) - (from[i - 1] as number))
  }
}

/** First i with column[i] >= value; the length when there is none. */
function stretchOf(column: readonly number[], value: number): number {
  let low = 0
  let high = column.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((column[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
