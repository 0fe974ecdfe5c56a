import { Account } from './account.ts'
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
  readonly energyJ: Float64Array
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
    for (const column of SUMMED)
      account[column].forEach((value, r) => {
        open.account[column][r] = (open.account[column][r] as number) + value
      })
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
      energyJ: account.shareJ,
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

const SUMMED = ['shareJ', 'baselineUJ', 'weightedS', 'powerUJ'] as const

/** Members share noise exactly as they share energy: the sum has the noise of the whole time. */
function budgetOfGroup(account: Account, rail: RailUncertainty, r: number): Budget {
  const one = new Account(1)
  one.shareJ[0] = account.shareJ[r] as number
  one.weightedS[0] = account.weightedS[r] as number
  one.weightedSquareS[0] = account.weightedS[r] as number
  const busyS = Math.max(account.weightedS[r] as number, 1e-12)
  const baselineUW = [(account.baselineUJ[r] as number) / busyS]
  return budgetOfMean({ account: one, splitJ2: new Float64Array(1) }, 1, [rail], baselineUW)
}
