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
 * CLOCK_MONOTONIC_RAW beside CLOCK_MONOTONIC, piece by piece between readings. A device is aligned on RAW, which nobody slews.
 *
 * The rate of CLOCK_MONOTONIC is taken to change at most once from reading to reading, 0.1 s apart (the kernel changes it at full
 * seconds). It then leaves the line between two readings by at most a quarter of their distance times the difference of the rates
 * before and after.
 */
export class HostClock {
  /** RAW is told relative to the run, like CLOCK_MONOTONIC: both agree at the first reading. */
  readonly #mono: number[] = []
  readonly #raw: number[] = []
  readonly #halfNs: number[] = []
  readonly #suspends: Suspend[] = []
  #zero: bigint | undefined
  #boottimeAhead: bigint | undefined

  add({ monoNs, rawNs, boottimeNs, halfBracketNs }: HostReading): void {
    this.#zero ??= rawNs - BigInt(Math.round(monoNs))
    const last = this.#mono[this.#mono.length - 1] ?? Number.NEGATIVE_INFINITY
    const raw = Number(rawNs - this.#zero)
    // readings come in order; one that does not is of no use
    if (monoNs <= last || raw <= (this.#raw[this.#raw.length - 1] ?? Number.NEGATIVE_INFINITY)) return
    const ahead = boottimeNs - BigInt(Math.round(monoNs))
    if (this.#boottimeAhead !== undefined && ahead - this.#boottimeAhead > SUSPEND_NS)
      this.#suspends.push({ fromNs: last, untilNs: monoNs })
    this.#boottimeAhead = ahead
    this.#mono.push(monoNs)
    this.#raw.push(raw)
    this.#halfNs.push(halfBracketNs)
  }

  /** There is something to go by; without, RAW is taken for CLOCK_MONOTONIC and the slew belongs into the bound. */
  get isKnown(): boolean {
    return this.#mono.length >= 2
  }

  /** Newest reading; everything is behind it when there is none. */
  get lastNs(): number {
    return this.#mono[this.#mono.length - 1] ?? Number.NEGATIVE_INFINITY
  }

  get suspends(): readonly Suspend[] {
    return this.#suspends
  }

  rawOf(monoNs: number): number {
    return this.isKnown ? line(monoNs, this.#mono, this.#raw) : monoNs
  }

  monoOf(rawNs: number): number {
    return this.isKnown ? line(rawNs, this.#raw, this.#mono) : rawNs
  }

  /** Largest error of `rawOf` and `monoOf` near `monoNs`, ns. */
  errorNsAt(monoNs: number): number {
    if (!this.isKnown) return 0
    const i = stretchOf(this.#mono, monoNs)
    const half = Math.max(this.#halfNs[i - 1] as number, this.#halfNs[i] as number)
    const [from, to] = [this.#mono[i - 1] as number, this.#mono[i] as number]
    const bend = Math.max(
      Math.abs(this.#slope(i + 1) - this.#slope(i - 1)),
      Math.abs(this.#slope(i) - this.#slope(i - 1)),
    )
    const outside = Math.max(0, from - monoNs, monoNs - to)
    return half + ((to - from) / 4) * bend + SLEW_MAX * outside
  }

  /** Readings within (from, to), as RAW ns: where the line may bend. */
  *rawBetween(fromRawNs: number, toRawNs: number): Generator<number> {
    if (!this.isKnown) return
    for (let i = stretchOf(this.#raw, fromRawNs); i < this.#raw.length; i++) {
      const raw = this.#raw[i] as number
      if (raw >= toRawNs) return
      if (raw > fromRawNs) yield raw
    }
  }

  /** Forgets readings no instant from `ns` on needs; suspends stay. */
  dropBefore(ns: number): void {
    const i = this.isKnown ? stretchOf(this.#mono, ns) - 2 : 0
    if (i > 0) for (const column of [this.#mono, this.#raw, this.#halfNs]) column.splice(0, i)
  }

  /** RAW per CLOCK_MONOTONIC between readings i - 1 and i, or of the nearest pair. */
  #slope(i: number): number {
    const at = Math.min(Math.max(i, 1), this.#mono.length - 1)
    const raw = (this.#raw[at] as number) - (this.#raw[at - 1] as number)
    return raw / ((this.#mono[at] as number) - (this.#mono[at - 1] as number))
  }
}

/** Number of the reading that ends the stretch of `value`; before the first and behind the last the nearest stretch. */
function stretchOf(column: readonly number[], value: number): number {
  let low = 1
  let high = column.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((column[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

function line(x: number, xs: readonly number[], ys: readonly number[]): number {
  const i = stretchOf(xs, x)
  const [x0, y0] = [xs[i - 1] as number, ys[i - 1] as number]
  return y0 + ((x - x0) * ((ys[i] as number) - y0)) / ((xs[i] as number) - x0)
}
