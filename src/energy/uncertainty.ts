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
}

export interface Budget {
  readonly uJ: number
  /** Largest first, J; terms that are zero are left out. */
  readonly terms: readonly (readonly [name: string, uJ: number])[]
}

/** What a row's budget rests on besides its account. */
export interface RowSituation {
  readonly durationNs: number
  /** Standard uncertainty of an edge shared with another inference, ns. */
  readonly edgeUNs: number
  /** Relative scatter of executions about their learned power, by rail. */
  readonly scatterRel: Float64Array
}

/**
 * GUM budget of an energy above the baseline: independent terms add as squares, rails are independent.
 * Formulas with their sources: docs/measurement.md.
 */
export function budgetOf(account: Account, rails: readonly RailUncertainty[], situation: RowSituation): Budget {
  const squares = new Map<string, number>()
  const add = (name: string, u: number): void => {
    squares.set(name, (squares.get(name) ?? 0) + u * u)
  }
  const durationS = Math.max(situation.durationNs, 1) / 1e9
  rails.forEach((rail, r) => {
    const energyJ = account.shareJ[r] as number
    const meanW = Math.abs(energyJ) / durationS
    add('gain', energyJ * rail.gainURel)
    add('noise', Math.sqrt(rail.noiseDensityJ2PerS * (account.weightedSquareS[r] as number)))
    add('baseline', account.baselineUJ[r] as number)
    add('sampling', Math.SQRT2 * edgeU(meanW, rail))
    add('quantisation', (account.weightedS[r] as number) * undithered(rail))
    if (account.sharedEdges > 0) add('alignment', (Math.sqrt(account.sharedEdges) * meanW * situation.edgeUNs) / 1e9)
    add('split', account.powerUJ[r] as number)
    add('split', (situation.scatterRel[r] as number) * Math.sqrt(account.exchangedSquareJ2[r] as number))
    add('split', looseReachJ(account, r) / Math.sqrt(3))
  })
  return combine(squares)
}

/** The mean of a task's inferences: what is wrong together (gain, baseline, learned powers) does not average down. */
export function budgetOfMean(
  task: { readonly account: Account; readonly splitJ2: Float64Array },
  count: number,
  rails: readonly RailUncertainty[],
  baselineUW: readonly number[],
): Budget {
  const { account, splitJ2 } = task
  const squares = new Map<string, number>()
  const add = (name: string, u: number): void => {
    squares.set(name, (squares.get(name) ?? 0) + (u / count) ** 2)
  }
  rails.forEach((rail, r) => {
    add('gain', (account.shareJ[r] as number) * rail.gainURel)
    add('noise', Math.sqrt(rail.noiseDensityJ2PerS * (account.weightedSquareS[r] as number)))
    add('baseline', (account.weightedS[r] as number) * (baselineUW[r] as number))
    add('quantisation', (account.weightedS[r] as number) * undithered(rail))
    const split = Math.hypot(Math.sqrt(splitJ2[r] as number), looseReachJ(account, r) / Math.sqrt(3))
    add('split', Math.min(split, reachJ(account, r) / Math.sqrt(3)))
  })
  return combine(squares)
}

/** No division can be further off than the energies that bound it allow, J. */
function reachJ(account: Account, r: number): number {
  const share = account.shareJ[r] as number
  return Math.max(share - (account.exclusiveJ[r] as number), (account.inclusiveJ[r] as number) - share, 0)
}

/** What is divided by convention lies somewhere between nothing and all of it: how far the convention may be off, J. */
export function looseReachJ(account: Account, r: number): number {
  const loose = account.looseJ[r] as number
  return Math.max(loose, (account.looseInclusiveJ[r] as number) - loose, 0)
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
