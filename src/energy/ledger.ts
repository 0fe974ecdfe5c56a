import type { RailTrace } from '../alignment/rail-trace.ts'
import type { Span } from '../inference/span.ts'
import * as P from '../protocol/constants.ts'
import type { Interval } from '../units/interval.ts'
import { hostNs } from '../units/units.ts'
import { type Account, EXCHANGED_J, EXCHANGED_SQUARE_J2, SHARE_J } from './account.ts'
import { Activity, NOTHING_SEEN, Owner, type Seen, TaskAccount } from './activity.ts'
import { PowerColumns } from './columns.ts'
import { Division } from './division.ts'
import { ROW_FLAGS } from './flags.ts'
import { GroupLedger, type GroupResult } from './groups.ts'
import { isOutOfStep, type Lag, LagSearch } from './lag-search.ts'
import { LearnedPowers } from './learned-powers.ts'
import { PairMap } from './pair-map.ts'
import { PieceLog } from './piece-log.ts'
import type { EnergyResult, InferenceResult } from './result.ts'
import { Row } from './row.ts'
import { type Guards, type Smear, Sweep, type SweepInput } from './sweep.ts'
import { bilinear } from './symmetric.ts'
import type { RailTotals } from './totals.ts'
import type { RailUncertainty } from './uncertainty.ts'

/** Pieces are kept until powers are learned: no more than this at once, however long a window is. */
const LEARNED_AT_ONCE_NS = 60e9

/** A span that has not ended after this long is given up: its energy goes to the sums. */
export const OPEN_SPAN_NS = 10e9

export interface LedgerWindow extends SweepInput {
  /**
   * No event before this is still to come; a span without an end by then never ended. Undefined while events still come:
   * then open spans stay open.
   */
  readonly knownUntilNs: number | undefined
  /** Nothing comes after this window: everything is settled. */
  readonly isLast: boolean
  readonly uncertainty: readonly RailUncertainty[]
  /** Bound of the clock alignment at an instant, ns. */
  boundNsAt(ns: number): number
  /** Stretches in which the host slept: a span that touches one has not lasted as long as it says. */
  readonly asleep?: readonly Interval[]
}

export interface LedgerRows {
  readonly inferences: InferenceResult[]
  readonly stages: (EnergyResult & { readonly inference: Span | undefined })[]
  /** What only sums are known of, one element per group of this window. */
  readonly groups: GroupResult[]
}

/**
 * Keeps who was active when, and settles every span and inference once its window has been swept.
 */
export class EnergyLedger {
  readonly tasks = new Map<string, TaskAccount>()
  /** What the division between inferences and everything else leaves uncertain in the sum of all tasks. */
  readonly allTasks: TaskAccount
  readonly #taskOf = new PairMap<TaskAccount>()
  readonly #rails: number
  readonly #guards: Guards
  readonly #sweep: Sweep
  readonly #columns = new PowerColumns()
  readonly #log: PieceLog
  readonly #powers: LearnedPowers
  readonly #division: Division
  readonly #lagSearch = new LagSearch()
  readonly #groups: GroupLedger
  #lag: Lag | undefined
  #outOfStep = false
  #learnedUntilNs = Number.NaN
  /** Spans told but not handed to the sweep yet. */
  #waiting: Span[] = []
  readonly #owners = new Map<number, Owner>()
  #unsettled: Activity[] = []
  #unsettledOwners: Owner[] = []
  #open: (Activity | Owner)[] = []
  /** Spans whose power may reach beyond the last window, to tell idle time. */
  #recent: Span[] = []

  constructor(rails: readonly string[], guards: Guards) {
    this.#rails = rails.length
    this.allTasks = new TaskAccount('all', rails.length)
    this.#guards = guards
    this.#log = new PieceLog(rails.length)
    this.#sweep = new Sweep(rails, guards, this.#log)
    this.#powers = new LearnedPowers(rails.length, this.#columns)
    this.#division = new Division(this.#powers, this.#log)
    this.#groups = new GroupLedger(rails.length)
  }

  /** What was learned up to the last window. */
  get powers(): LearnedPowers {
    return this.#powers
  }

