import type { Account } from './account.ts'

/** What the uncertainty of one rail's energy rests on; standard (k = 1) throughout. */
export interface RailUncertainty {
  /** Relative, of sensor scale and rail voltage together. */
  readonly gainURel: number
  readonly noiseDensityJ2PerS: number
  readonly cellSdW: number
  /** One count, W. */
  readonly countW: number
  readonly cellNs: number
  /** Time constant of the sensor's filter, ns. */
  readonly timeConstantNs: number
  /** Standard uncertainty of the sensor's declared group delay, ns; left out: none. */
  readonly delayUNs?: number
}

export interface Budget {
  readonly uJ: number
  /** Largest first, J; terms that are zero are left out. */
  readonly terms: readonly (readonly [name: string, uJ: number])[]
}

/**
 * GUM budget of an energy above the baseline: independent terms add as squares, rails are independent.
 * Formulas with their sources: docs/measurement.md.
 */
export function budgetOf(
  account: Account,
  rails: readonly RailUncertainty[],
  situation: { readonly durationNs: number; readonly boundNs: number; readonly isSplit: boolean },
): Budget {
  const squares = new Map<string, number>()
  const add = (name: string, u: number): void => {
    squares.set(name, (squares.get(name) ?? 0) + u * u)
  }
  const durationS = Math.max(situation.durationNs, 1) / 1e9
  rails.forEach((rail, r) => {
    const energyJ = account.equalJ[r] as number
    const meanW = Math.abs(energyJ) / durationS
    add('gain', energyJ * rail.gainURel)
    add('noise', Math.sqrt(rail.noiseDensityJ2PerS * account.weightedSquareS))
    add('baseline', account.baselineUJ[r] as number)
    add('sampling', Math.SQRT2 * edgeU(meanW, rail))
    add('quantisation', account.weightedS * undithered(rail))
    if (account.sharedEdges > 0)
      add('alignment', (Math.sqrt(account.sharedEdges) * meanW * situation.boundNs) / 1e9 / Math.sqrt(3))
    if (account.sharedEdges > 0 && rail.delayUNs !== undefined)
      add('delay', (Math.sqrt(account.sharedEdges) * meanW * rail.delayUNs) / 1e9)
    if (situation.isSplit) add('split', splitU(account, r))
  })
  return combine(squares)
}

/** The mean of a task's inferences: what is wrong together (gain, baseline, split with other tasks) does not average down. */
export function budgetOfMean(
  account: Account,
  count: number,
  rails: readonly RailUncertainty[],
  baselineUW: readonly number[],
): Budget {
  const squares = new Map<string, number>()
  const add = (name: string, u: number): void => {
    squares.set(name, (squares.get(name) ?? 0) + (u / count) ** 2)
  }
  rails.forEach((rail, r) => {
    add('gain', (account.equalJ[r] as number) * rail.gainURel)
    add('noise', Math.sqrt(rail.noiseDensityJ2PerS * account.weightedSquareS))
    add('baseline', account.weightedS * (baselineUW[r] as number))
    add('quantisation', account.weightedS * undithered(rail))
    add('split', splitU(account, r))
  })
  return combine(squares)
}

/** The equal split is a convention: the truth lies between exclusive and inclusive, taken as uniform around it. */
function splitU(account: Account, r: number): number {
  const equal = account.equalJ[r] as number
  const reach = Math.max(equal - (account.exclusiveJ[r] as number), (account.inclusiveJ[r] as number) - equal, 0)
  return reach / Math.sqrt(3)
}

/**
 * Point sampling of one edge: uniform within a sample for a sharp edge, smaller behind a filter (the second Bernoulli
 * polynomial of the phase, rms 0.0373 Ts/tau for Ts < tau).
 */
function edgeU(stepW: number, rail: RailUncertainty): number {
  const ratio = rail.timeConstantNs > 0 ? rail.cellNs / rail.timeConstantNs : Number.POSITIVE_INFINITY
  return (stepW * rail.cellNs * Math.min(1 / Math.sqrt(12), 0.0373 * ratio)) / 1e9
}

/** Below 0.4 counts of noise quantisation is no noise but an offset that stays, up to half a count. */
function undithered(rail: RailUncertainty): number {
  return rail.cellSdW < 0.4 * rail.countW ? rail.countW / Math.sqrt(12) : 0
}

function combine(squares: ReadonlyMap<string, number>): Budget {
  const terms = [...squares]
    .filter(([, square]) => square > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([name, square]) => [name, Math.sqrt(square)] as const)
  return { uJ: Math.sqrt([...squares.values()].reduce((sum, square) => sum + square, 0)), terms }
}
