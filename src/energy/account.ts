import type { Group } from './learned-powers.ts'

// Sums of an account, by rail.
/** The best division there is, J: what totals, means and published rows are made of. */
export const SHARE_J = 0
/** Equal split of the stretches in which it was active. */
export const EQUAL_J = 1
/** Energy while nobody else was active: the least it can have caused. */
export const EXCLUSIVE_J = 2
/** All energy while it was active: the most it can have caused. */
export const INCLUSIVE_J = 3
/** Its share of the idle energy, J. */
export const IDLE_J = 4
/** Sum over stretches of share * length * u(baseline), J: wrong together, as one baseline serves them all. */
export const BASELINE_UJ = 5
/** Sum of share * length, s. */
export const WEIGHTED_S = 6
/** Sum of share^2 * length, s. */
export const WEIGHTED_SQUARE_S = 7
/** Sum of its predicted energy times the others' share, J: what can change hands when powers vary from run to run. */
export const EXCHANGED_J = 8
/** Sum of the squares of that over what varies independently, J^2. */
export const EXCHANGED_SQUARE_J2 = 9
/** The same sum, each term times the relative uncertainty of the powers that divided it, J. */
export const POWER_UJ = 10
/** The part of its share that nothing but convention divides, J. */
export const LOOSE_J = 11
/** All energy of those stretches, J. */
export const LOOSE_INCLUSIVE_J = 12
const SUMS = 13

/**
 * What a sweep adds up for one owner of energy: a span, an inference or a task. Joules above the baseline, and the weights an
 * uncertainty needs. One plain array: there is an account for every span, and a typed array costs as much as ten of these.
 */
export class Account {
  readonly #sums: number[]
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
    this.#sums = zeros(SUMS * rails)
  }

  get(sum: number, rail: number): number {
    return this.#sums[SUMS * rail + sum] as number
  }

  add(sum: number, rail: number, value: number): void {
    const at = SUMS * rail + sum
    this.#sums[at] = (this.#sums[at] as number) + value
  }

  /** One sum, by rail. */
  byRail(sum: number): number[] {
    const values: number[] = []
    for (let at = sum; at < this.#sums.length; at += SUMS) values.push(this.#sums[at] as number)
    return values
  }

  get coverage(): number {
    return this.lengthNs === 0 ? 0 : this.coveredNs / this.lengthNs
  }
}

export const DIVIDED_LEARNED = 1
export const DIVIDED_SHAPLEY = 2
export const DIVIDED_GROUP = 4
export const DIVIDED_LOOSE = 8

function zeros(count: number): number[] {
  if (count === ONE_RAIL.length) return ONE_RAIL.slice()
  return new Array<number>(count).fill(0)
}

/** Made of doubles, so that copies hold doubles from the start. */
const ONE_RAIL = Array.from({ length: SUMS }, () => 0.5)
ONE_RAIL.fill(0)