  /** How late power followed the spans, where that could be told; `outOfStep` once it was more than the bound explains. */
  get lag(): { readonly found: Lag | undefined; readonly outOfStep: boolean } {
    return { found: this.#lag, outOfStep: this.#outOfStep }
  }

  get totals(): readonly RailTotals[] {
    return this.#sweep.totals
  }

  addSpan(span: Span): void {
    this.#waiting.push(span)
    this.#recent.push(span)
  }

  /** Stretches of activity whose power may reach into `range`, which lies behind the last window; open spans reach to its end. */
  busy(range: Interval): Interval[] {
    const settledNs = range.start - this.#guards.tailNs
    return this.#recent
      .filter((s) => s.kind !== P.KIND_INFERENCE && s.startNs < range.end && !(s.endNs <= settledNs))
      .map((s) => ({ start: s.startNs, end: Number.isNaN(s.endNs) ? range.end : s.endNs }))
  }

  /** Divides the window and returns what is settled by it, in the order of the ends. */
  runWindow(input: LedgerWindow): LedgerRows {
    const { start, end } = input.window
    const rows: LedgerRows = { inferences: [], stages: [], groups: [] }
    const parts = Math.max(1, Math.ceil((end - start) / LEARNED_AT_ONCE_NS))
    for (let k = 0; k < parts; k++) {
      const window = {
        start: start + ((end - start) * k) / parts,
        end: k === parts - 1 ? end : start + ((end - start) * (k + 1)) / parts,
      }
      const part = this.#runPart(input, window, input.isLast && k === parts - 1)
      for (const row of part.inferences) rows.inferences.push(row)
      for (const row of part.stages) rows.stages.push(row)
      rows.groups.push(...part.groups)
    }
    return rows
  }

  #runPart(whole: LedgerWindow, window: Interval, isLast: boolean): LedgerRows {
    const input: LedgerWindow = {
      ...whole,
      window,
      isLast,
      baseline: (r, ns, key) => whole.baseline(r, ns, key),
      boundNsAt: (ns) => whole.boundNsAt(ns),
    }
    const reachNs = this.#guards.leadNs + this.#guards.tailNs
    this.#admit(isLast ? Number.POSITIVE_INFINITY : window.end + reachNs, input)
    this.#log.clear()
    this.#sweep.run(input, smearOf(input))
    this.#learn(input)
    this.#division.run()
    this.#closeSensitivities(window.end)
    const settledBefore = window.end - this.#guards.tailNs
    const isSettled = (span: Span): boolean => isLast || span.endNs <= settledBefore
    const stages = this.#settleStages(isSettled, input)
    const inferences = this.#settleInferences(isSettled, input)
    this.#recent = this.#recent.filter((s) => !(s.endNs < settledBefore))
    return { inferences, stages, groups: this.#groups.take(input.uncertainty) }
  }

  #learn(input: LedgerWindow): void {
    const { window, traces, uncertainty, isLast } = input
    const boundNs = Math.max(input.boundNsAt(window.start), input.boundNsAt(window.end))
    const knownBoundNs = Number.isNaN(boundNs) ? input.boundNsAt((window.start + window.end) / 2) : boundNs
    if (!Number.isNaN(this.#learnedUntilNs))
      this.#lagSearch.forget(LearnedPowers.remaining(window.end - this.#learnedUntilNs))
    this.#lagSearch.add(this.#unsettled, traces, window)
    this.#lag = this.#lagSearch.find(knownBoundNs)
    const isOut = isOutOfStep(this.#lag, knownBoundNs)
    if (isOut) this.#outOfStep = true
    const step = isOut ? 'out' : this.#lag === undefined ? 'unknown' : 'in'
    this.#powers.learn(this.#log, window.end, uncertainty, step, isLast)
  }

  /** What the window's powers leave uncertain in each task's sum; the powers of windows near by are much the same. */
  #closeSensitivities(endNs: number): void {
    const shared = Number.isNaN(this.#learnedUntilNs) ? 0 : LearnedPowers.remaining(endNs - this.#learnedUntilNs)
    this.#learnedUntilNs = endNs
    for (const task of [...this.tasks.values(), this.allTasks]) {
      for (let r = 0; r < this.#rails; r++) {
        const sensitivity = task.sensitivityS[r] as Float64Array
        const covariance = this.#powers.covariance(r)
        if (covariance === undefined || sensitivity.length === 0) continue
        if (task !== this.allTasks) this.allTasks.addSensitivity(r, sensitivity)
        const n = this.#powers.unknowns
        const square = n === sensitivity.length ? bilinear(covariance, n, sensitivity, sensitivity) : 0
        const u = Math.sqrt(Math.max(0, square))
        const carried = (task.splitCarryJ[r] as number) * shared
        task.splitJ2[r] = (task.splitJ2[r] as number) + u * u + 2 * u * carried
        task.splitCarryJ[r] = carried + u
        sensitivity.fill(0)
      }
    }
  }

  /** Hands spans that begin before `untilNs` to the sweep; those without an end are given up where knowledge ends. */
  #admit(untilNs: number, { knownUntilNs, uncertainty }: LedgerWindow): void {
    this.#endOpen()
    const early = this.#waiting.filter((span) => span.startNs < untilNs)
    this.#waiting = this.#waiting.filter((span) => !(span.startNs < untilNs))
    for (const span of early) if (span.kind === P.KIND_INFERENCE) this.#admitOwner(span, knownUntilNs)
    for (const span of early) {
      if (span.kind === P.KIND_INFERENCE) continue
      const owner = this.#owners.get(ownerKey(span))
      const gaveUp = giveUp(span, knownUntilNs)
      const activity = new Activity(span, owner, this.#columns.of(span, uncertainty), this.#rails)
      activity.account.flags |= gaveUp | (span.flags ?? 0)
      owner?.stages.push(activity)
      this.#unsettled.push(activity)
      if (!(span.endNs <= span.startNs)) this.#sweep.addActivity(activity)
      if (Number.isNaN(span.endNs)) this.#open.push(activity)
    }
  }

  /** Tells the sweep of ends that came since their spans were admitted. */
  #endOpen(): void {
    this.#open = this.#open.filter((item) => {
      if (Number.isNaN(item.span.endNs)) return true
      if (item instanceof Owner) this.#sweep.endOwner(item)
      else this.#sweep.endActivity(item)
      return false
    })
  }

