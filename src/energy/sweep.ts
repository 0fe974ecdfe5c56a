import type { RailTrace } from '../alignment/rail-trace.ts'
import type { Interval } from '../units/interval.ts'
import type { Account } from './account.ts'
import type { Activity, Owner, TaskAccount } from './activity.ts'
import type { Baseline } from './baseline.ts'
import type { DeviceStates } from './device-states.ts'
import { ROW_FLAGS } from './flags.ts'
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

/**
 * Walks the run from boundary to boundary and divides the energy of every piece among those active in it.
 *
 * Pieces are cut at all starts and ends, so the set of active spans is constant within a piece; its energy above the
 * baseline is split equally. A piece without activity belongs to the span that ended last while it settles (its tail), to
 * the next one within the lead, else to nobody. Every joule goes to exactly one place, so the totals add up.
 */
export class Sweep {
  readonly totals: RailTotals[]
  readonly #guards: Guards
  readonly #starts = new BoundaryQueue<Activity>((a) => a.span.startNs)
  readonly #ends = new BoundaryQueue<Activity>((a) => a.span.endNs)
  readonly #ownerStarts = new BoundaryQueue<Owner>((o) => o.span.startNs)
  readonly #ownerEnds = new BoundaryQueue<Owner>((o) => o.span.endNs)
  readonly #active: Activity[] = []
  readonly #owners: Owner[] = []
  #lastEnded: Activity | undefined
  #lastEndNs = Number.NEGATIVE_INFINITY
  #sweptNs = Number.NEGATIVE_INFINITY

