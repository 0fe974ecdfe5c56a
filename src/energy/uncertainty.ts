import {
  type Account,
  BASELINE_UJ,
  EXCHANGED_SQUARE_J2,
  EXCLUSIVE_J,
  INCLUSIVE_J,
  LOOSE_INCLUSIVE_J,
  LOOSE_J,
  POWER_UJ,
  SHARE_J,
  WEIGHTED_S,
  WEIGHTED_SQUARE_S,
} from './account.ts'

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

const TERMS = ['gain', 'noise', 'baseline', 'sampling', 'quantisation', 'alignment', 'split', 'delay'] as const
const [GAIN, NOISE, BASELINE, SAMPLING, QUANTISATION, ALIGNMENT, SPLIT, DELAY] = [0, 1, 2, 3, 4, 5, 6, 7] as const

/** Made of doubles, so that copies hold doubles from the start. */
const NO_TERMS: number[] = TERMS.map(() => 0.5).fill(0)

/** Independent terms, which add as squares. */
export class Budget {
  uJ = 0
  readonly #squares = NO_TERMS.slice()

  add(term: number, u: number): void {
    this.#squares[term] = (this.#squares[term] as number) + u * u
  }

  close(): this {
    let sum = 0
    for (const square of this.#squares) sum += square
    this.uJ = Math.sqrt(sum)
    return this
  }

  /** Largest first, J; terms that are zero are left out. */
  get terms(): readonly (readonly [name: string, uJ: number])[] {
    return TERMS.map((name, i) => [name, Math.sqrt(this.#squares[i] as number)] as const)
      .filter(([, u]) => u > 0)
      .sort((a, b) => b[1] - a[1])
  }
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
  const budget = new Budget()
  const durationS = Math.max(situation.durationNs, 1) / 1e9
  for (let r = 0; r < rails.length; r++) {
    const rail = rails[r] as RailUncertainty
    const energyJ = account.get(SHARE_J, r)
    const meanW = Math.abs(energyJ) / durationS
    budget.add(GAIN, energyJ * rail.gainURel)
    budget.add(NOISE, Math.sqrt(rail.noiseDensityJ2PerS * account.get(WEIGHTED_SQUARE_S, r)))
    budget.add(BASELINE, account.get(BASELINE_UJ, r))
    budget.add(SAMPLING, Math.SQRT2 * edgeU(meanW, rail))
    budget.add(QUANTISATION, account.get(WEIGHTED_S, r) * undithered(rail))
    if (account.sharedEdges > 0) {
      budget.add(ALIGNMENT, (Math.sqrt(account.sharedEdges) * meanW * situation.edgeUNs) / 1e9)
      budget.add(DELAY, (Math.sqrt(account.sharedEdges) * meanW * (rail.delayUNs ?? 0)) / 1e9)
    }
    budget.add(SPLIT, account.get(POWER_UJ, r))
    budget.add(SPLIT, (situation.scatterRel[r] as number) * Math.sqrt(account.get(EXCHANGED_SQUARE_J2, r)))
    budget.add(SPLIT, looseReachJ(account, r) / Math.sqrt(3))
  }
  return budget.close()
}

/** The mean of a task's inferences: what is wrong together (gain, baseline, learned powers) does not average down. */
export function budgetOfMean(
  task: { readonly account: Account; readonly splitJ2: Float64Array },
  count: number,
  rails: readonly RailUncertainty[],
  baselineUW: readonly number[],
): Budget {
  const { account, splitJ2 } = task
  const budget = new Budget()
  for (let r = 0; r < rails.length; r++) {
    const rail = rails[r] as RailUncertainty
    budget.add(GAIN, (account.get(SHARE_J, r) * rail.gainURel) / count)
    budget.add(NOISE, Math.sqrt(rail.noiseDensityJ2PerS * account.get(WEIGHTED_SQUARE_S, r)) / count)
    budget.add(BASELINE, (account.get(WEIGHTED_S, r) * (baselineUW[r] as number)) / count)
    budget.add(QUANTISATION, (account.get(WEIGHTED_S, r) * undithered(rail)) / count)
    const learned = Math.sqrt(splitJ2[r] as number)
    const split = Math.hypot(learned, account.get(POWER_UJ, r), looseReachJ(account, r) / Math.sqrt(3))
    budget.add(SPLIT, Math.min(split, reachJ(account, r) / Math.sqrt(3)) / count)
  }
  return budget.close()
}

/** No division can be further off than the energies that bound it allow, J. */
function reachJ(account: Account, r: number): number {
  const share = account.get(SHARE_J, r)
  return Math.max(share - account.get(EXCLUSIVE_J, r), account.get(INCLUSIVE_J, r) - share, 0)
}

/** What is divided by convention lies somewhere between nothing and all of it: how far the convention may be off, J. */
export function looseReachJ(account: Account, r: number): number {
  const loose = account.get(LOOSE_J, r)
  return Math.max(loose, account.get(LOOSE_INCLUSIVE_J, r) - loose, 0)
}

/**
 * Point sampling of one edge: uniform within a sample for a sharp edge, smaller behind a filter (the second Bernoulli
 * polynomial of the phase, rms 0.0373 Ts/tau for Ts < tau).
 */
function edgeU(stepW: number, rail: RailUncertainty): number {
  const ratio = rail.timeConstantNs > 0 ? rail.cellNs / rail.timeConstantNs : Number.POSITIVE_INFINITY
  return (stepW * rail.cellNs * Math.min(1 / Math.sqrt(12), 0.0373 * ratio)) / 1e9
}

/** Below 0.4 counts of noise quantisation is no noise but an offset of up to half a count, of the power and of the baseline. */
function undithered(rail: RailUncertainty): number {
  return rail.cellSdW < 0.4 * rail.countW ? rail.countW / Math.sqrt(6) : 0
}