  #admitOwner(span: Span, knownUntilNs: number | undefined): void {
    const ofTask = span.source * 2 ** 26 + span.task
    let task = this.#taskOf.get(ofTask, span.model)
    if (task === undefined) {
      task = new TaskAccount(`${span.source}:${span.task}:${span.model}`, this.#rails)
      this.tasks.set(task.key, task)
      this.#taskOf.set(ofTask, span.model, task)
    }
    const owner = new Owner(span, task, this.#rails)
    owner.account.flags |= giveUp(span, knownUntilNs) | (span.flags ?? 0)
    this.#owners.set(ownerKey(span), owner)
    this.#unsettledOwners.push(owner)
    if (!(span.endNs <= span.startNs)) this.#sweep.addOwner(owner)
    if (Number.isNaN(span.endNs)) this.#open.push(owner)
  }

  #settleStages(isSettled: (span: Span) => boolean, input: LedgerWindow): LedgerRows['stages'] {
    const rows: Row[] = []
    const left: Activity[] = []
    for (const activity of this.#unsettled) {
      const { span, account, owner } = activity
      if (!isSettled(span)) {
        left.push(activity)
        continue
      }
      this.#squareExchanges(account, owner)
      const seen = survey(span, input.traces)
      owner?.see(seen)
      const row = this.#rowOf(span, account, seen, span.endNs - span.startNs, input)
      this.#book(row, span.kind)
      row.inference = owner?.span
      if (row.method === 'group') row.groupId = this.#groups.add(account)
      rows.push(row)
    }
    this.#unsettled = left
    return rows
  }

