import { Account, BASELINE_UJ, INCLUSIVE_J, POWER_UJ, SHARE_J, WEIGHTED_S, WEIGHTED_SQUARE_S } from './account.ts'
import type { PowerColumn } from './columns.ts'
import type { Group } from './learned-powers.ts'
import { type Budget, budgetOfMean, type RailUncertainty } from './uncertainty.ts'

/** Executions that cannot be told apart, with what they cost together. */
export interface GroupResult {
  readonly id: number
  readonly members: readonly PowerColumn[]
  readonly reason: string
  readonly executions: number
  /** By rail, J. */
  readonly energyJ: readonly number[]
  /** By rail. */
  readonly budgets: readonly Budget[]
}

interface OpenGroup {
  readonly id: number
  readonly group: Group
  readonly account: Account
  executions: number
}

/** Sums of the groups of a window; every window has ids of its own, so one id is one row a rail. */
export class GroupLedger {
  readonly #rails: number
  readonly #open = new Map<string, OpenGroup>()
  #next = 1

  constructor(rails: number) {
    this.#rails = rails
  }

  /** Adds an execution; returns the id of its group. */
  add(account: Account): number | undefined {
    const open = this.#openOf(account)
    if (open === undefined) return undefined
    open.executions++
    for (const sum of SUMMED) for (let r = 0; r < this.#rails; r++) open.account.add(sum, r, account.get(sum, r))
    return open.id
  }

  idOf(account: Account): number | undefined {
    return this.#openOf(account)?.id
  }

  /** The groups of the window that ends; forgets them. */
  take(rails: readonly RailUncertainty[]): GroupResult[] {
    const results = [...this.#open.values()].map(({ id, group, account, executions }) => ({
      id,
      members: group.columns,
      reason: group.reason,
      executions,
      energyJ: account.byRail(SHARE_J),
      budgets: rails.map((rail, r) => budgetOfGroup(account, rail, r)),
    }))
    this.#open.clear()
    return results
  }

  #openOf({ group }: Account): OpenGroup | undefined {
    if (group === undefined) return undefined
    const key = group.columns.map(({ index }) => index).join()
    let open = this.#open.get(key)
    if (open === undefined) {
      open = { id: this.#next++, group, account: new Account(this.#rails), executions: 0 }
      this.#open.set(key, open)
    }
    return open
  }
}

const SUMMED = [SHARE_J, BASELINE_UJ, WEIGHTED_S, POWER_UJ]

/** Members share noise exactly as they share energy: the sum has the noise of the whole time. */
function budgetOfGroup(account: Account, rail: RailUncertainty, r: number): Budget {
  const one = new Account(1)
  const busyS = account.get(WEIGHTED_S, r)
  one.add(SHARE_J, 0, account.get(SHARE_J, r))
  one.add(INCLUSIVE_J, 0, Number.POSITIVE_INFINITY)
  one.add(WEIGHTED_S, 0, busyS)
  one.add(WEIGHTED_SQUARE_S, 0, busyS)
  const baselineUW = [account.get(BASELINE_UJ, r) / Math.max(busyS, 1e-12)]
  // what it exchanges with others it shares with is wrong together
  const splitJ2 = Float64Array.of(account.get(POWER_UJ, r) ** 2)
  return budgetOfMean({ account: one, splitJ2 }, 1, [rail], baselineUW)
}
