import {
  Account,
  BASELINE_UJ,
  EXCLUSIVE_J,
  IDLE_J,
  INCLUSIVE_J,
  SHARE_J,
  WEIGHTED_S,
  WEIGHTED_SQUARE_S,
} from '../energy/account.ts'
import type { InferenceResult } from '../energy/result.ts'
import { LogHistogram } from './log-histogram.ts'

/** What all inferences of one task (or of the run) add up to. */
export class TaskStatistics {
  inferences = 0
  /** Inferences that enter the mean. */
  counted = 0
  energyJ = 0
  idleJ = 0
  unresolved = 0
  durationNs = 0
  coverageMin = Number.POSITIVE_INFINITY
  readonly #energies = new LogHistogram()
  readonly #durations = new LogHistogram()
  #mean = 0
  #squares = 0
  #resolved = 0

  add(result: InferenceResult): void {
    this.inferences++
    this.durationNs += result.span.endNs - result.span.startNs
    this.#durations.add(result.span.endNs - result.span.startNs)
    this.coverageMin = Math.min(this.coverageMin, result.coverage)
    if (result.energyJ === undefined) this.unresolved++
    if (!result.isMeasured) return
    const joules = sum(result.shareJ)
    this.counted++
    this.energyJ += joules
    this.idleJ += sum(result.idleJ)
    if (result.energyJ !== undefined) this.#noteSpread(joules)
  }

  get energyMeanJ(): number | undefined {
    return this.counted === 0 ? undefined : this.energyJ / this.counted
  }

  get idleMeanJ(): number | undefined {
    return this.counted === 0 ? undefined : this.idleJ / this.counted
  }

  get energySdJ(): number | undefined {
    return this.#resolved < 2 ? undefined : Math.sqrt(this.#squares / (this.#resolved - 1))
  }

  energyQuantileJ(share: number): number | undefined {
    return this.#energies.quantile(share)
  }

  durationQuantileNs(share: number): number | undefined {
    const value = this.#durations.quantile(share)
    return value === undefined ? undefined : Math.round(value)
  }

  /** B. P. Welford, Technometrics 4 (1962): stable in one pass. */
  #noteSpread(joules: number): void {
    this.#energies.add(joules)
    this.#resolved++
    const delta = joules - this.#mean
    this.#mean += delta / this.#resolved
    this.#squares += delta * (joules - this.#mean)
  }
}

/** One account for the whole run from those of its tasks: their splits with each other cancel, everything else adds. */
export function joined(accounts: readonly Account[], rails: number): Account {
  const into = new Account(rails)
  for (const account of accounts)
    for (const sum of [SHARE_J, EXCLUSIVE_J, INCLUSIVE_J, IDLE_J, BASELINE_UJ, WEIGHTED_S, WEIGHTED_SQUARE_S])
      for (let r = 0; r < rails; r++) into.add(sum, r, account.get(sum, r))
  return into
}

export function sum(values: readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}
