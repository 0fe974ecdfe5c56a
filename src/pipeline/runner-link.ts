import { pingPauseMs } from '../acquisition/ping-schedule.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { decodeEventMessage, type EventMessage } from '../inference/event-message.ts'
import { EventStore, type StoredEvents } from '../inference/event-store.ts'
import { EventSubscriber } from '../inference/event-subscriber.ts'
import * as P from '../protocol/constants.ts'
import { OnlineRunnerClock } from '../timebase/online-runner-clock.ts'
import { decodeExchange, encodeExchange } from '../timebase/runner-exchange.ts'
import { hostNs } from '../units/units.ts'
import type { MainJournal } from './main-journal.ts'
import { isRemote, type RunnerPlace } from './runner-clock.ts'

/** Name of the source whose records are event messages. */
export const EVENTS_SOURCE = 'events'

export interface RunnerLinkOptions {
  readonly events: string
  readonly requests: string
  readonly journal: MainJournal
  readonly place: RunnerPlace
  /** Tests drop messages here, as a network would. */
  readonly drop?: (message: number) => boolean
  readonly onEvents: (stored: StoredEvents) => void
}

/** Name of the source whose records are questions for the clock of a runner on another machine. */
export const RUNNER_CLOCK_SOURCE = 'runner-clock'

/** Before that a remote runner's times are not to be trusted with a run. */
const CLOCK_KNOWN_NS = 2e6
const CLOCK_TIMEOUT_MS = 5000
const FILL_PERIOD_MS = 100
/** Requests for the same hole before it is left to the figures as lost. */
const FILL_TRIES = 5
const ASKED_MAX = 1000
const FIRST_MESSAGE_TIMEOUT_MS = 10_000

/** The live side of the events: journal first, then spans for the live figures, and gap fills for what is missing. */
export class RunnerLink {
  readonly store: EventStore
  badMessages = 0
  lastHeardNs = Number.NaN
  /** Resolves when the runner has ended its stream. */
  readonly ended: Promise<void>
  readonly #options: RunnerLinkOptions
  readonly #subscriber: EventSubscriber
  readonly #tries = new Map<string, number>()
  #fillTimer: NodeJS.Timeout | undefined
  /** The fill under way. */
  #filling: Promise<void> | undefined
  #heard: () => void = () => undefined
  #end: () => void = () => undefined
  #messages = 0
  /** Of a runner on another machine. */
  #clock: OnlineRunnerClock | undefined
  #clockTimer: NodeJS.Timeout | undefined
  readonly #askedNs = new Map<number, bigint>()
  #asked = 0
  #unplaced: { message: EventMessage; receivedNs: number }[] = []

