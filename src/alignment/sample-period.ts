/** What the times of a trace say about how it was sampled. */
export interface Sampling {
  readonly rows: number
  /** Rows with the time of the row above. */
  readonly repeated: number
  readonly firstNs: number
  readonly lastNs: number
  /** Median step from one time to the next. */
  readonly periodNs: number
  /** Root mean square deviation of the steps from the period, relative; steps over gaps left out. */
  readonly jitter: number
  readonly isRegular: boolean
  /** A longer step is a gap. */
  readonly gapNs: number
}

const REGULAR_JITTER = 0.05
/** A single missing sample makes a step of 2 periods. */
const REGULAR_GAP = 1.5
/** Among uneven steps one of 2 periods is nothing special. */
const IRREGULAR_GAP = 2.5
/** Steps kept for the median; beyond, every second is dropped, again and again. */
const KEPT_STEPS = 1 << 17

/** Takes the times of a trace in order and tells the sample period. Memory does not grow with the trace. */
export class SamplePeriod {
  #steps = new Float64Array(KEPT_STEPS)
  #kept = 0
  #stride = 1
  #number = 0
  #rows = 0
  #repeated = 0
  #firstNs = Number.NaN
  #lastNs = Number.NaN

  push(tNs: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const t = tNs[i] as number
      if (this.#rows++ === 0) this.#firstNs = t
      else if (t === this.#lastNs) this.#repeated++
      else this.#keep(t - this.#lastNs)
      this.#lastNs = t
    }
  }

  /** Undefined with fewer than two different times. */
  get sampling(): Sampling | undefined {
    if (this.#kept === 0) return undefined
    const steps = this.#steps.slice(0, this.#kept).sort()
    const periodNs = steps[(this.#kept - 1) >> 1] as number
    const within = steps.filter((step) => step <= IRREGULAR_GAP * periodNs)
    // a step of two periods in a regular trace is a gap, not jitter
    const near = within.filter((step) => step <= REGULAR_GAP * periodNs)
    const isRegular = near.length >= 0.9 * within.length && deviation(near, periodNs) <= REGULAR_JITTER
    return {
      rows: this.#rows,
      repeated: this.#repeated,
      firstNs: this.#firstNs,
      lastNs: this.#lastNs,
      periodNs,
      jitter: deviation(isRegular ? near : within, periodNs),
      isRegular,
      gapNs: (isRegular ? REGULAR_GAP : IRREGULAR_GAP) * periodNs,
    }
  }

  #keep(step: number): void {
    if (this.#number++ % this.#stride !== 0) return
    if (this.#kept === KEPT_STEPS) {
      for (let i = 0; i < KEPT_STEPS / 2; i++) this.#steps[i] = this.#steps[2 * i] as number
      this.#kept = KEPT_STEPS / 2
      this.#stride *= 2
      if ((this.#number - 1) % this.#stride !== 0) return
    }
    this.#steps[this.#kept++] = step
  }
}

function deviation(steps: Float64Array, periodNs: number): number {
  let squares = 0
  for (const step of steps) squares += (step / periodNs - 1) ** 2
  return Math.sqrt(squares / steps.length)
}
