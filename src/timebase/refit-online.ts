import { Envelope } from './envelope.ts'
import { EpochDraft } from './epoch-draft.ts'
import { OneSidedEnvelope } from './one-sided.ts'
import type { PairTable } from './pair-table.ts'
import type { Answer, Query, Refit, RefitOptions, Step } from './refit.ts'
import { RefitScale } from './refit-scale.ts'

/**
 * The map as it was while the pairs came: each query is answered by what was known after the first frame whose tick is not
 * smaller, or at the end when there is none.
 */
export function refitOnline(pairs: PairTable, queries: readonly Query[], options: RefitOptions): Refit {
  const scale = new RefitScale(pairs, options)
  const pending = new PendingQueries(pairs, queries)
  const lines = new Map<number, Line>()
  const epochs: EpochDraft[] = []
  const steps: Step[] = []
  const answered: (Answered | undefined)[] = queries.map(() => undefined)
  let latest: Line | undefined

  for (let i = 0; i < pairs.length; i++) {
    const boot = pairs.boot(i)
    let line = lines.get(boot)
    if (line === undefined) {
      line = new Line(boot, options)
      lines.set(boot, line)
      line.enter(epochs.push(new EpochDraft(boot, boot === 0 ? 'start' : 'boot')) - 1, options)
    }
    latest = line
    const { isUpper, d, v } = scale.constraint(i)
    const fits = isUpper ? line.envelope.addUpper(d, v) : line.envelope.addLower(d, v)
    if (!fits) {
      steps.push(stepAt(pairs, scale, boot, line.lastTick, pairs.tick(i)))
      line.enter(epochs.push(new EpochDraft(boot, 'step')) - 1, options)
    }
    const epoch = epochs[line.epoch] as EpochDraft
    epoch.addPair(pairs, i)
    line.lastTick = pairs.tick(i)
    if (!isUpper) continue
    if (epoch.down === 0) line.oneSided.add(d, v)
    if (line.envelope.aligned) {
      epoch.addBound(scale.halfWidthNs(line.envelope.lower(d), line.envelope.upper(d)))
      epoch.ratePpm = (line.envelope.rate - 1) * 1e6
      epoch.rateBoundPpm = line.envelope.rateError * 1e6
    }
    for (const q of pending.upTo(boot, pairs.tick(i))) answered[q.index] = line.answer(q.tick * scale.tickS, scale)
  }
  for (const q of pending.rest()) {
    const line = q.boot === undefined ? latest : lines.get(q.boot)
    answered[q.index] = line?.answer(q.tickOf(line.boot) * scale.tickS, scale)
  }
  return {
    epochs: epochs.map((draft, n) => draft.finish(n, pairs, scale)),
    steps,
    answers: queries.map((query, q) => conclude(query, answered[q], epochs)),
  }
}

/** What the line said when the query was reached; whether an epoch ever gets pings shows only at its end. */
interface Answered {
  readonly epoch: number
  readonly certified: { hostNs: bigint; boundNs: number } | undefined
  /** By arrivals alone. */
  readonly estimate: bigint | undefined
}

/** The device clock of one boot. */
class Line {
  readonly boot: number
  readonly envelope: Envelope
  oneSided: OneSidedEnvelope
  epoch = 0
  lastTick = Number.NaN

  constructor(boot: number, options: RefitOptions) {
    this.boot = boot
    this.envelope = new Envelope(options.oscillator, { hostSlewPerS: options.hostSlewPerS })
    this.oneSided = new OneSidedEnvelope(options.oscillator)
  }

  enter(epoch: number, options: RefitOptions): void {
    this.epoch = epoch
    this.oneSided = new OneSidedEnvelope(options.oscillator)
  }

  answer(d: number, scale: RefitScale): Answered {
    const { epoch, envelope } = this
    if (envelope.aligned && d >= envelope.from)
      return { epoch, certified: scale.answer(envelope.lower(d), envelope.upper(d)), estimate: undefined }
    const estimate = this.oneSided.at(d)
    return { epoch, certified: undefined, estimate: Number.isNaN(estimate) ? undefined : scale.estimate(estimate) }
  }
}

function conclude(query: Query, answered: Answered | undefined, epochs: readonly EpochDraft[]): Answer {
  if (answered === undefined)
    return { query, hostNs: null, boundNs: null, epoch: null, reason: `boot ${query.boot ?? ''} has no pairs` }
  const { epoch, certified, estimate } = answered
  if (certified !== undefined) return { query, ...certified, epoch, reason: null }
  const { up, down, cause } = epochs[epoch] as EpochDraft
  if (down === 0 && estimate !== undefined)
    return { query, hostNs: estimate, boundNs: null, epoch, reason: 'no ping in this epoch: estimate, unbounded' }
  if (up > 0 && down > 0 && cause === 'step')
    return { query, hostNs: null, boundNs: null, epoch, reason: 'unaligned: around a step of the clock' }
  const missing = up === 0 ? 'no frame' : 'no answered ping'
  const since = cause === 'step' ? 'since the step of the clock' : 'in this epoch'
  return { query, hostNs: null, boundNs: null, epoch, reason: `unaligned: ${missing} ${since} yet` }
}

function stepAt(pairs: PairTable, scale: RefitScale, boot: number, before: number, at: number): Step {
  const [from, to] = before <= at ? [before, at] : [at, at]
  return { boot: pairs.boots[boot] as string | null, fromTick: scale.tick(boot, from), toTick: scale.tick(boot, to) }
}

interface Pending {
  readonly index: number
  /** Undefined: any. */
  readonly boot: number | undefined
  /** On the line of the boot it waits in. */
  readonly tick: number
  readonly tickOf: (boot: number) => number
}

/** Queries by the boot that may answer them, ascending. */
class PendingQueries {
  readonly #lists: Pending[][]
  readonly #next: number[]
  readonly #isDone: boolean[]
  readonly #all: Pending[] = []

  constructor(pairs: PairTable, queries: readonly Query[]) {
    this.#isDone = queries.map(() => false)
    this.#lists = pairs.boots.map(() => [])
    this.#next = pairs.boots.map(() => 0)
    queries.forEach((query, index) => {
      const tickOf = (b: number): number => Number(query.tick - (pairs.originTicks[b] as bigint))
      const boot = query.boot === undefined ? undefined : (pairs.indexOfBoot(query.boot) ?? -1)
      const of = boot === undefined ? pairs.boots.keys() : boot < 0 ? [] : [boot]
      for (const b of of) this.#lists[b]?.push({ index, boot, tick: tickOf(b), tickOf })
      this.#all.push({ index, boot, tick: Number.NaN, tickOf })
    })
    for (const list of this.#lists) list.sort((a, b) => a.tick - b.tick)
  }

  /** Those of ticks up to `tick` that were not answered yet. */
  *upTo(boot: number, tick: number): Generator<Pending> {
    const list = this.#lists[boot] as Pending[]
    for (let n = this.#next[boot] as number; n < list.length; n++) {
      const pending = list[n] as Pending
      if (pending.tick > tick) return
      this.#next[boot] = n + 1
      if (this.#isDone[pending.index]) continue
      this.#isDone[pending.index] = true
      yield pending
    }
  }

  rest(): Pending[] {
    return this.#all.filter(({ index }) => !this.#isDone[index])
  }
}
