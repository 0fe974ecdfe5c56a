import type { Span } from '../inference/span.ts'
import {
  type Account,
  DIVIDED_GROUP,
  DIVIDED_LEARNED,
  DIVIDED_LOOSE,
  DIVIDED_SHAPLEY,
  EQUAL_J,
  EXCLUSIVE_J,
  IDLE_J,
  INCLUSIVE_J,
  SHARE_J,
} from './account.ts'
import type { Seen } from './activity.ts'
import { ROW_FLAGS } from './flags.ts'
import type { InferenceResult, Method } from './result.ts'
import { type Budget, budgetOf, looseReachJ, type RailUncertainty, type RowSituation } from './uncertainty.ts'

/** Rows with less of their window sampled carry no energy. */
export const LEAST_COVERAGE = 0.99

/** A settled span or inference: its account, judged. */
export class Row implements InferenceResult {
  readonly span: Span
  readonly account: Account
  readonly method: Method
  readonly reason: string | undefined
  readonly isMeasured: boolean
  readonly budget: Budget | undefined
  readonly peakW: number
  readonly samples: number
  readonly boundNs: number
  readonly flags: number
  groupId: number | undefined
  /** Of a stage: the inference it belongs to. */
  inference: Span | undefined
  queueNs = Number.NaN

  constructor(
    span: Span,
    account: Account,
    seen: Seen,
    situation: RowSituation & { readonly rails: readonly RailUncertainty[]; readonly boundNs: number },
  ) {
    const { rails, boundNs, durationNs } = situation
    const flags = account.flags | flagsOf(span, account, seen, boundNs)
    const unmeasured = unmeasuredReason(flags, account, span)
    const isLong = durationNs >= 2 * (rails[0]?.cellNs ?? 0)
    const reason = unmeasured ?? undividedReason(account, rails.length) ?? (isLong ? undefined : UNRESOLVED)
    this.span = span
    this.account = account
    this.method = methodOf(account, reason)
    this.reason = reason
    this.isMeasured = unmeasured === undefined
    this.budget = reason === undefined ? budgetOf(account, rails, situation) : undefined
    this.peakW = seen.peakW
    this.samples = seen.samples
    this.boundNs = boundNs
    this.flags = flags
  }

  get shareJ(): readonly number[] {
    return this.account.byRail(SHARE_J)
  }

  get energyJ(): readonly number[] | undefined {
    return this.reason === undefined ? this.shareJ : undefined
  }

  get idleJ(): readonly number[] {
    return this.account.byRail(IDLE_J)
  }

  get equalJ(): readonly number[] {
    return this.account.byRail(EQUAL_J)
  }

  get exclusiveJ(): readonly number[] {
    return this.account.byRail(EXCLUSIVE_J)
  }

  get inclusiveJ(): readonly number[] {
    return this.account.byRail(INCLUSIVE_J)
  }

  get coverage(): number {
    return this.account.coverage
  }

  get overlap(): number {
    return this.account.overlap
  }
}

function flagsOf(span: Span, account: Account, { saturated }: Seen, boundNs: number): number {
  let flags = span.failed ? ROW_FLAGS.failed : 0
  if (account.coverage < 1 - 1e-9) flags |= ROW_FLAGS.gap
  if (Number.isNaN(boundNs)) flags |= ROW_FLAGS.unaligned
  if (saturated) flags |= ROW_FLAGS.saturated
  return flags
}

const UNRESOLVED = 'shorter than two samples'

/** Why the energy of a row is not known at all. */
function unmeasuredReason(flags: number, account: Account, span: Span): string | undefined {
  if (!(span.endNs > span.startNs)) return 'ends before it starts'
  if (flags & ROW_FLAGS.endsBeforeStart) return 'a stage ends before it starts'
  if (flags & ROW_FLAGS.outsideTrace) return 'outside the trace'
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
function undividedReason(account: Account, rails: number): string | undefined {
  if (account.divided & DIVIDED_GROUP) return account.group?.reason
  if (!(account.divided & DIVIDED_LOOSE)) return undefined
  for (let r = 0; r < rails; r++)
    if (!(looseReachJ(account, r) < LOOSE_REL * account.get(SHARE_J, r))) return account.looseReason
  return undefined
}

function methodOf(account: Account, reason: string | undefined): Method {
  if (reason !== undefined)
    return account.divided & DIVIDED_GROUP && reason === account.group?.reason ? 'group' : 'unresolved'
  if (account.divided & DIVIDED_SHAPLEY) return 'shapley'
  return account.divided & (DIVIDED_LEARNED | DIVIDED_LOOSE) ? 'learned' : 'isolated'
}
