import {
  type Account,
  BASELINE_UJ,
  DIVIDED_GROUP,
  DIVIDED_LEARNED,
  DIVIDED_LOOSE,
  DIVIDED_SHAPLEY,
  EXCHANGED_J,
  LOOSE_INCLUSIVE_J,
  LOOSE_J,
  POWER_UJ,
  SHARE_J,
  WEIGHTED_S,
  WEIGHTED_SQUARE_S,
} from './account.ts'
import type { Activity, TaskAccount } from './activity.ts'
import type { PowerColumn } from './columns.ts'
import {
  type ColumnFigures,
  type Group,
  type LearnedPowers,
  NOT_ADDITIVE,
  UNKNOWN,
  type Verdict,
} from './learned-powers.ts'
import type { PieceLog } from './piece-log.ts'

/**
 * Divides the logged pieces of a window among those active in them.
 *
 * Measured energy goes in proportion to what the learned powers predict, so every piece keeps its energy and the identity holds;
 * what lags behind an end is told from who is active by then. Where powers are not known the piece is divided equally, which
 * is a convention: such energy counts for sums, never for a row.
 */
export class Division {
  readonly #powers: LearnedPowers
  readonly #log: PieceLog
  readonly #rails: number
  readonly #shapley = new Map<number, ({ watts: number[]; spreadW: number[] } | undefined)[]>()
  #share = new Float64Array(16)
  #relative: Float64Array[] = []

  constructor(powers: LearnedPowers, log: PieceLog) {
    this.#powers = powers
    this.#log = log
    this.#rails = log.rails
  }

