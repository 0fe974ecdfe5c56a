import type { RailTrace } from '../alignment/rail-trace.ts'
import type { Interval } from '../units/interval.ts'
import {
  type Account,
  BASELINE_UJ,
  EQUAL_J,
  EXCLUSIVE_J,
  IDLE_J,
  INCLUSIVE_J,
  SHARE_J,
  WEIGHTED_S,
  WEIGHTED_SQUARE_S,
} from './account.ts'
import type { Activity, Owner } from './activity.ts'
import type { Baseline } from './baseline.ts'
import { BoundaryQueue } from './boundary-queue.ts'
import type { PowerColumn } from './columns.ts'
import type { DeviceStates } from './device-states.ts'
import { ROW_FLAGS } from './flags.ts'
import type { PieceLog } from './piece-log.ts'
import { emptyTotals, type RailTotals } from './totals.ts'

/** How far the power of an activity reaches beyond its stamps. */
export interface Guards {
  /** Before the start: clock bound and one sample. */
  readonly leadNs: number
  /** After the end: the same, and what sensor and supply need to settle. */
  readonly tailNs: number
}

/** What a sweep reads on its window. */
export interface SweepInput {
  readonly window: Interval
  readonly traces: readonly RailTrace[]
  readonly states: DeviceStates
  /** Baseline of rail r; undefined where it is not known. */
  baseline(rail: number, ns: number, key: string): Baseline | undefined
  /** Stretches in which the runner's events are not known; disjoint, ascending. */
  readonly blind: readonly Interval[]
}

/** What a device lags behind its stamps shows for so long after an end, while others are active. */
export const TAIL_NS = 250e3

/** Behind an end the power of the ended falls too steeply, for so long, to be learned from; its mean over the tail is an unknown. */
const FOUL_NS = 80e3

/** How far an edge is smeared by sampling and the sensor's filter; what lies so near is not learned from. */
export interface Smear {
  /** A cell: half of it to each side, and as much again for the clock. */
  readonly cellNs: number
  /** Before a start: its power shows early by as much as the sensor's delay was taken off. */
  readonly delayNs: number
}

/**
 * Walks the run from boundary to boundary and measures every piece: what it holds above the baseline, who was active.
 *
 * Pieces are cut at all starts and ends, at the parts of every course and behind every tail. A piece without activity belongs
 * to the span that ended last while it settles (its tail), to the next one within the lead, else to nobody. What was active
 * alone gets all of a piece here; the others go to the log, to be divided once the window's powers are learned.
 */
export class Sweep {
  readonly totals: RailTotals[]
  readonly #guards: Guards
  readonly #log: PieceLog
  readonly #starts = new BoundaryQueue<Activity>((a) => a.span.startNs)
  readonly #ends = new BoundaryQueue<Activity>((a) => a.span.endNs)
  readonly #ownerStarts = new BoundaryQueue<Owner>((o) => o.span.startNs)
  readonly #ownerEnds = new BoundaryQueue<Owner>((o) => o.span.endNs)
  readonly #active: Activity[] = []
  /** Ended less than a tail ago, in the order of the ends. */
  readonly #tails: Activity[] = []
  readonly #tailNs: number
  readonly #owners: Owner[] = []
  #lastEnded: Activity | undefined
  #lastEndNs = Number.NEGATIVE_INFINITY
  #sweptNs = Number.NEGATIVE_INFINITY
  #piecesSeen = 0
  /** Power of others than the active may show until here. */
  #foulUntilNs = Number.NEGATIVE_INFINITY
  #smear: Smear = { cellNs: 0, delayNs: 0 }
  /** Of the piece at hand, by rail. */
  readonly #aboveJ: Float64Array
  readonly #baselineW: Float64Array
  readonly #fromJ: Float64Array
  readonly #toJ: Float64Array
  readonly #baselineUW: Float64Array

  constructor(rails: readonly string[], guards: Guards, log: PieceLog) {
    this.totals = rails.map(emptyTotals)
    this.#guards = guards
    this.#log = log
    this.#aboveJ = new Float64Array(rails.length)
    this.#baselineW = new Float64Array(rails.length)
    this.#fromJ = new Float64Array(rails.length)
    this.#toJ = new Float64Array(rails.length)
    this.#baselineUW = new Float64Array(rails.length)
    this.#tailNs = Math.min(TAIL_NS, guards.tailNs)
  }

