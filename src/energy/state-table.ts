import type { PowerColumn } from './columns.ts'

/** Columns active together, over all visits to this state; visits lose weight with age. */
export interface StateSums {
  /** Indices, ascending. */
  readonly columns: readonly number[]
  visits: number
  seconds: number
  squareS2: number
  /** By rail: energy above the baseline, J; residuals r of the fit: sums of r, r^2 and r x duration. */
  readonly energyJ: Float64Array
  readonly residualJ: Float64Array
  readonly residualJ2: Float64Array
  readonly residualJS: Float64Array
}

/** Visits that weigh less than this are as good as forgotten. */
const FORGOTTEN = 0.5

/** Mean power and misfit by the set of active columns: tells whether powers add up, and what they are where they do not. */
export class StateTable {
  readonly states = new Map<number, StateSums>()
  readonly #rails: number

  constructor(rails: number) {
    this.#rails = rails
  }

  forget(factor: number): void {
    for (const [hash, state] of this.states) {
      state.visits *= factor
      if (state.visits < FORGOTTEN) {
        this.states.delete(hash)
        continue
      }
      state.seconds *= factor
      state.squareS2 *= factor
      for (const sums of [state.energyJ, state.residualJ, state.residualJ2, state.residualJS])
        for (let r = 0; r < sums.length; r++) sums[r] = (sums[r] as number) * factor
    }
  }

  addVisit(
    hash: number,
    columns: readonly PowerColumn[],
    seconds: number,
    energyJ: Float64Array,
    residualJ: Float64Array,
  ): void {
    let state = this.states.get(hash)
    if (state === undefined) {
      const zeros = (): Float64Array => new Float64Array(this.#rails)
      const sums = { energyJ: zeros(), residualJ: zeros(), residualJ2: zeros(), residualJS: zeros() }
      const ascending = [...new Set(columns.map(({ index }) => index))].sort((a, b) => a - b)
      state = { columns: ascending, visits: 0, seconds: 0, squareS2: 0, ...sums }
      this.states.set(hash, state)
    }
    state.visits++
    state.seconds += seconds
    state.squareS2 += seconds * seconds
    for (let r = 0; r < this.#rails; r++) {
      const residual = residualJ[r] as number
      state.energyJ[r] = (state.energyJ[r] as number) + (energyJ[r] as number)
      state.residualJ[r] = (state.residualJ[r] as number) + residual
      state.residualJ2[r] = (state.residualJ2[r] as number) + residual * residual
      state.residualJS[r] = (state.residualJS[r] as number) + residual * seconds
    }
  }
}

/** Mean power above the baseline in a state, W. */
export function stateW(state: StateSums, rail: number): number {
  return (state.energyJ[rail] as number) / state.seconds
}

/**
 * How many standard errors the mean residual of a state is off: its standard error is that of the visits' own scatter, as
 * executions vary; `floorW` keeps long runs from finding fault with what does not matter.
 */
export function misfit(state: StateSums, rail: number, floorW: number): number {
  const meanW = (state.residualJ[rail] as number) / state.seconds
  const scatterJ2 =
    (state.residualJ2[rail] as number) - 2 * meanW * (state.residualJS[rail] as number) + meanW * meanW * state.squareS2
  const errorW = Math.sqrt(Math.max(0, scatterJ2)) / state.seconds
  return Math.abs(meanW) / Math.max(errorW, floorW)
}