  constructor(rails: readonly string[], guards: Guards) {
    this.totals = rails.map(emptyTotals)
    this.#guards = guards
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

  /** Divides [window.start, window.end); windows follow each other without a gap. */
  run(input: SweepInput): void {
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
      if (at >= 0) this.#active.splice(at, 1)
      this.#lastEnded = a
      this.#lastEndNs = a.span.endNs
    }
    for (let o = this.#ownerEnds.takeUpTo(t); o !== undefined; o = this.#ownerEnds.takeUpTo(t)) {
      const at = this.#owners.indexOf(o)
      if (at >= 0) this.#owners.splice(at, 1)
    }
    for (let a = this.#starts.takeUpTo(t); a !== undefined; a = this.#starts.takeUpTo(t)) {
      for (const other of this.#active) touch(a, other)
      const settling = this.#lastEndNs + this.#guards.tailNs + this.#guards.leadNs > a.span.startNs
      if (settling && this.#lastEnded !== undefined && this.#lastEnded !== a) touch(a, this.#lastEnded)
      // an end that was crossed before this start belongs to an activity that came too late
      if (!(a.span.endNs <= t)) this.#active.push(a)
    }
    for (let o = this.#ownerStarts.takeUpTo(t); o !== undefined; o = this.#ownerStarts.takeUpTo(t))
      if (!(o.span.endNs <= t)) this.#owners.push(o)
  }

  #piece(start: number, end: number, input: SweepInput): void {
    if (this.#active.length > 0) {
      this.#divide(start, end, this.#active, input)
      return
    }
    const tailEnd = Math.min(end, Math.max(start, this.#lastEndNs + this.#guards.tailNs))
    const headStart = Math.min(end, Math.max(tailEnd, this.#starts.nextNs - this.#guards.leadNs))
    if (tailEnd > start && this.#lastEnded !== undefined) this.#divide(start, tailEnd, [this.#lastEnded], input)
    if (headStart > tailEnd) this.#divide(tailEnd, headStart, [], input)
    const next = this.#starts.peek
    if (end > headStart && next !== undefined) this.#divide(headStart, end, [next], input)
  }

  #divide(start: number, end: number, active: readonly Activity[], input: SweepInput): void {
    const key = input.states.keyAt(start)
    const blind = input.blind.some((b) => b.start <= start && end <= b.end)
    const lengthNs = end - start
    const share = active.length === 0 ? 0 : 1 / active.length
    const owners = distinct(active)
    let coveredNs = lengthNs
    let flags = blind ? ROW_FLAGS.eventGap : 0
    for (let r = 0; r < input.traces.length; r++) {
      const trace = input.traces[r] as RailTrace
      const totals = this.totals[r] as RailTotals
      const joules = trace.energyTo(end) - trace.energyTo(start)
      const railCoveredNs = trace.coveredTo(end) - trace.coveredTo(start)
      coveredNs = Math.min(coveredNs, railCoveredNs)
      totals.measuredJ += joules
      const baseline = blind ? undefined : input.baseline(r, (start + end) / 2, key)
      if (baseline === undefined) {
        totals.uncoveredJ += joules
        if (!blind) flags |= ROW_FLAGS.noBaseline
        continue
      }
      if (baseline.isInferred) flags |= ROW_FLAGS.inferredBaseline
      const coveredS = railCoveredNs / 1e9
      const idle = baseline.watts * coveredS
      const above = joules - idle
      this.#shareIdle(idle, r, active, totals)
      if (active.length === 0) totals.unattributedJ += above
      for (const { account } of active) credit(account, r, above, share, active.length === 1)
      for (const o of owners.owners) credit(o.account, r, above, o.activeCount * share, o.activeCount === active.length)
      for (const t of owners.tasks) credit(t.account, r, above, t.activeCount * share, t.activeCount === active.length)
      for (const { account } of active) addTo(account.baselineUJ, r, share * coveredS * baseline.uW)
      for (const o of owners.owners) addTo(o.account.baselineUJ, r, o.activeCount * share * coveredS * baseline.uW)
    }
    const shared = active.length > 1
    for (const { account } of active) tally(account, lengthNs, coveredNs, share, shared, flags)
    for (const o of owners.owners)
      tally(o.account, lengthNs, coveredNs, o.activeCount * share, o.activeCount < active.length, flags)
    for (const t of owners.tasks)
      tally(t.account, lengthNs, coveredNs, t.activeCount * share, t.activeCount < active.length, 0)
  }

  #shareIdle(idleJ: number, r: number, active: readonly Activity[], totals: RailTotals): void {
    totals.idleJ += idleJ
    for (const { account } of active) addTo(account.idleJ, r, idleJ / active.length)
    if (this.#owners.length === 0) totals.idleUnownedJ += idleJ
    for (const owner of this.#owners) {
      addTo(owner.account.idleJ, r, idleJ / this.#owners.length)
      addTo(owner.task.account.idleJ, r, idleJ / this.#owners.length)
    }
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

/** The inferences and tasks behind a set of activities, with the number of activities of each. */
function distinct(active: readonly Activity[]): { owners: Owner[]; tasks: TaskAccount[] } {
  const owners: Owner[] = []
  const tasks: TaskAccount[] = []
  for (const { owner } of active) {
    if (owner === undefined) continue
    if (!owners.includes(owner)) {
      owner.activeCount = 0
      owners.push(owner)
    }
    owner.activeCount++
    if (!tasks.includes(owner.task)) {
      owner.task.activeCount = 0
      tasks.push(owner.task)
    }
    owner.task.activeCount++
  }
  return { owners, tasks }
}

function credit(account: Account, r: number, joules: number, share: number, exclusive: boolean): void {
  addTo(account.equalJ, r, joules * share)
  addTo(account.inclusiveJ, r, joules)
  if (exclusive) addTo(account.exclusiveJ, r, joules)
}

function tally(
  account: Account,
  lengthNs: number,
  coveredNs: number,
  share: number,
  shared: boolean,
  flags: number,
): void {
  account.lengthNs += lengthNs
  account.coveredNs += coveredNs
  if (shared) account.sharedNs += lengthNs
  account.weightedS += (share * coveredNs) / 1e9
  account.weightedSquareS += (share * share * coveredNs) / 1e9
  account.flags |= flags
}

function addTo(column: Float64Array, r: number, value: number): void {
  column[r] = (column[r] as number) + value
}

/** Taken boundaries are forgotten so many at a time. */
const TAKEN_MAX = 4096

/** Boundaries by time; nearly sorted input costs nearly nothing. */
class BoundaryQueue<T> {
  readonly #timeOf: (item: T) => number
  #items: T[] = []
  #next = 0
  #sorted = true

  constructor(timeOf: (item: T) => number) {
    this.#timeOf = timeOf
  }

  push(item: T): void {
    const last = this.#items[this.#items.length - 1]
    if (last !== undefined && this.#timeOf(last) > this.#timeOf(item)) this.#sorted = false
    this.#items.push(item)
  }

  get peek(): T | undefined {
    this.#sort()
    return this.#items[this.#next]
  }

  get nextNs(): number {
    const item = this.peek
    return item === undefined ? Number.POSITIVE_INFINITY : this.#timeOf(item)
  }

  takeUpTo(t: number): T | undefined {
    const item = this.peek
    if (item === undefined || this.#timeOf(item) > t) return undefined
    this.#next++
    if (this.#next === TAKEN_MAX) {
      this.#items.splice(0, TAKEN_MAX)
      this.#next = 0
    }
    return item
  }

  #sort(): void {
    if (this.#sorted) return
    this.#items = this.#items.slice(this.#next).sort((a, b) => this.#timeOf(a) - this.#timeOf(b))
    this.#next = 0
    this.#sorted = true
  }
}