  /** Executions vary each on its own, so what they exchange adds up as squares from here on. */
  #squareExchanges(account: Account, owner: Owner | undefined): void {
    const partners = Math.max(1, account.sharedEdges)
    for (let r = 0; r < this.#rails; r++) {
      const square = account.get(EXCHANGED_J, r) ** 2 * (1 + 1 / partners)
      account.add(EXCHANGED_SQUARE_J2, r, square)
      owner?.account.add(EXCHANGED_SQUARE_J2, r, square)
    }
  }

  #settleInferences(isSettled: (span: Span) => boolean, input: LedgerWindow): InferenceResult[] {
    const rows: Row[] = []
    const left: Owner[] = []
    for (const owner of this.#unsettledOwners) {
      const { span, account, stages } = owner
      if (!isSettled(span)) {
        left.push(owner)
        continue
      }
      this.#owners.delete(ownerKey(span))
      if (stages.length === 0) account.flags |= ROW_FLAGS.eventGap
      let firstNs = Number.POSITIVE_INFINITY
      let activeNs = 0
      for (const stage of stages) {
        account.flags |= stage.account.flags
        firstNs = Math.min(firstNs, stage.span.startNs)
        activeNs += stage.span.endNs - stage.span.startNs
      }
      const row = this.#rowOf(span, account, owner.seen, activeNs, input)
      if (row.method === 'group') row.groupId = this.#groups.idOf(account)
      if (stages.length > 0) row.queueNs = firstNs - span.startNs
      rows.push(row)
    }
    this.#unsettledOwners = left
    return rows
  }

  /** Puts a settled span's energy where the identity wants it: what was measured is somebody's, told apart or not. */
  #book({ account, isMeasured }: Row, kind: number): void {
    for (let r = 0; r < this.#rails; r++) {
      const totals = this.totals[r] as RailTotals
      const joules = account.get(SHARE_J, r)
      if (!isMeasured) totals.uncoveredJ += joules
      else if (kind === P.KIND_STAGE) totals.attributedJ += joules
      else totals.loadJ += joules
    }
  }

  /** `activeNs`: time its executions took. */
  #rowOf(span: Span, account: Account, seen: Seen, activeNs: number, input: LedgerWindow): Row {
    const isWhole = !input.asleep?.some(({ start, end }) => span.startNs < end && span.endNs > start)
    const boundNs = isWhole ? Math.max(input.boundNsAt(span.startNs), input.boundNsAt(span.endNs)) : Number.NaN
    return new Row(span, account, seen, {
      rails: input.uncertainty,
      durationNs: activeNs,
      boundNs,
      edgeUNs: this.#edgeUNs(boundNs),
      scatterRel: this.#powers.scatterRel,
    })
  }

  /** How far a shared edge may be off: anywhere within the bound, unless the edges themselves say where. */
  #edgeUNs(boundNs: number): number {
    const uniformNs = boundNs / Math.sqrt(3)
    return this.#lag === undefined ? uniformNs : Math.min(uniformNs, Math.hypot(this.#lag.lagNs, this.#lag.sdNs))
  }
}

function smearOf({ uncertainty }: LedgerWindow): Smear {
  const cellNs = Math.max(0, ...uncertainty.map((rail) => rail.cellNs))
  return { cellNs, delayNs: Math.max(0, ...uncertainty.map((rail) => rail.timeConstantNs)) }
}

const ownerKey = (span: Span): number => span.source * 2 ** 32 + span.inferenceId

/** Ends an open span where knowledge of it ends; returns the flags that says so. */
function giveUp(span: Span, knownUntilNs: number | undefined): number {
  if (!Number.isNaN(span.endNs) || knownUntilNs === undefined) return 0
  span.endNs = hostNs(Math.max(span.startNs, Math.min(span.startNs + OPEN_SPAN_NS, knownUntilNs)))
  return ROW_FLAGS.open
}

/** What the samples of a span say: peak of the total power, their number, by the first rail; saturation of any. */
function survey({ startNs, endNs }: Span, traces: readonly RailTrace[]): Seen {
  const first = traces[0]
  let saturated = false
  for (const trace of traces) if (trace.saturatedIn(startNs, endNs)) saturated = true
  if (first === undefined) return { ...NOTHING_SEEN, saturated }
  if (traces.length === 1) {
    const { peakW, samples } = first.peakIn(startNs, endNs)
    return { peakW, samples, saturated }
  }
  const others = traces.slice(1)
  let peakW = Number.NaN
  let samples = 0
  first.forEachCell(startNs, endNs, (centreNs, watts) => {
    const total = others.reduce((sum, trace) => sum + trace.wattsAt(centreNs), watts)
    if (!(total <= peakW)) peakW = total
    samples++
  })
  return { peakW, samples, saturated }
}
