import type { Group } from './learned-powers.ts'

/**
 * What a sweep adds up for one owner of energy: a span, an inference or a task. Joules above the baseline, one column per
 * rail, and the weights an uncertainty needs.
 */
export class Account {
  /** The best division there is, J: what totals, means and published rows are made of. */
  readonly shareJ: Float64Array
  /** Equal split of the stretches in which it was active. */
  readonly equalJ: Float64Array
  /** Energy while nobody else was active: the least it can have caused. */
  readonly exclusiveJ: Float64Array
  /** All energy while it was active: the most it can have caused. */
  readonly inclusiveJ: Float64Array
  readonly idleJ: Float64Array
  /** Sum over stretches of share * length * u(baseline), J: wrong together, as one baseline serves them all. */
  readonly baselineUJ: Float64Array
  /** Sum of share * length and of share^2 * length, s. */
  readonly weightedS: Float64Array
  readonly weightedSquareS: Float64Array
  /** Sum of its predicted energy times the others' share, J: what can change hands when powers vary from run to run. */
  readonly exchangedJ: Float64Array
  /** Sum of the squares of that over what varies independently, J^2. */
  readonly exchangedSquareJ2: Float64Array
  /** The same sum, each term times the relative uncertainty of the powers that divided it, J. */
  readonly powerUJ: Float64Array
  /** The part of `shareJ` that nothing but convention divides, and all energy of those stretches. */
  readonly looseJ: Float64Array
  readonly looseInclusiveJ: Float64Array
  /** All stretches it took part in, guards included. */
  lengthNs = 0
  coveredNs = 0
  /** Stretches in which others were active too. */
  sharedNs = 0
  /** Another owner was active within the guards. */
  touched = false
  /** Edges shared with another owner: there an alignment error moves energy between them. */
  sharedEdges = 0
  flags = 0
  /** DIVIDED_* bits: what divided the stretches it shared. */
  divided = 0
  /** Why some of it could not be divided; the first reason met. */
  looseReason: string | undefined
  /** With DIVIDED_GROUP: what it cannot be told from; the last met. */
  group: Group | undefined

  constructor(rails: number) {
    const all = new Float64Array(13 * rails)
    const column = (n: number): Float64Array => all.subarray(n * rails, (n + 1) * rails)
    this.shareJ = column(0)
    this.equalJ = column(1)
    this.exclusiveJ = column(2)
    this.inclusiveJ = column(3)
    this.idleJ = column(4)
    this.baselineUJ = column(5)
    this.weightedS = column(6)
    this.weightedSquareS = column(7)
    this.exchangedJ = column(8)
    this.exchangedSquareJ2 = column(9)
    this.powerUJ = column(10)
    this.looseJ = column(11)
    this.looseInclusiveJ = column(12)
  }

  get coverage(): number {
    return this.lengthNs === 0 ? 0 : this.coveredNs / this.lengthNs
  }
}

export const DIVIDED_LEARNED = 1
export const DIVIDED_SHAPLEY = 2
export const DIVIDED_GROUP = 4
export const DIVIDED_LOOSE = 8
