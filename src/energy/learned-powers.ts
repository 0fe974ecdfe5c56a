import type { PowerColumn, PowerColumns } from './columns.ts'
import { componentsOf, MOST_CONDITION, MOST_VIF } from './identifiability.ts'
import { NormalEquations } from './normal-equations.ts'
import type { PieceLog } from './piece-log.ts'
import { courseW, courseWeights, type FittedPowers, fitPowers } from './power-fit.ts'
import { Residuals } from './residuals.ts'
import { shapleyW } from './shapley.ts'
import { misfit, type StateSums, StateTable, stateW } from './state-table.ts'
import { bilinear, sandwich } from './symmetric.ts'
import type { RailUncertainty } from './uncertainty.ts'

/** How the energy of stretches a column shared may be divided. */
export type Verdict =
  | { readonly kind: 'learned' }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'shapley' }
  | { readonly kind: 'loose'; readonly reason: string }

/** Columns that cannot be told apart; one object for all of them, for one window. */
export interface Group {
  readonly columns: readonly PowerColumn[]
  readonly reason: string
  /** Power of all its columns together, by rail. */
  readonly sum: readonly { readonly powerW: number; readonly uW: number }[]
}

/**
 * Whether the lag search found power and spans in step. A misfit of the sum may be a rail that does not add up or a clock that is off:
 * states are only believed when it is not the clock.
 */
export type Step = 'in' | 'out' | 'unknown'

/** What was learned of one column, with what its publication rests on. */
export interface ColumnFigures {
  readonly column: PowerColumn
  verdict: Verdict
  /** Mean power above the baseline over an execution, W, and its standard uncertainty, by rail. */
  readonly powerW: number[]
  readonly powerUW: number[]
  executions: number
  vif: number
  condition: number
  /** Largest misfit among the states it takes part in, in standard errors. */
  lackOfFit: number
}

/** Evidence counts half after so long: temperature moves powers within minutes. */
const HALF_LIFE_NS = 120e9
/** Live windows last a tenth of a second; powers need not follow each. */
const REFIT_NS = 1e9

export const LEAST_EXECUTIONS = 20
export const LEAST_VISITS = 20
export const MOST_U_REL = 0.1
export const MOST_LACK_OF_FIT = 5
/** A misfit below this part of a state's power, or 1 mW, is no matter. */
const MISFIT_FLOOR_REL = 3e-3
const MISFIT_FLOOR_W = 1e-3

export const SELDOM = `fewer than ${LEAST_EXECUTIONS} executions seen`
export const UNSURE = 'learned power uncertain by more than 10 %'
export const FEW_STATES = 'too few combinations of active devices seen'
export const NOT_ADDITIVE = 'power is not the sum of the learned powers'
export const MISALIGNED = 'power and spans are out of step'
export const UNKNOWN = 'too many kinds of executions to learn'
export const COLLINEAR = 'cannot be told apart: active together'

/** What each kind of execution draws, learned from overlaps, window by window; and whether that may be told. */
export class LearnedPowers {
  readonly columns: PowerColumns
  readonly #rails: number
  readonly #equations: NormalEquations
  readonly #residuals: Residuals
  readonly #states: StateTable
  #fits: (FittedPowers | undefined)[] = []
  #covariances: (Float64Array | undefined)[] = []
  /** Relative scatter of executions about their column's power, by rail. */
  readonly scatterRel: Float64Array
  figures: ColumnFigures[] = []
  #untilNs = Number.NaN
  #fittedNs = Number.NaN

  constructor(rails: number, columns: PowerColumns) {
    this.#rails = rails
    this.columns = columns
    this.#equations = new NormalEquations(rails)
    this.#residuals = new Residuals(rails)
    this.#states = new StateTable(rails)
    this.scatterRel = new Float64Array(rails)
  }

  get unknowns(): number {
    return this.#equations.size
  }

  /** Powers of rail r by unknown, W; undefined before anything was seen. */
  watts(rail: number): Float64Array | undefined {
    return this.#fits[rail]?.watts
  }

  covariance(rail: number): Float64Array | undefined {
    return this.#covariances[rail]
  }

