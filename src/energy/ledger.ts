import type { RailTrace } from '../alignment/rail-trace.ts'
import type { Span } from '../inference/span.ts'
import * as P from '../protocol/constants.ts'
import type { Interval } from '../units/interval.ts'
import { hostNs } from '../units/units.ts'
import { Account } from './account.ts'
import { type Activity, Owner, TaskAccount } from './activity.ts'
import { ROW_FLAGS } from './flags.ts'
import type { EnergyResult, InferenceResult } from './result.ts'
import { type Guards, Sweep, type SweepInput } from './sweep.ts'
import type { RailTotals } from './totals.ts'
import { budgetOf, type RailUncertainty } from './uncertainty.ts'

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
  /** Stretches in which the host slept: a span that touches one has not lasted as long as it says. */
  readonly asleep?: readonly Interval[]
}

export interface LedgerRows {
  readonly inferences: InferenceResult[]
  readonly stages: (EnergyResult & { readonly inference: Span | undefined })[]
}

/**
 * Keeps who was active when, and settles every span and inference once its window has been swept.
 */
export class EnergyLedger {
  readonly tasks = new Map<string, TaskAccount>()
  readonly #rails: number
  readonly #guards: Guards
  readonly #sweep: Sweep
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
    this.#guards = guards
    this.#sweep = new Sweep(rails, guards)
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
    this.#admit(isLast ? Number.POSITIVE_INFINITY : window.end + reachNs, input.knownUntilNs)
    this.#sweep.run(input)
    const settledBefore = window.end - this.#guards.tailNs
    const isSettled = (span: Span): boolean => isLast || span.endNs <= settledBefore
    const stages = this.#settleStages(isSettled, input)
    const inferences = this.#settleInferences(isSettled, input)
    this.#recent = this.#recent.filter((s) => !(s.endNs < settledBefore))
    return { inferences, stages }
  }

  /** Hands spans that begin before `untilNs` to the sweep; those without an end are given up where knowledge ends. */
  #admit(untilNs: number, knownUntilNs: number | undefined): void {
    this.#endOpen()
    const early = this.#waiting.filter((span) => span.startNs < untilNs)
    this.#waiting = this.#waiting.filter((span) => !(span.startNs < untilNs))
    for (const span of early) if (span.kind === P.KIND_INFERENCE) this.#admitOwner(span, knownUntilNs)
    for (const span of early) {
      if (span.kind === P.KIND_INFERENCE) continue
      const owner = this.#owners.get(ownerKey(span))
      const activity: Activity = { span, account: new Account(this.#rails), owner }
      activity.account.flags |= giveUp(span, knownUntilNs)
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
      const result = resultOf(span, account, [span], input)
      this.#book(result, account, span.kind)
      return { ...result, inference: owner?.span }
    })
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
      return { ...resultOf(owner.span, owner.account, stages, input), queueNs }
    })
  }

  /** Puts a settled span's energy where the identity wants it. */
  #book(result: EnergyResult, account: Account, kind: number): void {
    this.totals.forEach((totals, r) => {
      const joules = account.equalJ[r] as number
      if (result.energyJ === undefined && result.method !== 'unresolved') totals.uncoveredJ += joules
      else if (kind === P.KIND_STAGE) totals.attributedJ += joules
      else totals.loadJ += joules
    })
  }
}

const ownerKey = (span: Span): string => `${span.source}:${span.inferenceId}`

/** Ends an open span where knowledge of it ends; returns the flags that says so. */
function giveUp(span: Span, knownUntilNs: number | undefined): number {
  if (!Number.isNaN(span.endNs) || knownUntilNs === undefined) return 0
  span.endNs = hostNs(Math.max(span.startNs, Math.min(span.startNs + OPEN_SPAN_NS, knownUntilNs)))
  return ROW_FLAGS.open
}

function resultOf(span: Span, account: Account, active: readonly Span[], input: LedgerWindow): EnergyResult {
  const { peakW, samples } = survey(active, input.traces)
  const isWhole = !input.asleep?.some(({ start, end }) => span.startNs < end && span.endNs > start)
  const boundNs = isWhole ? Math.max(input.boundNsAt(span.startNs), input.boundNsAt(span.endNs)) : Number.NaN
  const flags = account.flags | flagsOf(span, account, active, boundNs, input.traces)
  const reason = reasonOf(flags, account, span, active, input.uncertainty[0]?.cellNs ?? 0)
  const durationNs = active.reduce((sum, s) => sum + s.endNs - s.startNs, 0)
  const isSplit = account.touched
  const budget = budgetOf(account, input.uncertainty, { durationNs, boundNs, isSplit })
  const known = reason === undefined
  return {
    span,
    method: reason === UNRESOLVED ? 'unresolved' : isSplit ? 'equal' : 'isolated',
    reason,
    energyJ: known ? account.equalJ.slice() : undefined,
    budget: known ? budget : undefined,
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

function reasonOf(
  flags: number,
  account: Account,
  span: Span,
  active: readonly Span[],
  cellNs: number,
): string | undefined {
  if (!(span.endNs > span.startNs)) return 'ends before it starts'
  if (flags & ROW_FLAGS.unaligned) return 'clock not aligned'
  if (flags & ROW_FLAGS.open) return 'no end told'
  if (flags & ROW_FLAGS.late) return 'events came too late'
  if (flags & ROW_FLAGS.eventGap) return 'events missing'
  if (account.coverage < LEAST_COVERAGE) return 'samples missing'
  if (flags & ROW_FLAGS.saturated) return 'sensor saturated'
  if (flags & ROW_FLAGS.noBaseline) return 'no baseline'
  if (active.every(({ startNs, endNs }) => endNs - startNs < 2 * cellNs)) return UNRESOLVED
  return undefined
}
