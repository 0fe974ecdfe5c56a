import type { Span } from '../inference/span.ts'
import { Account } from './account.ts'
import type { PowerColumn } from './columns.ts'

/** Something that draws power between start and end: a stage, a load, an unload or a warm-up. */
export class Activity {
  readonly span: Span
  readonly account: Account
  /** The inference it belongs to, when it is a stage of one. */
  readonly owner: Owner | undefined
  /** What it is an execution of; undefined when there are too many kinds to learn. */
  readonly column: PowerColumn | undefined
  /** The part of its course the sweep is in, from 0; -1 while its end is not known. */
  bin = -1
  /** Where the next part begins, ns. */
  nextBinNs = Number.POSITIVE_INFINITY

  constructor(span: Span, owner: Owner | undefined, column: PowerColumn | undefined, rails: number) {
    this.span = span
    this.owner = owner
    this.column = column
    this.account = new Account(rails)
  }

  /** At its start: its course has equal parts, when its end is known. */
  begin(): void {
    if (Number.isNaN(this.span.endNs)) return
    this.bin = 0
    this.nextBinNs = this.#binStartNs(1)
  }

  /** Enters the part that holds `ns`. */
  advance(ns: number): void {
    while (this.nextBinNs <= ns) this.nextBinNs = this.#binStartNs(++this.bin + 1)
  }

  #binStartNs(bin: number): number {
    const bins = this.column?.bins ?? 1
    const { startNs, endNs } = this.span
    return bin >= bins ? Number.POSITIVE_INFINITY : startNs + ((endNs - startNs) * bin) / bins
  }
}

/** One inference: the stages it caused and the interval in which it shares the idle power. */
export class Owner {
  readonly span: Span
  readonly account: Account
  readonly task: TaskAccount
  readonly stages: Activity[] = []
  /** What the samples of its stages said. */
  seen: Seen = NOTHING_SEEN
  /** Scratch of the sweep: the piece it was last seen in, and how many of the active activities are its own. */
  seenIn = -1
  activeCount = 0

  constructor(span: Span, task: TaskAccount, rails: number) {
    this.span = span
    this.task = task
    this.account = new Account(rails)
  }

  see({ peakW, samples, saturated }: Seen): void {
    const { seen } = this
    this.seen = {
      peakW: peakW <= seen.peakW ? seen.peakW : peakW,
      samples: seen.samples + samples,
      saturated: seen.saturated || saturated,
    }
  }
}

/** What the samples of a span say of it. */
export interface Seen {
  /** W; NaN without samples. */
  readonly peakW: number
  readonly samples: number
  readonly saturated: boolean
}

export const NOTHING_SEEN: Seen = { peakW: Number.NaN, samples: 0, saturated: false }

/** All inferences of one task: what their mean is made of. */
export class TaskAccount {
  readonly key: string
  readonly account: Account
  /** By rail: how its energy follows the powers that were learned, over this window; s. */
  readonly sensitivityS: Float64Array[]
  /** By rail: variance its division owes to the learned powers, J^2, and the part that later windows share, J. */
  readonly splitJ2: Float64Array
  readonly splitCarryJ: Float64Array
  /** Scratch of the sweep, as for an owner, and its share of the piece by rail. */
  seenIn = -1
  activeCount = 0
  readonly share: Float64Array

  constructor(key: string, rails: number) {
    this.key = key
    this.account = new Account(rails)
    this.sensitivityS = Array.from({ length: rails }, () => new Float64Array(0))
    this.splitJ2 = new Float64Array(rails)
    this.splitCarryJ = new Float64Array(rails)
    this.share = new Float64Array(rails)
  }

  addSensitivity(rail: number, sensitivityS: Float64Array): void {
    let own = this.sensitivityS[rail] as Float64Array
    if (own.length < sensitivityS.length) {
      const larger = new Float64Array(sensitivityS.length)
      larger.set(own)
      own = larger
      this.sensitivityS[rail] = own
    }
    sensitivityS.forEach((seconds, i) => {
      own[i] = (own[i] as number) + seconds
    })
  }
}
