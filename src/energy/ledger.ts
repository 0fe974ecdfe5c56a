import type { RailTrace } from '../alignment/rail-trace.ts'
import type { Span } from '../inference/span.ts'
import * as P from '../protocol/constants.ts'
import type { Interval } from '../units/interval.ts'
import { hostNs } from '../units/units.ts'
import { type Account, DIVIDED_GROUP, DIVIDED_LEARNED, DIVIDED_LOOSE, DIVIDED_SHAPLEY } from './account.ts'
import { Activity, Owner, TaskAccount } from './activity.ts'
import { PowerColumns } from './columns.ts'
import { Division } from './division.ts'
import { ROW_FLAGS } from './flags.ts'
import { GroupLedger, type GroupResult } from './groups.ts'
import { isOutOfStep, type Lag, LagSearch } from './lag-search.ts'
import { LearnedPowers } from './learned-powers.ts'
import { PieceLog } from './piece-log.ts'
import type { EnergyResult, InferenceResult, Method } from './result.ts'
import { type Guards, type Smear, Sweep, type SweepInput } from './sweep.ts'
import { bilinear } from './symmetric.ts'
import type { RailTotals } from './totals.ts'
import { budgetOf, looseReachJ, type RailUncertainty } from './uncertainty.ts'

/** A span that has not ended after this long is given up: its energy goes to the sums. */
export const OPEN_SPAN_NS = 10e9
/** Rows with less of their window sampled carry no energy. */
export const LEAST_COVERAGE = 0.99

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
  readonly #owners = new Map<string, Owner>()
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
    const { window, isLast } = input
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
    const inStep = !isOutOfStep(this.#lag, knownBoundNs)
    if (!inStep) this.#outOfStep = true
    this.#powers.learn(this.#log, window.end, uncertainty, inStep, isLast)
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
      activity.account.flags |= gaveUp
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
    const key = `${span.source}:${span.task}:${span.model}`
    let task = this.tasks.get(key)
    if (task === undefined) {
      task = new TaskAccount(key, this.#rails)
      this.tasks.set(key, task)
    }
    const owner = new Owner(span, task, this.#rails)
    owner.account.flags |= giveUp(span, knownUntilNs)
    this.#owners.set(ownerKey(span), owner)
    this.#unsettledOwners.push(owner)
    if (!(span.endNs <= span.startNs)) this.#sweep.addOwner(owner)
    if (Number.isNaN(span.endNs)) this.#open.push(owner)
  }

  #settleStages(isSettled: (span: Span) => boolean, input: LedgerWindow): LedgerRows['stages'] {
    const settled = this.#unsettled.filter(({ span }) => isSettled(span))
    this.#unsettled = this.#unsettled.filter(({ span }) => !isSettled(span))
    return settled.map(({ span, account, owner }) => {
      this.#squareExchanges(account, owner)
      const result = this.#resultOf(span, account, [span], input)
      this.#book(result, span.kind)
      const groupId = result.method === 'group' ? this.#groups.add(account) : undefined
      return { ...result, groupId, inference: owner?.span }
    })
  }

  /** Executions vary each on its own, so what they exchange adds up as squares from here on. */
  #squareExchanges(account: Account, owner: Owner | undefined): void {
    const partners = Math.max(1, account.sharedEdges)
    for (let r = 0; r < this.#rails; r++) {
      const square = (account.exchangedJ[r] as number) ** 2 * (1 + 1 / partners)
      for (const { exchangedSquareJ2 } of owner === undefined
        ? [account]
        : [account, owner.account, owner.task.account])
        exchangedSquareJ2[r] = (exchangedSquareJ2[r] as number) + square
    }
  }

  #settleInferences(isSettled: (span: Span) => boolean, input: LedgerWindow): InferenceResult[] {
    const settled = this.#unsettledOwners.filter(({ span }) => isSettled(span))
    this.#unsettledOwners = this.#unsettledOwners.filter(({ span }) => !isSettled(span))
    return settled.map((owner) => {
      this.#owners.delete(ownerKey(owner.span))
      for (const { account } of owner.stages) owner.account.flags |= account.flags
      const stages = owner.stages.map(({ span }) => span)
      if (stages.length === 0) owner.account.flags |= ROW_FLAGS.eventGap
      const firstNs = Math.min(...stages.map(({ startNs }) => startNs))
      const queueNs = stages.length === 0 ? Number.NaN : firstNs - owner.span.startNs
      const result = this.#resultOf(owner.span, owner.account, stages, input)
      const groupId = result.method === 'group' ? this.#groups.idOf(owner.account) : undefined
      return { ...result, groupId, queueNs }
    })
  }

  /** Puts a settled span's energy where the identity wants it: what was measured is somebody's, told apart or not. */
  #book(result: EnergyResult, kind: number): void {
    this.totals.forEach((totals, r) => {
      const joules = result.shareJ[r] as number
      if (!result.isMeasured) totals.uncoveredJ += joules
      else if (kind === P.KIND_STAGE) totals.attributedJ += joules
      else totals.loadJ += joules
    })
  }

  #resultOf(span: Span, account: Account, active: readonly Span[], input: LedgerWindow): EnergyResult {
    const { peakW, samples } = survey(active, input.traces)
    const boundNs = Math.max(input.boundNsAt(span.startNs), input.boundNsAt(span.endNs))
    const flags = account.flags | flagsOf(span, account, active, boundNs, input.traces)
    const unmeasured = unmeasuredReason(flags, account, span)
    const isLong = active.some(({ startNs, endNs }) => endNs - startNs >= 2 * (input.uncertainty[0]?.cellNs ?? 0))
    const reason = unmeasured ?? undividedReason(account) ?? (isLong ? undefined : UNRESOLVED)
    const durationNs = active.reduce((sum, s) => sum + s.endNs - s.startNs, 0)
    const budget = budgetOf(account, input.uncertainty, {
      durationNs,
      edgeUNs: this.#edgeUNs(boundNs),
      scatterRel: this.#powers.scatterRel,
    })
    return {
      span,
      method: methodOf(account, reason),
      groupId: undefined,
      reason,
      isMeasured: unmeasured === undefined,
      shareJ: account.shareJ,
      energyJ: reason === undefined ? account.shareJ.slice() : undefined,
      budget: reason === undefined ? budget : undefined,
      idleJ: account.idleJ,
      equalJ: account.equalJ,
      exclusiveJ: account.exclusiveJ,
      inclusiveJ: account.inclusiveJ,
      peakW,
      samples,
      coverage: account.coverage,
      overlap: account.lengthNs === 0 ? 0 : account.sharedNs / account.lengthNs,
      boundNs,
      flags,
    }
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

