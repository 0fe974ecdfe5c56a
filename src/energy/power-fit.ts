import type { PowerColumn } from './columns.ts'
import { nonNegative } from './non-negative.ts'
import type { NormalEquations } from './normal-equations.ts'
import { TAIL_NS } from './sweep.ts'
import { cholesky, inverse } from './symmetric.ts'

/** Powers of one rail, W, by unknown. */
export interface FittedPowers {
  readonly watts: Float64Array
  /** Inverse of the normal matrix, 1/s. */
  readonly inverse: Float64Array
  /** What the priors may be off by, as it enters the covariance like evidence does, J^2. */
  readonly priorJ2: Float64Array
  /** Noise the weights rest on, W^2 s. */
  readonly densityJ2PerS: number
}

/**
 * Parts of a course are held to its mean as if so much of the time they were seen had shown it. What the data tell of a shape is
 * little dulled by it; a shape that only shows in the jitter of a pattern, as in a pipeline that is never out of work, is not
 * believed against a rectangle.
 */
const SHAPE_WEIGHT = 0.05
/** Courses are uneven alike (transfers draw less, at both ends), and what is held to a rectangle looks more even than it is. */
const COHERENT = 2
/** How far lags lie apart among devices, relative to a tail's length: some 40 us. */
const TAIL_SPREAD = 0.15
/** Tails seen for so long tell how much devices lag. */
const ENOUGH_TAIL_S = 20 * (TAIL_NS / 1e9)
/** The level itself is free but for this, so that what was hardly seen has a solution. */
const LEVEL_SPREAD = 10
/** Executions vary by some percent however quiet the sensor is: 3 % over 2 ms. */
const LEAST_DENSITY = 1e-6

/**
 * Non-negative least squares with prior knowledge as so many seconds of evidence (ridge regression: A. E. Hoerl and
 * R. W. Kennard, Technometrics 12, 1970). The baseline's error is an unknown that its stated uncertainty ties to zero: free
 * where idle time was scarce, pinned where it was plentiful.
 */
export function fitPowers(
  equations: NormalEquations,
  rail: number,
  columns: readonly PowerColumn[],
  noiseDensityJ2PerS: number,
): FittedPowers | undefined {
  const { size: n, timeS } = equations
  const energyJ = equations.energyJ[rail] as Float64Array
  const busyS = timeS[0] as number
  if (n < 2 || busyS === 0) return undefined
  let drawnS = 0
  for (let i = 1; i < n; i++) drawnS += timeS[i] as number
  const levelW = Math.max(Math.abs(energyJ[0] as number) / drawnS, 1e-6)
  const densityJ2PerS = Math.max(noiseDensityJ2PerS, LEAST_DENSITY * levelW * levelW)
  const baselineUW = Math.max((equations.baselineUJ[rail] as number) / busyS, 1e-4 * levelW)
  const prior = new Prior(equations, columns, { densityJ2PerS, levelW, baselineUW })
  const matrix = timeS.map((seconds, i) => seconds + (prior.seconds[i] as number))
  const all = Array.from({ length: n }, (_, i) => i)
  const factor = cholesky(matrix, n, all)
  if (factor === undefined) return undefined
  const first = nonNegative(matrix, energyJ, n, FREE)
  const watts = nonNegative(matrix, prior.withTails(energyJ, first), n, FREE)
  return { watts, inverse: inverse(factor, n), priorJ2: prior.doubtJ2(watts), densityJ2PerS }
}

/** The error of the baseline may have either sign. */
const FREE: ReadonlySet<number> = new Set([0])

class Prior {
  readonly seconds: Float64Array
  readonly #equations: NormalEquations
  readonly #columns: readonly PowerColumn[]
  readonly #densityJ2PerS: number
  readonly #tailS: number
  readonly #levelS: number
  readonly #shapeS: number[]