  run(): void {
    this.#shapley.clear()
    this.#relative = Array.from({ length: this.#rails }, (_, r) =>
      Float64Array.from(this.#powers.figures, (f) => relativeU(f, r)),
    )
    for (let piece = 0; piece < this.#log.pieces; piece++) this.#divide(piece)
  }

  #divide(piece: number): void {
    const { firstPart, active: actives } = this.#log
    const from = firstPart[piece] as number
    const active = actives[piece] as number
    if (this.#log.given[piece] === 1) return
    const to = firstPart[piece + 1] as number
    if (to - from === 1) {
      this.#give(piece, from)
      return
    }
    const how = this.#howTo(from, to, active)
    if (typeof how === 'string' && active === 1) this.#give(piece, from)
    else if (typeof how === 'string') this.#divideLoosely(piece, from, active, how)
    else if (how === DIVIDED_SHAPLEY) this.#divideByShapley(piece, from, active)
    else this.#divideByPower(piece, from, to, how)
    if (how === DIVIDED_GROUP) this.#markGroups(from, active)
  }

  /** DIVIDED_* when the powers of all parts may be used, else why not. */
  #howTo(from: number, to: number, active: number): number | string {
    const { parts } = this.#log
    let how = DIVIDED_LEARNED
    for (let a = from; a < to; a++) {
      const { column } = parts[a] as Activity
      const verdict: Verdict | undefined = column && this.#powers.figures[column.index]?.verdict
      if (verdict === undefined) return UNKNOWN
      if (verdict.kind === 'loose') return verdict.reason
      if (verdict.kind === 'shapley') how = DIVIDED_SHAPLEY
      else if (verdict.kind === 'group' && how !== DIVIDED_SHAPLEY && a < from + active) how = DIVIDED_GROUP
    }
    if (how === DIVIDED_SHAPLEY && active > 1 && this.#shapleyOf(from, active) === undefined) return NOT_ADDITIVE
    return how
  }

  #divideByPower(piece: number, from: number, to: number, how: number): void {
    const log = this.#log
    const seconds = log.coveredS[piece] as number
    const count = to - from
    const active = log.active[piece] as number
    if (count > this.#share.length) this.#share = new Float64Array(2 * count)
    const share = this.#share
    for (let r = 0; r < this.#rails; r++) {
      const watts = this.#powers.watts(r) as Float64Array
      const relative = this.#relative[r] as Float64Array
      let total = 0
      for (let k = 0; k < count; k++) {
        const unknown = log.unknowns[from + k] as number
        const index = log.parts[from + k]?.column?.index ?? 0
        const power = unknown >= 0 ? (watts[unknown] as number) : (this.#powers.figures[index]?.powerW[r] as number)
        share[k] = power
        total += power
      }
      if (!(total > 1e-12)) {
        // nobody draws anything here: it is the active ones' all the same
        share.fill(0, 0, count).fill(1, 0, active)
        total = active
      }
      let leastSure = 0
      for (let k = 0; k < count; k++) {
        const { column } = log.parts[from + k] as Activity
        const u = relative[(column as PowerColumn).index] as number
        if (u > leastSure) leastSure = u
      }
      const joules = log.aboveJ[piece * this.#rails + r] as number
      const baselineUJ = seconds * (log.baselineUW[piece * this.#rails + r] as number)
      for (let k = 0; k < count; k++) {
        const activity = log.parts[from + k] as Activity
        const part = (share[k] as number) / total
        const together = how === DIVIDED_GROUP ? this.#groupShare(from, k, count) / total : part
        const exchanged = (1 - Math.min(1, together)) * part * total * seconds
        creditShare(activity.account, r, joules, part, seconds, baselineUJ)
        const { account } = activity
        account.divided |= DIVIDED_LEARNED
        exchange(account, r, exchanged, leastSure)
      }
      for (let k = 0; k < count; k++) share[k] = (share[k] as number) / total
      this.#creditOwners(piece, from, count, r, joules, seconds, baselineUJ, total * seconds * leastSure)
      this.#creditTasks(piece, from, count, r, joules, seconds, baselineUJ)
      if (count > 1) this.#noteSensitivities(from, count, r, seconds)
    }
  }

  /** Power of all parts in the group of part k, itself when it has none: inside a group nothing is known to be exchanged. */
  #groupShare(from: number, k: number, count: number): number {
    const group = this.#groupOf(from + k)
    if (group === undefined) return this.#share[k] as number
    let sum = 0
    for (let j = 0; j < count; j++) if (this.#groupOf(from + j) === group) sum += this.#share[j] as number
    return sum
  }

  #groupOf(part: number): Group | undefined {
    const column = this.#log.parts[part]?.column
    const verdict = column && this.#powers.figures[column.index]?.verdict
    return verdict?.kind === 'group' ? verdict.group : undefined
  }

  /** An inference's share is that of all its stages: what they exchange among themselves is no doubt of its own. */
  #creditOwners(
    piece: number,
    from: number,
    count: number,
    r: number,
    joules: number,
    seconds: number,
    baselineUJ: number,
    doubtJ: number,
  ): void {
    const { parts } = this.#log
    const mark = -2 - piece
    for (let k = 0; k < count; k++) {
      const owner = parts[from + k]?.owner
      if (owner === undefined || owner.seenIn === mark) continue
      let own = 0
      for (let j = k; j < count; j++) if (parts[from + j]?.owner === owner) own += this.#share[j] as number
      owner.seenIn = mark
      creditShare(owner.account, r, joules, own, seconds, baselineUJ)
      if (own > 1 - 1e-12) continue
      owner.account.divided |= DIVIDED_LEARNED
      owner.account.add(POWER_UJ, r, own * (1 - own) * doubtJ)
    }
    for (let k = 0; k < count; k++) {
      const owner = parts[from + k]?.owner
      if (owner !== undefined) owner.seenIn = -1
    }
  }

  /** A task's share of a piece is that of all its parts: noise and powers then act on the sum. */
  #creditTasks(
    piece: number,
    from: number,
    count: number,
    r: number,
    joules: number,
    seconds: number,
    baselineUJ: number,
  ): void {
    const { parts } = this.#log
    for (let k = 0; k < count; k++) {
      const task = parts[from + k]?.owner?.task
      if (task === undefined) continue
      if (task.seenIn !== -2 - piece || r !== task.activeCount) {
        task.seenIn = -2 - piece
        task.activeCount = r
        task.share[r] = 0
      }
      task.share[r] = (task.share[r] as number) + (this.#share[k] as number)
    }
    for (let k = 0; k < count; k++) {
      const task = parts[from + k]?.owner?.task
      if (task === undefined || task.seenIn !== -2 - piece) continue
      task.seenIn = -1
      creditShare(task.account, r, joules, task.share[r] as number, seconds, baselineUJ)
    }
  }

  /** d(energy of a task) / d(power of an unknown), s: seconds x (1 for its own - the task's share). */
  #noteSensitivities(from: number, count: number, r: number, seconds: number): void {
    const { parts, unknowns } = this.#log
    for (let k = 0; k < count; k++) {
      const task = parts[from + k]?.owner?.task
      if (task === undefined || task.seenIn === -3) continue
      task.seenIn = -3
      const own = task.share[r] as number
      if (own > 1 - 1e-12) continue
      const sensitivity = sized(task, r, this.#powers.unknowns)
      for (let j = 0; j < count; j++) {
        const unknown = unknowns[from + j] as number
        if (unknown < 0) continue
        const isOwn = parts[from + j]?.owner?.task === task ? 1 : 0
        sensitivity[unknown] = (sensitivity[unknown] as number) + seconds * (isOwn - own)
      }
    }
    for (let k = 0; k < count; k++) {
      const task = parts[from + k]?.owner?.task
      if (task !== undefined) task.seenIn = -1
    }
  }

  #divideByShapley(piece: number, from: number, active: number): void {
    const log = this.#log
    const seconds = log.coveredS[piece] as number
    const values = active > 1 ? this.#shapleyOf(from, active) : undefined
    for (let r = 0; r < this.#rails; r++) {
      const watts = values?.[r]?.watts ?? [1]
      const total = watts.reduce((sum, w) => sum + Math.max(0, w), 0)
      const joules = log.aboveJ[piece * this.#rails + r] as number
      const baselineUJ = seconds * (log.baselineUW[piece * this.#rails + r] as number)
      for (let k = 0; k < active; k++) {
        const { account, owner } = log.parts[from + k] as Activity
        const part = total > 0 ? Math.max(0, watts[k] as number) / total : 1 / active
        this.#share[k] = part
        // what it adds depends on who was there first: uniform over its range
        const spreadUJ = ((values?.[r]?.spreadW[k] ?? 0) * seconds) / Math.sqrt(12)
        for (const to of owner === undefined ? [account] : [account, owner.account]) {
          creditShare(to, r, joules, part, seconds, baselineUJ)
          to.add(POWER_UJ, r, spreadUJ)
          if (active > 1) to.divided |= DIVIDED_SHAPLEY
        }
        if (owner !== undefined) owner.task.account.add(POWER_UJ, r, spreadUJ)
      }
      this.#creditTasks(piece, from, active, r, joules, seconds, baselineUJ)
    }
  }

  #divideLoosely(piece: number, from: number, active: number, reason: string): void {
    const log = this.#log
    const seconds = log.coveredS[piece] as number
    const part = 1 / active
    if (active > this.#share.length) this.#share = new Float64Array(2 * active)
    for (let r = 0; r < this.#rails; r++) {
      const joules = log.aboveJ[piece * this.#rails + r] as number
      const baselineUJ = seconds * (log.baselineUW[piece * this.#rails + r] as number)
      for (let k = 0; k < active; k++) {
        const { account, owner } = log.parts[from + k] as Activity
        this.#share[k] = part
        creditShare(account, r, joules, part, seconds, baselineUJ)
        creditLoose(account, r, joules, part, reason)
        if (owner === undefined) continue
        creditShare(owner.account, r, joules, part, seconds, baselineUJ)
        const own = ownShare(log, from, active, (a) => a.owner === owner)
        // all its own: whatever the division, the inference's sum is known
        if (own < active) creditLoose(owner.account, r, joules, part, reason, own)
        const ofTask = ownShare(log, from, active, (a) => a.owner?.task === owner.task)
        if (ofTask < active) creditLoose(owner.task.account, r, joules, part, reason, ofTask)
      }
      this.#creditTasks(piece, from, active, r, joules, seconds, baselineUJ)
    }
  }

  /** All of the piece to the first part: what lags behind others' ends is not known well enough to be told. */
  #give(piece: number, from: number): void {
    const part = 1
    const log = this.#log
    const seconds = log.coveredS[piece] as number
    const { account, owner } = log.parts[from] as Activity
    for (let r = 0; r < this.#rails; r++) {
      const joules = log.aboveJ[piece * this.#rails + r] as number
      const baselineUJ = seconds * (log.baselineUW[piece * this.#rails + r] as number)
      creditShare(account, r, joules, part, seconds, baselineUJ)
      if (owner === undefined) continue
      creditShare(owner.account, r, joules, part, seconds, baselineUJ)
      creditShare(owner.task.account, r, joules, part, seconds, baselineUJ)
    }
  }

  #markGroups(from: number, active: number): void {
    const { parts } = this.#log
    for (let a = from; a < from + active; a++) {
      const { account, owner } = parts[a] as Activity
      const group = this.#groupOf(a)
      if (group === undefined) continue
      account.divided |= DIVIDED_GROUP
      account.group = group
      if (owner === undefined) continue
      // several stages of one inference may share a group: their sum is the inference's
      let isForeign = false
      for (let b = from; b < from + active; b++)
        if (parts[b]?.owner !== owner && this.#groupOf(b) === group) isForeign = true
      if (!isForeign) continue
      owner.account.divided |= DIVIDED_GROUP
      owner.account.group = group
    }
  }

  #shapleyOf(from: number, active: number): { watts: number[]; spreadW: number[] }[] | undefined {
    const columns: PowerColumn[] = []
    let hash = 0
    for (let a = from; a < from + active; a++) {
      const { column } = this.#log.parts[a] as Activity
      if (column === undefined) return undefined
      columns.push(column)
      // the order of the parts is that of the values
      hash = hash * 31 + column.index + 1
    }
    let values = this.#shapley.get(hash)
    if (values === undefined) {
      values = Array.from({ length: this.#rails }, (_, r) => this.#powers.shapley(columns, r))
      this.#shapley.set(hash, values)
    }
    return values.some((v) => v === undefined) ? undefined : (values as { watts: number[]; spreadW: number[] }[])
  }
}

/** Relative uncertainty of a column's power, that of the sum where only a sum is known; 1 where nothing is. */
function relativeU({ verdict, powerW, powerUW }: ColumnFigures, r: number): number {
  const sum =
    verdict.kind === 'group' ? verdict.group.sum[r] : { powerW: powerW[r] as number, uW: powerUW[r] as number }
  return sum !== undefined && sum.powerW > 0 ? Math.min(1, sum.uW / sum.powerW) : 1
}

function creditShare(
  account: Account,
  r: number,
  joules: number,
  part: number,
  seconds: number,
  baselineUJ: number,
): void {
  account.add(SHARE_J, r, joules * part)
  account.add(BASELINE_UJ, r, baselineUJ * part)
  account.add(WEIGHTED_S, r, part * seconds)
  account.add(WEIGHTED_SQUARE_S, r, part * part * seconds)
}

function exchange(account: Account, r: number, joules: number, relativeU: number): void {
  account.add(EXCHANGED_J, r, joules)
  account.add(POWER_UJ, r, joules * relativeU)
}

/** `own`: how many of the active are its own, each with `part`; told once for each of them. */
function creditLoose(account: Account, r: number, joules: number, part: number, reason: string, own = 1): void {
  account.add(LOOSE_J, r, joules * part)
  account.add(LOOSE_INCLUSIVE_J, r, joules / own)
  account.divided |= DIVIDED_LOOSE
  account.looseReason ??= reason
}

function ownShare(log: PieceLog, from: number, active: number, isOwn: (a: Activity) => boolean): number {
  let count = 0
  for (let a = from; a < from + active; a++) if (isOwn(log.parts[a] as Activity)) count++
  return count
}

function sized(task: TaskAccount, r: number, unknowns: number): Float64Array {
  const old = task.sensitivityS[r] as Float64Array
  if (old.length >= unknowns) return old
  const larger = new Float64Array(unknowns)
  larger.set(old)
  task.sensitivityS[r] = larger
  return larger
}