const ownerKey = (span: Span): string => `${span.source}:${span.inferenceId}`

/** Ends an open span where knowledge of it ends; returns the flags that says so. */
function giveUp(span: Span, knownUntilNs: number | undefined): number {
  if (!Number.isNaN(span.endNs) || knownUntilNs === undefined) return 0
  span.endNs = hostNs(Math.max(span.startNs, Math.min(span.startNs + OPEN_SPAN_NS, knownUntilNs)))
  return ROW_FLAGS.open
}

/** Peak of the total power and number of samples while `active` ran, from the samples of the first rail on. */
function survey(active: readonly Span[], traces: readonly RailTrace[]): { peakW: number; samples: number } {
  let peakW = Number.NaN
  let samples = 0
  const [first, ...others] = traces
  for (const { startNs, endNs } of active)
    first?.forEachCell(startNs, endNs, (centreNs, watts) => {
      const total = others.reduce((sum, trace) => sum + trace.wattsAt(centreNs), watts)
      if (!(total <= peakW)) peakW = total
      samples++
    })
  return { peakW, samples }
}

function flagsOf(
  span: Span,
  account: Account,
  active: readonly Span[],
  boundNs: number,
  traces: readonly RailTrace[],
): number {
  let flags = span.failed ? ROW_FLAGS.failed : 0
  if (account.coverage < 1 - 1e-9) flags |= ROW_FLAGS.gap
  if (Number.isNaN(boundNs)) flags |= ROW_FLAGS.unaligned
  for (const { startNs, endNs } of active)
    if (traces.some((trace) => trace.saturatedIn(startNs, endNs))) flags |= ROW_FLAGS.saturated
  return flags
}

const UNRESOLVED = 'shorter than two samples'

/** Why the energy of a row is not known at all. */
function unmeasuredReason(flags: number, account: Account, span: Span): string | undefined {
  if (!(span.endNs > span.startNs)) return 'ends before it starts'
  if (flags & ROW_FLAGS.unaligned) return 'clock not aligned'
  if (flags & ROW_FLAGS.open) return 'no end told'
  if (flags & ROW_FLAGS.late) return 'events came too late'
  if (flags & ROW_FLAGS.eventGap) return 'events missing'
  if (account.coverage < LEAST_COVERAGE) return 'samples missing'
  if (flags & ROW_FLAGS.saturated) return 'sensor saturated'
  if (flags & ROW_FLAGS.noBaseline) return 'no baseline'
  return undefined
}

/** Less than this part of a row's energy may be divided by convention; what that can be off is in its uncertainty. */
const LOOSE_REL = 0.05

/** Why measured energy cannot be told apart from that of others. */
function undividedReason(account: Account): string | undefined {
  if (account.divided & DIVIDED_GROUP) return account.group?.reason
  if (!(account.divided & DIVIDED_LOOSE)) return undefined
  for (let r = 0; r < account.looseJ.length; r++)
    if (!(looseReachJ(account, r) < LOOSE_REL * (account.shareJ[r] as number))) return account.looseReason
  return undefined
}

function methodOf(account: Account, reason: string | undefined): Method {
  if (reason !== undefined)
    return account.divided & DIVIDED_GROUP && reason === account.group?.reason ? 'group' : 'unresolved'
  if (account.divided & DIVIDED_SHAPLEY) return 'shapley'
  return account.divided & (DIVIDED_LEARNED | DIVIDED_LOOSE) ? 'learned' : 'isolated'
}