  find(columns: readonly PowerColumn[]): StateSums | undefined {
    const state = this.#states.states.get(columns.reduce((sum, { hash }) => sum + hash, 0))
    return state !== undefined && state.visits >= LEAST_VISITS ? state : undefined
  }

  /** Share of evidence that is left after `ns`. */
  static remaining(ns: number): number {
    return 0.5 ** (ns / HALF_LIFE_NS)
  }

  /** Takes a window in. */
  learn(log: PieceLog, endNs: number, rails: readonly RailUncertainty[], step: Step, isLast: boolean): void {
    const { list, unknowns } = this.columns
    if (!Number.isNaN(this.#untilNs)) {
      const left = LearnedPowers.remaining(endNs - this.#untilNs)
      this.#equations.forget(left)
      this.#residuals.forget(left)
      this.#states.forget(left)
    }
    this.#untilNs = endNs
    this.#equations.grow(unknowns, list.length)
    this.#residuals.grow(unknowns, list.length)
    this.#equations.add(log)
    const isDue = isLast || !(endNs - this.#fittedNs < REFIT_NS)
    const density = rails.map(({ noiseDensityJ2PerS }) => noiseDensityJ2PerS)
    if (isDue || this.#fits.some((fit) => fit === undefined || fit.watts.length < unknowns)) {
      this.#fits = density.map((d, r) => fitPowers(this.#equations, r, list, d))
      this.#fittedNs = endNs
    }
    const watts = this.#fits.map((fit) => fit?.watts)
    if (watts.some((w) => w === undefined)) {
      this.figures = []
      return
    }
    this.#residuals.add(log, watts as Float64Array[], density, this.#states)
    this.#covariances = this.#fits.map((fit, r) => this.#covarianceOf(fit as FittedPowers, r))
    for (let r = 0; r < this.#rails; r++) {
      const { excessJ2, squareJ2 } = this.#residuals
      const share = (squareJ2[r] as number) > 0 ? (excessJ2[r] as number) / (squareJ2[r] as number) : 0
      this.scatterRel[r] = Math.sqrt(Math.max(0, share))
    }
    this.figures = this.#judge(step, rails)
  }

  /**
   * Covariance by clusters (K.-Y. Liang and S. L. Zeger, Biometrika 73, 1986): whatever executions vary by and baselines wander is
   * in it, as the residuals have it. With few clusters the weights are taken at their word instead.
   */
  #covarianceOf(fit: FittedPowers, r: number): Float64Array {
    const n = this.#equations.size
    const { clusters, scoreJ2, residualJ2, seconds } = this.#residuals
    const meat = new Float64Array(n * n)
    const enough = clusters > 3 * n
    const inflation = enough ? clusters / (clusters - n) : 0
    const density = Math.max(seconds > 0 ? (residualJ2[r] as number) / seconds : 0, fit.densityJ2PerS)
    const scores = scoreJ2[r] as Float64Array
    for (let i = 0; i < n * n; i++) {
      const evidence = enough ? inflation * (scores[i] as number) : density * (this.#equations.timeS[i] as number)
      meat[i] = evidence + (fit.priorJ2[i] as number)
    }
    return sandwich(fit.inverse, meat, n)
  }

  #judge(step: Step, rails: readonly RailUncertainty[]): ColumnFigures[] {
    const { list } = this.columns
    const figures = list.map((column) => this.#figuresOf(column))
    const seen = figures.filter((f) => f.executions >= LEAST_EXECUTIONS).map((f) => f.column.index)
    const { bothS, columns, busyS, idleS, baselineUJ } = this.#equations
    // a baseline that is well known is worth as much idle time as it would take to know it so well
    const worthS = Math.max(
      ...rails.map(
        ({ noiseDensityJ2PerS }, r) => noiseDensityJ2PerS / Math.max((baselineUJ[r] as number) / busyS, 1e-6) ** 2,
      ),
    )
    const totalS = busyS + Math.max(idleS, Math.min(worthS, busyS))
    for (const { members, vif, condition } of componentsOf(seen, bothS, columns, totalS)) {
      const component = members.flat()
      const lackOfFit = this.#lackOfFit(new Set(component))
      const states = this.#statesSeen(new Set(component)) + (idleS > 0 ? 1 : 0)
      members.forEach((member, m) => {
        const group = member.length > 1 ? this.#groupOf(member) : undefined
        for (const i of member) {
          const f = figures[i] as ColumnFigures
          f.vif = vif[m] as number
          f.condition = condition
          f.lackOfFit = lackOfFit
          f.verdict = this.#verdict(f, { group, step, enoughStates: states > Math.min(members.length, 20) })
        }
      })
    }
    return figures
  }

  #groupOf(member: readonly number[]): Group {
    const n = this.#equations.size
    const columns = member.map((i) => this.columns.list[i] as PowerColumn)
    const weights = new Float64Array(n)
    for (const column of columns)
      weights.set(courseWeights(column, n).subarray(column.first, column.first + column.bins), column.first)
    const sum = Array.from({ length: this.#rails }, (_, r) => ({
      powerW: columns.reduce((total, column) => total + courseW((this.#fits[r] as FittedPowers).watts, column), 0),
      uW: Math.sqrt(Math.max(0, bilinear(this.#covariances[r] as Float64Array, n, weights, weights))),
    }))
    return { columns, reason: COLLINEAR, sum }
  }

  #figuresOf(column: PowerColumn): ColumnFigures {
    const n = this.#equations.size
    const weights = courseWeights(column, n)
    const rails = Array.from({ length: this.#rails }, (_, r) => r)
    return {
      column,
      verdict: { kind: 'loose', reason: SELDOM },
      powerW: rails.map((r) => courseW((this.#fits[r] as FittedPowers).watts, column)),
      powerUW: rails.map((r) =>
        Math.sqrt(Math.max(0, bilinear(this.#covariances[r] as Float64Array, n, weights, weights))),
      ),
      executions: this.#residuals.executions[column.index] as number,
      vif: Number.NaN,
      condition: Number.NaN,
      lackOfFit: Number.NaN,
    }
  }

  #verdict(
    f: ColumnFigures,
    seen: { readonly group: Group | undefined; readonly step: Step; readonly enoughStates: boolean },
  ): Verdict {
    if (seen.step === 'out') return { kind: 'loose', reason: MISALIGNED }
    if (f.lackOfFit >= MOST_LACK_OF_FIT)
      return seen.step === 'in' ? { kind: 'shapley' } : { kind: 'loose', reason: NOT_ADDITIVE }
    if (!seen.enoughStates) return { kind: 'loose', reason: FEW_STATES }
    if (!(f.vif < MOST_VIF && f.condition < MOST_CONDITION)) return { kind: 'loose', reason: COLLINEAR }
    if (seen.group !== undefined) return { kind: 'group', group: seen.group }
    const totalW = f.powerW.reduce((sum, watts) => sum + watts, 0)
    if (f.powerUW.some((u) => !(u < MOST_U_REL * totalW))) return { kind: 'loose', reason: UNSURE }
    return { kind: 'learned' }
  }

  /** Distinct states of a component that were visited often enough. */
  #statesSeen(component: ReadonlySet<number>): number {
    let count = 0
    for (const { columns, visits } of this.#states.states.values())
      if (visits >= LEAST_VISITS && columns.every((i) => component.has(i))) count++
    return count
  }

  #lackOfFit(component: ReadonlySet<number>): number {
    let worst = 0
    for (const state of this.#states.states.values()) {
      if (state.visits < LEAST_VISITS || !state.columns.every((i) => component.has(i))) continue
      let totalW = 0
      for (let r = 0; r < this.#rails; r++) totalW += Math.abs(stateW(state, r))
      const floorW = Math.max(MISFIT_FLOOR_W, MISFIT_FLOOR_REL * totalW)
      for (let r = 0; r < this.#rails; r++) worst = Math.max(worst, misfit(state, r, floorW))
    }
    return worst
  }

  /** Shapley powers of the columns of a state on one rail, by column; undefined unless all its subsets were seen. */
  shapley(columns: readonly PowerColumn[], rail: number): { watts: number[]; spreadW: number[] } | undefined {
    const places = columns.map((_, i) => i)
    return shapleyW(places, rail, (subset) => this.find(subset.map((i) => columns[i] as PowerColumn)))
  }
}
