import type { BaselineFit } from '../energy/baseline.ts'
import type { IdleGap } from '../energy/idle-gaps.ts'
import type { Interval } from '../units/interval.ts'

interface KeyIdle {
  idleS: number
  gaps: number
  /** Watts times seconds, one per rail. */
  readonly wattSeconds: Float64Array
  /** Mean over windows of the variance with which gap means wander, W^2, one per rail. */
  readonly wanderW2: Float64Array
  windows: number
}

/** What the idle time of the whole run says about each set of device states. */
export class IdleSurvey {
  readonly #rails: number
  readonly #keys = new Map<string, KeyIdle>()

  constructor(rails: number) {
    this.#rails = rails
  }

  add(gap: IdleGap): void {
    const idle = this.#keyOf(gap.key)
    const seconds = (gap.endNs - gap.startNs) / 1e9
    idle.idleS += seconds
    idle.gaps++
    gap.meanW.forEach((watts, r) => {
      idle.wattSeconds[r] = (idle.wattSeconds[r] as number) + watts * seconds
    })
  }

  noteWander(r: number, fit: BaselineFit, gaps: readonly IdleGap[], window: Interval): void {
    for (const key of new Set(gaps.filter((g) => g.endNs >= window.start).map((g) => g.key))) {
      const idle = this.#keyOf(key)
      if (r === 0) idle.windows++
      const mean = idle.wanderW2[r] as number
      idle.wanderW2[r] = mean + (fit.wanderW2(key) - mean) / Math.max(1, idle.windows)
    }
  }

  /** Mean idle power of rail r by device states, W. */
  means(r: number): Map<string, number> {
    return new Map([...this.#keys].map(([key, idle]) => [key, (idle.wattSeconds[r] as number) / idle.idleS]))
  }

  /** Uncertainty of a baseline averaged over the whole run, W: noise of all idle time, wander over all gaps. */
  meanBaselineUW(r: number, key: string, noiseDensityJ2PerS: number): number {
    const idle = this.#keys.get(key)
    if (idle === undefined) return 0
    return Math.sqrt(noiseDensityJ2PerS / idle.idleS + (2 * (idle.wanderW2[r] as number)) / idle.gaps)
  }

  /** The states in which most idle time was spent. */
  get mainKey(): string {
    let main = ''
    let longest = -1
    for (const [key, { idleS }] of this.#keys)
      if (idleS > longest) {
        main = key
        longest = idleS
      }
    return main
  }

  #keyOf(key: string): KeyIdle {
    let idle = this.#keys.get(key)
    if (idle === undefined) {
      const zeros = (): Float64Array => new Float64Array(this.#rails)
      idle = { idleS: 0, gaps: 0, wattSeconds: zeros(), wanderW2: zeros(), windows: 0 }
      this.#keys.set(key, idle)
    }
    return idle
  }
}