  /** Its end, when known, lies behind its start. What begins before the end of the last window came too late. */
  addActivity(activity: Activity): void {
    if (activity.span.startNs < this.#sweptNs) activity.account.flags |= ROW_FLAGS.late
    this.#starts.push(activity)
    if (!Number.isNaN(activity.span.endNs)) this.#ends.push(activity)
  }

  /** The end of an activity that was added while it was open. */
  endActivity(activity: Activity): void {
    this.#ends.push(activity)
  }

  addOwner(owner: Owner): void {
    this.#ownerStarts.push(owner)
    if (!Number.isNaN(owner.span.endNs)) this.#ownerEnds.push(owner)
  }

  endOwner(owner: Owner): void {
    this.#ownerEnds.push(owner)
  }

  /** Measures [window.start, window.end); windows follow each other without a gap. */
  run(input: SweepInput, smear: Smear): void {
    this.#smear = smear
    const { window } = input
    const cuts = cutsOf(input)
    let cut = 0
    let t = window.start
    for (;;) {
      this.#cross(t)
      if (t >= window.end) break
      while (cut < cuts.length && (cuts[cut] as number) <= t) cut++
      const next = Math.min(
        window.end,
        cuts[cut] ?? Number.POSITIVE_INFINITY,
        this.#starts.nextNs,
        this.#ends.nextNs,
        this.#ownerStarts.nextNs,
        this.#ownerEnds.nextNs,
      )
      this.#piece(t, next, input)
      t = next
    }
    this.#sweptNs = window.end
  }

  /** Applies every boundary at or before t: ends first, intervals are half-open. */
  #cross(t: number): void {
    for (let a = this.#ends.takeUpTo(t); a !== undefined; a = this.#ends.takeUpTo(t)) {
      const at = this.#active.indexOf(a)
      if (at >= 0) {
        this.#active.splice(at, 1)
        this.#tails.push(a)
      }
      this.#lastEnded = a
      this.#lastEndNs = a.span.endNs
      this.#foulUntilNs = Math.max(this.#foulUntilNs, a.span.endNs + FOUL_NS + this.#smear.cellNs)
    }
    while (this.#tails.length > 0 && (this.#tails[0] as Activity).span.endNs + this.#tailNs <= t) this.#tails.shift()
    for (let o = this.#ownerEnds.takeUpTo(t); o !== undefined; o = this.#ownerEnds.takeUpTo(t)) {
      const at = this.#owners.indexOf(o)
      if (at >= 0) this.#owners.splice(at, 1)
    }
    for (let a = this.#starts.takeUpTo(t); a !== undefined; a = this.#starts.takeUpTo(t)) {
      for (const other of this.#active) touch(a, other)
      const settling = this.#lastEndNs + this.#guards.tailNs + this.#guards.leadNs > a.span.startNs
      if (settling && this.#lastEnded !== undefined && this.#lastEnded !== a) touch(a, this.#lastEnded)
      // an end that was crossed before this start belongs to an activity that came too late
      if (a.span.endNs <= t) continue
      this.#foulUntilNs = Math.max(this.#foulUntilNs, a.span.startNs + this.#smear.cellNs)
      a.begin()
      this.#active.push(a)
    }
    for (let o = this.#ownerStarts.takeUpTo(t); o !== undefined; o = this.#ownerStarts.takeUpTo(t))
      if (!(o.span.endNs <= t)) this.#owners.push(o)
  }

  #piece(start: number, end: number, input: SweepInput): void {
    if (this.#active.length > 0) {
      this.#measure(start, end, undefined, input)
      return
    }
    const tailEnd = Math.min(end, Math.max(start, this.#lastEndNs + this.#guards.tailNs))
    const headStart = Math.min(end, Math.max(tailEnd, this.#starts.nextNs - this.#guards.leadNs))
    if (tailEnd > start) this.#measure(start, tailEnd, this.#lastEnded, input)
    if (headStart > tailEnd) this.#measure(tailEnd, headStart, undefined, input)
    if (end > headStart) this.#measure(headStart, end, this.#starts.peek, input)
  }

  /** `guardOf`: with nobody active, whose tail or lead it is. */
  #measure(start: number, end: number, guardOf: Activity | undefined, input: SweepInput): void {
    const { traces } = input
    const rails = traces.length
    const key = input.states.keyAt(start)
    const blind = input.blind.some((b) => b.start <= start && end <= b.end)
    const active = this.#active
    const lengthNs = end - start
    let coveredNs = lengthNs
    let flags = blind ? ROW_FLAGS.eventGap : 0
    for (let r = 0; r < rails; r++) {
      const trace = traces[r] as RailTrace
      const joules = trace.energyTo(end) - trace.energyTo(start)
      const railCoveredNs = trace.coveredTo(end) - trace.coveredTo(start)
      if (railCoveredNs < coveredNs) coveredNs = railCoveredNs
      const totals = this.totals[r] as RailTotals
      totals.measuredJ += joules
      const baseline = blind ? undefined : input.baseline(r, (start + end) / 2, key)
      this.#aboveJ[r] = 0
      this.#baselineW[r] = Number.NaN
      this.#baselineUW[r] = 0
      if (baseline === undefined) {
        totals.uncoveredJ += joules
        if (!blind) flags |= ROW_FLAGS.noBaseline
        continue
      }
      if (baseline.isInferred) flags |= ROW_FLAGS.inferredBaseline
      const idleJ = (baseline.watts * railCoveredNs) / 1e9
      this.#shareIdle(idleJ, r, totals)
      this.#aboveJ[r] = joules - idleJ
      this.#baselineW[r] = baseline.watts
      this.#baselineUW[r] = baseline.uW
      if (active.length === 0 && guardOf === undefined) totals.unattributedJ += joules - idleJ
    }
    this.#credit(guardOf, lengthNs, coveredNs, flags)
    if (active.length > 0 || this.#tails.length > 0) this.#recordParts(start, end, coveredNs, flags, traces)
    else if (guardOf === undefined && flags === 0) this.#log.idleS += coveredNs / 1e9
  }

  #shareIdle(idleJ: number, r: number, totals: RailTotals): void {
    totals.idleJ += idleJ
    for (const { account } of this.#active) account.add(IDLE_J, r, idleJ / this.#active.length)
    if (this.#owners.length === 0) totals.idleUnownedJ += idleJ
    for (const owner of this.#owners) {
      owner.account.add(IDLE_J, r, idleJ / this.#owners.length)
      owner.task.account.add(IDLE_J, r, idleJ / this.#owners.length)
    }
  }

  /** What needs no division: times, the equal split and the energies that bound it, and all of what was active alone. */
  #credit(guardOf: Activity | undefined, lengthNs: number, coveredNs: number, flags: number): void {
    const piece = ++this.#piecesSeen
    const active = this.#active
    const count = guardOf === undefined ? active.length : 1
    const isAlone = guardOf !== undefined || (count === 1 && this.#tails.length === 0)
    for (let i = 0; i < count; i++) {
      const { account, owner } = guardOf ?? (active[i] as Activity)
      this.#creditOne(account, 1, count, lengthNs, coveredNs, flags)
      if (isAlone) this.#creditShare(account, coveredNs)
      if (owner === undefined) continue
      const { task } = owner
      if (owner.seenIn !== piece) owner.activeCount = 0
      if (task.seenIn !== piece) task.activeCount = 0
      owner.seenIn = piece
      task.seenIn = piece
      owner.activeCount++
      task.activeCount++
      if (!isAlone) continue
      this.#creditShare(owner.account, coveredNs)
      this.#creditShare(task.account, coveredNs)
    }
    for (let i = 0; i < count; i++) {
      const { owner } = guardOf ?? (active[i] as Activity)
      if (owner === undefined) continue
      const { task } = owner
      if (owner.activeCount > 0) this.#creditOne(owner.account, owner.activeCount, count, lengthNs, coveredNs, flags)
      if (task.activeCount > 0) this.#creditOne(task.account, task.activeCount, count, lengthNs, coveredNs, 0)
      owner.activeCount = 0
      task.activeCount = 0
    }
  }

  #creditOne(account: Account, own: number, all: number, lengthNs: number, coveredNs: number, flags: number): void {
    for (let r = 0; r < this.#aboveJ.length; r++) {
      const joules = this.#aboveJ[r] as number
      account.add(EQUAL_J, r, (joules * own) / all)
      account.add(INCLUSIVE_J, r, joules)
      if (own === all) account.add(EXCLUSIVE_J, r, joules)
    }
    account.lengthNs += lengthNs
    account.coveredNs += coveredNs
    if (own < all) account.sharedNs += lengthNs
    account.flags |= flags
  }

  #creditShare(account: Account, coveredNs: number): void {
    const seconds = coveredNs / 1e9
    for (let r = 0; r < this.#aboveJ.length; r++) {
      account.add(SHARE_J, r, this.#aboveJ[r] as number)
      account.add(BASELINE_UJ, r, seconds * (this.#baselineUW[r] as number))
      account.add(WEIGHTED_S, r, seconds)
      account.add(WEIGHTED_SQUARE_S, r, seconds)
    }
  }

  /** Logs [start, end) in pieces of one part of every course. */
  #recordParts(start: number, end: number, coveredNs: number, flags: number, traces: readonly RailTrace[]): void {
    const isWhole = flags === 0 && coveredNs > 0.999 * (end - start)
    const clear = this.#clearOf(start, end, isWhole)
    const isGiven = this.#active.length === 0 || (this.#active.length === 1 && this.#tails.length === 0)
    let from = start
    this.#energiesAt(start, traces, this.#fromJ)
    while (from < end) {
      for (const a of this.#active) if (a.nextBinNs <= from) a.advance(from)
      while (this.#tails.length > 0 && (this.#tails[0] as Activity).span.endNs + this.#tailNs <= from)
        this.#tails.shift()
      let to = end
      // what has holes is not taken apart: nothing is learned from it
      if (isWhole) for (const { nextBinNs } of this.#active) if (nextBinNs < to) to = nextBinNs
      const tail = this.#tails[0]
      if (isWhole && tail !== undefined && tail.span.endNs + this.#tailNs < to) to = tail.span.endNs + this.#tailNs
      this.#record(from, to, to === end ? coveredNs - (from - start) : to - from, isGiven, to === end, clear, traces)
      from = to
    }
  }

  /** Where in [start, end) no others' edges are near; empty when there is nothing to learn. */
  #clearOf(start: number, end: number, isKnown: boolean): Interval {
    const isTail = this.#active.length === 0
    if (!isKnown || (isTail && this.#tails.length > 1)) return { start: end, end }
    return {
      start: isTail ? start : Math.max(start, this.#foulUntilNs),
      end: Math.min(end, this.#ends.nextNs - this.#smear.cellNs, this.#starts.nextNs - this.#leadNs()),
    }
  }

  #energiesAt(ns: number, traces: readonly RailTrace[], out: Float64Array): void {
    for (let r = 0; r < traces.length; r++) out[r] = (traces[r] as RailTrace).energyTo(ns)
  }

  #record(
    start: number,
    end: number,
    coveredNs: number,
    isGiven: boolean,
    isLast: boolean,
    clear: Interval,
    traces: readonly RailTrace[],
  ): void {
    const log = this.#log
    let isKnown = true
    for (const a of this.#active) {
      const known = a.bin >= 0 && a.column !== undefined
      log.addPart(a, known ? (a.column as PowerColumn).first + a.bin : -1)
      if (!known) isKnown = false
    }
    for (const a of this.#tails) {
      log.addPart(a, a.column === undefined ? -1 : a.column.first + a.column.bins)
      if (a.column === undefined) isKnown = false
    }
    const clearFrom = Math.max(start, clear.start)
    const clearTo = Math.min(end, clear.end)
    const isClear = isKnown && clearTo - clearFrom > this.#smear.cellNs
    const piece = log.addPiece(
      start,
      coveredNs / 1e9,
      this.#active.length,
      isGiven,
      isClear ? (clearTo - clearFrom) / 1e9 : 0,
    )
    this.#energiesAt(end, traces, this.#toJ)
    for (let r = 0; r < traces.length; r++) {
      const at = piece * log.rails + r
      const baselineW = this.#baselineW[r] as number
      // the last takes what is left, so that the sum is exact
      const rest = this.#aboveJ[r] as number
      const above = isLast
        ? rest
        : (this.#toJ[r] as number) - (this.#fromJ[r] as number) - (coveredNs / 1e9) * baselineW
      this.#aboveJ[r] = rest - above
      log.aboveJ[at] = above
      log.baselineUW[at] = this.#baselineUW[r] as number
      this.#fromJ[r] = this.#toJ[r] as number
      if (!isClear) continue
      if (clearFrom === start && clearTo === end) log.clearJ[at] = above
      else {
        const trace = traces[r] as RailTrace
        const joules = trace.energyTo(clearTo) - trace.energyTo(clearFrom)
        log.clearJ[at] = joules - ((clearTo - clearFrom) / 1e9) * baselineW
      }
    }
  }

  #leadNs(): number {
    return this.#smear.cellNs + this.#smear.delayNs
  }
}

const KNOT_NS = 250e6

/** Instants at which a piece must end though nobody starts or stops: baseline knots, state changes, blind stretches. */
function cutsOf({ window, states, blind }: SweepInput): number[] {
  const cuts = states.changesWithin(window.start, window.end)
  for (let knot = Math.ceil(window.start / KNOT_NS) * KNOT_NS; knot < window.end; knot += KNOT_NS) cuts.push(knot)
  for (const { start, end } of blind) cuts.push(start, end)
  return cuts.sort((a, b) => a - b)
}

/** Two activities within each other's guards: neither is isolated, and an inference only from its own stages. */
function touch(a: Activity, b: Activity): void {
  a.account.touched = true
  b.account.touched = true
  a.account.sharedEdges++
  b.account.sharedEdges++
  if (a.owner !== undefined && a.owner === b.owner) return
  for (const owner of [a.owner, b.owner]) {
    if (owner === undefined) continue
    owner.account.touched = true
    owner.account.sharedEdges++
  }
}