  constructor(
    equations: NormalEquations,
    columns: readonly PowerColumn[],
    known: { readonly densityJ2PerS: number; readonly levelW: number; readonly baselineUW: number },
  ) {
    const { densityJ2PerS, levelW, baselineUW } = known
    const { size: n, timeS } = equations
    this.#equations = equations
    this.#columns = columns
    this.#densityJ2PerS = densityJ2PerS
    this.#tailS = densityJ2PerS / (TAIL_SPREAD * levelW) ** 2
    this.#levelS = densityJ2PerS / (LEVEL_SPREAD * levelW) ** 2
    this.#shapeS = columns.map(
      ({ first, bins }) => (SHAPE_WEIGHT * sumOver(timeS, n, first, bins)) / bins + this.#levelS,
    )
    this.seconds = new Float64Array(n * n)
    this.seconds[0] = densityJ2PerS / baselineUW ** 2
    columns.forEach(({ first, bins }, k) => {
      const shapeS = this.#shapeS[k] as number
      for (let i = 0; i < bins; i++) {
        for (let j = 0; j < bins; j++) this.seconds[(first + i) * n + first + j] = (this.#levelS / bins - shapeS) / bins
        this.#add(first + i, shapeS)
      }
      this.#add(first + bins, this.#tailS)
    })
  }

  #add(i: number, seconds: number): void {
    const at = i * this.#equations.size + i
    this.seconds[at] = (this.seconds[at] as number) + seconds
  }

  /** Right side with tails in proportion to their powers, as far as tails were seen by themselves. */
  withTails(energyJ: Float64Array, watts: Float64Array): Float64Array {
    const { size: n, timeS } = this.#equations
    let tailJ = 0
    let levelJ = 0
    for (const column of this.#columns) {
      const tail = column.first + column.bins
      const seenS = timeS[tail * n + tail] as number
      if (seenS < ENOUGH_TAIL_S) continue
      tailJ += seenS * (watts[tail] as number)
      levelJ += seenS * courseW(watts, column)
    }
    const right = energyJ.slice()
    if (!(levelJ > 0)) return right
    const ratio = Math.min(1, tailJ / levelJ)
    for (const column of this.#columns) {
      const tail = column.first + column.bins
      right[tail] = (right[tail] as number) + this.#tailS * ratio * courseW(watts, column)
    }
    return right
  }

  /**
   * What leaves room for doubt: priors stand for so much noise, but courses are held to a rectangle by convention. What that can be off
   * is as large as the courses that could be seen are uneven.
   */
  doubtJ2(watts: Float64Array): Float64Array {
    const n = this.#equations.size
    const doubt = this.seconds.map((seconds) => seconds * this.#densityJ2PerS)
    const levelJ2 = this.#levelS * this.#densityJ2PerS
    const uneven = this.#unevennessRel2(watts)
    this.#columns.forEach((column, k) => {
      const { first, bins } = column
      const square = ((this.#shapeS[k] as number) * COHERENT) ** 2 * uneven * courseW(watts, column) ** 2
      for (let i = 0; i < bins; i++)
        for (let j = 0; j < bins; j++)
          doubt[(first + i) * n + first + j] = square * ((i === j ? 1 : 0) - 1 / bins) + levelJ2 / bins ** 2
    })
    return doubt
  }

  /** Mean square by which parts differ from their course, relative. */
  #unevennessRel2(watts: Float64Array): number {
    const { size: n, timeS } = this.#equations
    let squares = 0
    let seenS = 0
    for (const column of this.#columns) {
      const levelW = courseW(watts, column)
      if (column.bins === 1 || !(levelW > 0)) continue
      const columnS = sumOver(timeS, n, column.first, column.bins)
      seenS += columnS
      for (let i = column.first; i < column.first + column.bins; i++)
        squares += (columnS / column.bins) * ((watts[i] as number) / levelW - 1) ** 2
    }
    return seenS > 0 ? squares / seenS : 0
  }
}

function sumOver(timeS: Float64Array, n: number, first: number, bins: number): number {
  let sum = 0
  for (let i = first; i < first + bins; i++) sum += timeS[i * n + i] as number
  return sum
}

/** Mean power over a course, W. */
export function courseW(watts: Float64Array, { first, bins }: PowerColumn): number {
  let sum = 0
  for (let i = first; i < first + bins; i++) sum += watts[i] as number
  return sum / bins
}

/** What a course's mean power is of the unknowns: 1/bins for each part. */
export function courseWeights({ first, bins }: PowerColumn, n: number): Float64Array {
  return new Float64Array(n).fill(1 / bins, first, first + bins)
}
