import { countStates } from './device-states.ts'
import type { IdleGap } from './idle-gaps.ts'
import type { Noise } from './noise.ts'

/** Power of the idle card at an instant. */
export interface Baseline {
  readonly watts: number
  /** Standard uncertainty, W: noise of the gaps it was measured in, and what the baseline wanders between them. */
  readonly uW: number
  /** Never measured in these device states, but taken from others. */
  readonly isInferred: boolean
}

const KNOT_NS = 250e6
const NARROWEST_NS = 500e6
const WIDEST_NS = 30e9
/** Idle time that brings the noise of a 12 V rail behind an ACS712 to some milliwatts. */
const ENOUGH_IDLE_NS = 200e6

/**
 * Interpolates the baseline of one rail between idle gaps of the same device states.
 *
 * Local linear regression with tricube weights (W. S. Cleveland, "Robust locally weighted regression", JASA 74, 1979); the
 * neighbourhood grows until it holds enough idle time. Between knots of a quarter second it is a straight line.
 */
export class BaselineFit {
  readonly #gaps = new Map<string, IdleGap[]>()
  readonly #rail: number
  readonly #noise: Noise
  readonly #knots = new Map<string, Map<number, Baseline>>()
  readonly #wanderW2 = new Map<string, number>()
  readonly #means: ReadonlyMap<string, number>

  /** `means`: mean baseline by key over the whole run so far, for keys without a gap near by. */
  constructor(gaps: readonly IdleGap[], rail: number, noise: Noise, means: ReadonlyMap<string, number>) {
    this.#rail = rail
    this.#noise = noise
    this.#means = means
    for (const gap of gaps) {
      const list = this.#gaps.get(gap.key)
      if (list === undefined) this.#gaps.set(gap.key, [gap])
      else list.push(gap)
    }
    for (const [key, list] of this.#gaps) this.#wanderW2.set(key, this.#wanderOf(list))
  }

  /** Undefined when nothing is known of the idle power in these device states. */
  at(ns: number, key: string): Baseline | undefined {
    const gaps = this.#gaps.get(key)
    if (gaps === undefined) return inferFromOtherStates(key, this.#means)
    const knot = Math.floor(ns / KNOT_NS)
    const a = this.#knot(knot, key, gaps)
    const b = this.#knot(knot + 1, key, gaps)
    const x = ns / KNOT_NS - knot
    return { watts: a.watts + (b.watts - a.watts) * x, uW: a.uW + (b.uW - a.uW) * x, isInferred: false }
  }

  /** Variance with which gap means scatter about the fit beyond their noise, W^2. */
  wanderW2(key: string): number {
    return this.#wanderW2.get(key) ?? 0
  }

  #knot(number: number, key: string, gaps: readonly IdleGap[]): Baseline {
    let knots = this.#knots.get(key)
    if (knots === undefined) {
      knots = new Map()
      this.#knots.set(key, knots)
    }
    let knot = knots.get(number)
    if (knot === undefined) {
      knot = this.#fit(number * KNOT_NS, gaps, this.#wanderW2.get(key) ?? 0)
      knots.set(number, knot)
    }
    return knot
  }

  #fit(ns: number, gaps: readonly IdleGap[], wanderW2: number): Baseline {
    const weights = neighbourhood(ns, gaps)
    let s0 = 0
    let s1 = 0
    let s2 = 0
    for (const [gap, weight] of weights) {
      const x = (middle(gap) - ns) / 1e9
      s0 += weight
      s1 += weight * x
      s2 += weight * x * x
    }
    const determinant = s0 * s2 - s1 * s1
    // gaps on one side only: a line through them would extrapolate their noise, their mean does not
    const straight = determinant > 1e-3 * s0 * s2 && reachesBothSides(ns, weights)
    let watts = 0
    let variance = 0
    for (const [gap, weight] of weights) {
      const x = (middle(gap) - ns) / 1e9
      const share = straight ? (weight * (s2 - s1 * x)) / determinant : weight / s0
      watts += share * (gap.meanW[this.#rail] as number)
      variance += share * share * (this.#noise.densityJ2PerS / (lengthNs(gap) / 1e9) + wanderW2)
    }
    return { watts, uW: Math.sqrt(variance), isInferred: false }
  }

  #wanderOf(gaps: readonly IdleGap[]): number {
    if (gaps.length < 8) return 0
    let excess = 0
    let count = 0
    for (let i = 1; i < gaps.length - 1; i++) {
      const [before, gap, after] = [gaps[i - 1], gaps[i], gaps[i + 1]] as [IdleGap, IdleGap, IdleGap]
      const x = (middle(gap) - middle(before)) / (middle(after) - middle(before))
      const mean = (g: IdleGap): number => g.meanW[this.#rail] as number
      const residual = mean(gap) - (mean(before) * (1 - x) + mean(after) * x)
      const noise = (g: IdleGap): number => this.#noise.densityJ2PerS / (lengthNs(g) / 1e9)
      const factor = 1 + (1 - x) ** 2 + x * x
      excess += (residual * residual - noise(gap) - (1 - x) ** 2 * noise(before) - x * x * noise(after)) / factor
      count++
    }
    return Math.max(0, excess / count)
  }
}

/** Gaps around `ns` with their weights: idle seconds times tricube of the distance. */
function neighbourhood(ns: number, gaps: readonly IdleGap[]): [IdleGap, number][] {
  const nearest = Math.min(...gaps.map((gap) => Math.abs(middle(gap) - ns)))
  for (let width = Math.max(NARROWEST_NS, nearest * 1.5); ; width *= 2) {
    const weights: [IdleGap, number][] = []
    let idleNs = 0
    for (const gap of gaps) {
      const x = Math.abs(middle(gap) - ns) / width
      if (x >= 1) continue
      const tricube = (1 - x ** 3) ** 3
      weights.push([gap, (lengthNs(gap) / 1e9) * tricube])
      idleNs += lengthNs(gap) * tricube
    }
    if (weights.length > 0 && (idleNs >= ENOUGH_IDLE_NS || width >= WIDEST_NS)) return weights
  }
}

function reachesBothSides(ns: number, weights: readonly [IdleGap, number][]): boolean {
  return weights.some(([gap]) => middle(gap) <= ns) && weights.some(([gap]) => middle(gap) >= ns)
}

/**
 * States in which the card was never idle, between a load and the next: every device adds its own step, so the baseline is
 * taken linear in the numbers of open and of resident devices between the keys where all devices agree.
 */
function inferFromOtherStates(key: string, means: ReadonlyMap<string, number>): Baseline | undefined {
  const n = key.length
  if (n === 0) return undefined
  const uniform = (state: number): number | undefined => means.get(String(state).repeat(n))
  const [never, open, resident] = [uniform(0), uniform(1), uniform(2)]
  const counts = countStates(key)
  const known = [
    [counts.neverUsed, never ?? open ?? resident],
    [counts.contextOpen, open ?? resident ?? never],
    [counts.resident, resident ?? open ?? never],
  ] as const
  let watts = 0
  for (const [count, level] of known) {
    if (count === 0) continue
    if (level === undefined) return undefined
    watts += (count / n) * level
  }
  const levels = [never, open, resident].filter((level) => level !== undefined)
  // between the levels it is known to lie within their range; a third of it is a fair standard uncertainty
  return { watts, uW: (Math.max(...levels) - Math.min(...levels)) / 3 / Math.sqrt(n), isInferred: true }
}

const middle = (gap: IdleGap): number => (gap.startNs + gap.endNs) / 2
const lengthNs = (gap: IdleGap): number => gap.endNs - gap.startNs