  constructor(options: RunnerLinkOptions) {
    this.#options = options
    this.store = new EventStore(options.journal.identity.originMonoNs)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#subscriber = new EventSubscriber({
      events: options.events,
      requests: options.requests,
      name: 'joulespan',
      onMessage: (bytes) => this.#take(bytes, P.JOURNAL_EVENT),
      onFill: (bytes) => this.#take(bytes, P.JOURNAL_GAP_FILL),
    })
  }

  /** Connects and waits for the first message: from then on nothing is missed unnoticed. */
  async open(): Promise<void> {
    const heard = new Promise<boolean>((resolve) => {
      this.#heard = () => resolve(true)
      setTimeout(resolve, FIRST_MESSAGE_TIMEOUT_MS, false).unref()
    })
    this.#subscriber.open()
    this.#fillTimer = setInterval(() => void this.#fill(), FILL_PERIOD_MS)
    if (!(await heard))
      throw new JoulespanError(
        'device-missing',
        `expected a runner at ${this.#options.events}, saw no message in 10 s`,
        {
          hint: 'start joulespan-runner, or check the endpoint',
        },
      )
  }

  /** Lets the runner begin, when its clock is known. */
  async ready(): Promise<void> {
    const until = performance.now() + CLOCK_TIMEOUT_MS
    while (this.#clock !== undefined && !(this.#clock.boundNs < CLOCK_KNOWN_NS) && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20))
    return this.#subscriber.ready()
  }

  /** Asks the runner to drain and end. */
  stop(): Promise<void> {
    return this.#subscriber.stop()
  }

  /** No event before this is to come from the newest source, ns. */
  get watermarkNs(): number {
    return this.store.sources.at(-1)?.watermarkNs ?? Number.NEGATIVE_INFINITY
  }

  /** Asks once more for what is missing, then closes. */
  async close(): Promise<void> {
    clearInterval(this.#fillTimer)
    clearTimeout(this.#clockTimer)
    // one under way began before the last messages came
    await this.#filling
    await this.#fill()
    this.#subscriber.close()
  }

  #take(bytes: Uint8Array, kind: number): void {
    const { journal, onEvents, drop } = this.#options
    if (kind === P.JOURNAL_EVENT && drop?.(this.#messages++)) return
    const receivedNs = journal.now()
    journal.write(EVENTS_SOURCE, kind, bytes, receivedNs)
    const answer = decodeEventMessage(bytes)
    if (answer.kind !== 'message') {
      this.badMessages++
      return
    }
    this.lastHeardNs = receivedNs
    if (this.#clock === undefined && isRemote(this.#options.place, answer.message)) this.#openClock()
    if (this.#clock === undefined) onEvents(this.store.push(answer.message, hostNs(receivedNs)))
    else this.#place(this.#clock, { message: answer.message, receivedNs })
    this.#heard()
    if (answer.message.message === P.MESSAGE_END) this.#end()
  }

  /** Times of another machine have no place before its first answer. */
  #place(clock: OnlineRunnerClock, told: { message: EventMessage; receivedNs: number }): void {
    this.#unplaced.push(told)
    if (Number.isNaN(clock.boundNs)) return
    for (const { message, receivedNs } of this.#unplaced.splice(0))
      this.#options.onEvents(this.store.push(message, hostNs(receivedNs), (ns) => hostNs(clock.toHostNs(ns))))
  }

  #openClock(): void {
    const { journal } = this.#options
    const clock = new OnlineRunnerClock(journal.identity.originMonoNs)
    this.#clock = clock
    this.#subscriber.openClock((answer) => {
      const receivedNs = process.hrtime.bigint()
      const number = Number(Buffer.from(answer.buffer, answer.byteOffset).readBigUInt64LE())
      const sentNs = this.#askedNs.get(number)
      this.#askedNs.delete(number)
      if (sentNs === undefined) return
      const payload = encodeExchange(sentNs, receivedNs, answer)
      journal.write(RUNNER_CLOCK_SOURCE, P.JOURNAL_RUNNER_CLOCK, payload)
      const exchange = decodeExchange(payload)
      if (exchange !== undefined) clock.add(exchange)
    })
    const openedMs = performance.now()
    const ask = (): void => {
      const number = this.#asked++
      // what was never answered is forgotten
      this.#askedNs.delete(number - ASKED_MAX)
      this.#askedNs.set(number, process.hrtime.bigint())
      this.#subscriber.askClock(number)
      this.#clockTimer = setTimeout(ask, pingPauseMs((performance.now() - openedMs) / 1e3, Math.random))
    }
    ask()
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#fillHoles().finally(() => {
      this.#filling = undefined
    })
    return this.#filling
  }

  async #fillHoles(): Promise<void> {
    try {
      for (const { number } of this.store.sources)
        for (const [from, to] of this.store.missing(number)) {
          const key = `${number}:${from}:${to}`
          const tries = this.#tries.get(key) ?? 0
          if (tries >= FILL_TRIES) continue
          this.#tries.set(key, tries + 1)
          await this.#subscriber.fill(from, to)
        }
    } catch {
      // the runner may be gone: what stays missing is counted when the run is finalised
    }
  }
}
