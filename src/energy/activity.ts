import type { Span } from '../inference/span.ts'
import { Account } from './account.ts'

/** Something that draws power between start and end: a stage, a load, an unload or a warm-up. */
export interface Activity {
  readonly span: Span
  readonly account: Account
  /** The inference it belongs to, when it is a stage of one. */
  readonly owner: Owner | undefined
}

/** One inference: the stages it caused and the interval in which it shares the idle power. */
export class Owner {
  readonly span: Span
  readonly account: Account
  readonly task: TaskAccount
  readonly stages: Activity[] = []
  /** Scratch of the sweep: how many of the active activities are its own. */
  activeCount = 0

  constructor(span: Span, task: TaskAccount, rails: number) {
    this.span = span
    this.task = task
    this.account = new Account(rails)
  }
}

/** All inferences of one task: what their mean is made of. */
export class TaskAccount {
  readonly key: string
  readonly account: Account
  /** Scratch of the sweep, as for an owner. */
  activeCount = 0

  constructor(key: string, rails: number) {
    this.key = key
    this.account = new Account(rails)
  }
}
