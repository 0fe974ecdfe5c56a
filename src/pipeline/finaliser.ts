import type { RailTrace } from '../alignment/rail-trace.ts'
import type { RailCalibration } from '../calibration/rail.ts'
import { gainURel } from '../calibration/rail.ts'
import { BaselineFit } from '../energy/baseline.ts'
import { DeviceStates } from '../energy/device-states.ts'
import { findIdleGaps, type IdleGap, merged } from '../energy/idle-gaps.ts'
import { EnergyLedger, type LedgerWindow } from '../energy/ledger.ts'
import { type Noise, NoiseEstimate } from '../energy/noise.ts'
import type { Guards } from '../energy/sweep.ts'
import type { RailTotals } from '../energy/totals.ts'
import type { RailUncertainty } from '../energy/uncertainty.ts'
import type { IdentityFrame } from '../framing/frame.ts'
import { decodeEventMessage, type EventMessage, eventAt } from '../inference/event-message.ts'
import { EventStore, type RunnerTime } from '../inference/event-store.ts'
import type { DeviceState } from '../inference/span.ts'
import type { JournalRecord } from '../journal/record.ts'
import * as P from '../protocol/constants.ts'
import type { Oscillator } from '../timebase/envelope.ts'
import { decodeExchange } from '../timebase/runner-exchange.ts'
import type { Interval } from '../units/interval.ts'
import { type HostNs, hostNs } from '../units/units.ts'
import type { ClockMaps } from './clock-maps.ts'
import { IdleSurvey } from './idle-survey.ts'
import { type PlacedBlock, PlacedBlocks } from './placed-blocks.ts'
import { isRemote, RunnerClock, type RunnerPlace } from './runner-clock.ts'
import { type LinkFloors, SerialBranch } from './serial-branch.ts'
import type { ClockKnot, ClockProbe, ReceivedEvent, WindowResult } from './window-result.ts'

/** Everything the final figures depend on besides the records themselves. */
export interface FinaliserOptions {
  /** CLOCK_MONOTONIC of the run's origin, ns. */
  readonly originNs: bigint
  readonly rails: readonly RailCalibration[]
  readonly oscillator: Oscillator
  readonly floors: LinkFloors
  readonly guards: Guards
  /** Whether the runner has a clock of its own. */
  readonly runnerPlace: RunnerPlace
  /** Length of a part of the dataset, ns. */
  readonly partNs: number
}

/** A window is finished this long after its end: late events and gap fills have come, and the map knows both sides. */
export const LOOK_AHEAD_NS = 20e9
/** Maps and idle gaps reach so far beyond the window; what remains of the look-ahead certifies the map. */
const BEYOND_NS = 4e9
/** Spans that end in a window may have begun so long before it. */
const BEHIND_NS = 11e9
/** The runner's clock is placed up to so long before the newest record, so that exchanges on both sides are known. */
const RUNNER_BEHIND_NS = 3e9
/** A source that says nothing for so long has died; it sends a heartbeat every 100 ms. */
export const SILENT_NS = 2e9

/**
 * The final figures as a pure function of the journal: records in their order in, finished windows out. `record` at its close,
 * `recover` and `replay` are this and nothing else. Memory holds one window and its surroundings.
 */
export class Finaliser {
  readonly serial: SerialBranch
  readonly events: EventStore
  readonly ledger: EnergyLedger
  readonly idle: IdleSurvey
  readonly #options: FinaliserOptions
  readonly #placed: PlacedBlocks
  readonly #states = new DeviceStates()
  readonly #noise: NoiseEstimate[]
  #pendingStates: DeviceState[] = []
  #receivedEvents: ReceivedEvent[] = []
  #probes: ClockProbe[] = []
  readonly #lastHeardNs = new Map<string, HostNs>()
  /** Messages of remote runners that say more than their clock can be placed for yet. */
  #heldMessages: HeldMessage[] = []
  readonly #remoteSources = new Set<string>()
  readonly runnerClock: RunnerClock
  #gaps: IdleGap[] = []
  #gapsUntilNs = 0
  #window: Interval
  #lastStampNs = 0
  #uncertainty: RailUncertainty[] = []
  readonly #coveredNs: Float64Array
  #sampledFromNs = Number.NaN
  #sampledToNs = Number.NaN
  /** Undecodable event messages. */
  badMessages = 0
  /** What the device last said it is. */
  identity: IdentityFrame | undefined

  constructor(options: FinaliserOptions) {
    this.#options = options
    const names = options.rails.map((rail) => rail.name)
    this.serial = new SerialBranch(options.floors)
    this.events = new EventStore(options.originNs)
    this.ledger = new EnergyLedger(names, options.guards)
    this.idle = new IdleSurvey(options.rails.length)
    this.#placed = new PlacedBlocks(options.rails, options.oscillator)
    this.runnerClock = new RunnerClock(options.originNs, this.#placed.clock.hostClock)
    this.#noise = names.map(() => new NoiseEstimate())
    this.#coveredNs = new Float64Array(names.length)
    this.#window = { start: 0, end: options.partNs }
  }

  /** Windows finished by this record. */
  push(record: JournalRecord): WindowResult[] {
    const finished: WindowResult[] = []
    while (record.stampNs >= this.#window.end + LOOK_AHEAD_NS) finished.push(this.#finish(this.#window, record.stampNs))
    this.#lastStampNs = Math.max(this.#lastStampNs, record.stampNs)
    this.#take(record)
    return finished
  }

  /** The rest of the run, up to the last record. */
  close(): WindowResult[] {
    const finished: WindowResult[] = []
    while (this.#window.end < this.#lastStampNs) finished.push(this.#finish(this.#window, this.#lastStampNs))
    finished.push(this.#finish({ start: this.#window.start, end: Number.POSITIVE_INFINITY }, this.#lastStampNs))
    this.#placed.clock.finish()
    return finished
  }

  #take(record: JournalRecord): void {
    const { payload, stampNs } = record
    switch (record.kind) {
      case P.JOURNAL_SERIAL_IN:
        this.#takeSerial(payload, stampNs)
        break
      case P.JOURNAL_SERIAL_OUT:
        this.serial.wrote(payload, stampNs)
        break
      case P.JOURNAL_EVENT:
      case P.JOURNAL_GAP_FILL:
        this.#takeEvents(payload, stampNs, record.kind === P.JOURNAL_GAP_FILL)
        break
      case P.JOURNAL_CLOCK:
        this.#takeProbe(payload)
        break
      case P.JOURNAL_RUNNER_CLOCK: {
        const exchange = decodeExchange(payload)
        if (exchange !== undefined) this.runnerClock.add(exchange)
        break
      }
      case P.JOURNAL_PORT:
        if (isPortLost(payload)) this.serial.lost()
        break
      default:
        // verdicts and the recipe steer nothing here; records of a newer writer are none of our business
        break
    }
  }

  #takeSerial(bytes: Uint8Array, stampNs: HostNs): void {
    const out = this.serial.received(bytes, stampNs)
    for (const pair of out.pairs) this.#placed.addPair(pair)
    for (const edge of out.edges) this.#placed.addEdge(edge)
    for (const answer of out.answers) if (answer.kind === P.FRAME_KIND_IDENTITY) this.identity = answer
    for (const gap of out.gaps) this.#placed.addGap(gap)
    for (const block of out.blocks) this.#placed.addBlock(block)
  }

  #takeEvents(payload: Uint8Array, stampNs: HostNs, filled: boolean): void {
    const answer = decodeEventMessage(payload)
    if (answer.kind !== 'message') {
      this.badMessages++
      return
    }
    const { message } = answer
    if (!filled) this.#lastHeardNs.set(message.sourceId, stampNs)
    if (isRemote(this.#options.runnerPlace, message)) this.#remoteSources.add(message.sourceId)
    if (this.#remoteSources.has(message.sourceId)) {
      this.runnerClock.noteRough(message.watermarkNs, stampNs)
      // the payload may be reused by its reader
      this.#heldMessages.push({ payload: payload.slice(), stampNs, filled })
    } else this.#store(message, stampNs, filled, (ns) => hostNs(Number(ns - this.#options.originNs)))
  }

  /** Messages of remote runners, in their order, as far as their clock has its place. */
  #releaseHeld(knownUntilNs: number, isLast: boolean): void {
    this.runnerClock.extendTo(isLast ? Number.POSITIVE_INFINITY : knownUntilNs - RUNNER_BEHIND_NS)
    let released = 0
    for (const { payload, stampNs, filled } of this.#heldMessages) {
      const answer = decodeEventMessage(payload)
      if (answer.kind !== 'message') break
      if (!isLast && !this.runnerClock.reaches(newestOf(answer.message))) break
      this.#store(answer.message, stampNs, filled, this.runnerClock.toHost)
      released++
    }
    this.#heldMessages = this.#heldMessages.slice(released)
  }

  #store(message: EventMessage, stampNs: HostNs, filled: boolean, timeOf: RunnerTime): void {
    const { spans, states, toggles, events } = this.events.push(message, stampNs, timeOf)
    const source = this.events.sources.findIndex((s) => s.sourceId === message.sourceId)
    for (const span of spans) this.ledger.addSpan(span)
    this.#pendingStates.push(...states)
    for (const { level, fromNs, toNs } of toggles) {
      const boundNs = this.#runnerBoundNsAt(fromNs)
      // nobody knows when it was
      if (Number.isNaN(boundNs)) continue
      this.#placed.addToggle({ level, fromNs: fromNs - boundNs, toNs: toNs + boundNs })
    }
    for (const event of events) {
      const tNs = timeOf(event.tNs)
      this.#receivedEvents.push({ event, source, tNs, receivedNs: stampNs, filled })
    }
  }

  #takeProbe(payload: Uint8Array): void {
    if (payload.length !== 48) return
    const view = new DataView(payload.buffer, payload.byteOffset)
    const at = (i: number): bigint => view.getBigInt64(8 * i, true)
    const monoNs = Number((at(0) + at(4)) / 2n - this.#options.originNs)
    const halfBracketNs = Number(at(4) - at(0)) / 2
    const clocks = { rawNs: at(1), boottimeNs: at(2), realtimeNs: at(3), suspends: Number(at(5)) }
    const probe = { monoNs, ...clocks, halfBracketNs }
    this.#probes.push(probe)
    this.#placed.addReading(probe)
  }

  #finish(window: Interval, knownUntilNs: number): WindowResult {
    const isLast = window.end === Number.POSITIVE_INFINITY
    if (this.#remoteSources.size > 0) this.#releaseHeld(knownUntilNs, isLast)
    this.#placed.placeUntil(isLast ? window.end : window.end + BEYOND_NS, isLast ? window.end : this.#toldUntilNs())
    this.#orderStates()
    const traces = this.#placed.traces()
    const blind = this.#blindStretches(knownUntilNs)
    const reachNs = isLast ? knownUntilNs : window.end + BEYOND_NS
    this.#surveyIdle(traces, blind, reachNs)
    const noise = this.#noise.map((estimate) => estimate.value ?? SILENT)
    const fits = traces.map((_, r) => new BaselineFit(this.#gaps, r, noise[r] as Noise, this.idle.means(r)))
    for (const [r, fit] of fits.entries()) this.idle.noteWander(r, fit, this.#gaps, window)
    const swept = this.#sweptInterval(window, isLast, knownUntilNs, traces)
    this.#countUnplaced(window)
    this.#uncertainty = this.#assessUncertainty(traces)
    const input: LedgerWindow = {
      window: swept,
      traces,
      states: this.#states,
      blind,
      baseline: (r, ns, key) => fits[r]?.at(ns, key),
      knownUntilNs,
      isLast,
      uncertainty: this.#uncertainty,
      boundNsAt: (ns) => this.#placed.boundNsAt(ns) + this.#runnerBoundNsAt(ns),
      asleep: this.clock.hostClock.suspends.map(({ fromNs, untilNs }) => ({ start: fromNs, end: untilNs })),
    }
    const rows = this.ledger.runWindow(input)
    const result = { window, ...rows, ...this.#contents(window) }
    this.#window = { start: window.end, end: window.end + this.#options.partNs }
    this.#forget(window.end)
    return result
  }

  /** No event before this is still to come from any runner, apart from what was lost. */
  #toldUntilNs(): number {
    const { sources } = this.events
    return Math.min(...sources.map(({ ended, watermarkNs }) => (ended ? Number.POSITIVE_INFINITY : watermarkNs)))
  }

  /** The first window also holds what the device had sent before the run began, the last ends where knowledge ends. */
  #sweptInterval(window: Interval, isLast: boolean, knownUntilNs: number, traces: readonly RailTrace[]): Interval {
    const first = Math.min(0, ...traces.map((trace) => trace.startNs).filter((ns) => !Number.isNaN(ns)))
    const start = window.start === 0 ? first : window.start
    const end = isLast ? Math.max(knownUntilNs, start) : window.end
    for (const [r, trace] of traces.entries()) {
      this.#coveredNs[r] = (this.#coveredNs[r] as number) + trace.coveredTo(end) - trace.coveredTo(start)
      if (Number.isNaN(this.#sampledFromNs)) this.#sampledFromNs = trace.startNs
      if (trace.endNs > start) this.#sampledToNs = Math.min(end, trace.endNs)
      const totals = this.ledger.totals[r] as RailTotals
      totals.gapS = (this.#sampledToNs - this.#sampledFromNs - (this.#coveredNs[r] as number)) / 1e9
    }
    return { start, end }
  }

  /** Bounds of both clocks add: a span is told by one and measured by the other. */
  #runnerBoundNsAt(ns: number): number {
    return this.#remoteSources.size > 0 ? this.runnerClock.boundNsAt(ns) : 0
  }

  /** The runner has a clock of its own. */
  get isRunnerRemote(): boolean {
    return this.#remoteSources.size > 0
  }

  /** Samples without a place on host time were measured all the same. */
  #countUnplaced(window: Interval): void {
    for (const placed of this.#placed.placed) {
      if (!Number.isNaN(placed.startNs[0]) || !isWithin(window, whenOf(placed))) continue
      this.#placed.unplacedJ(placed.block).forEach((joules, r) => {
        const totals = this.ledger.totals[r] as RailTotals
        totals.measuredJ += joules
        totals.uncoveredJ += joules
      })
    }
  }

  /** What the budgets rest on, from all idle time seen so far. */
  #assessUncertainty(traces: readonly RailTrace[]): RailUncertainty[] {
    return this.#options.rails.map((rail, r) => {
      const noise = this.#noise[r]?.value ?? SILENT
      const volts = rail.voltage.kind === 'nominal' ? rail.voltage.volts : 512 * rail.voltage.scale
      return {
        gainURel: gainURel(rail),
        noiseDensityJ2PerS: noise.densityJ2PerS,
        cellSdW: noise.cellSdW,
        countW: Math.abs(rail.current.scale * volts),
        cellNs: traces[r]?.cellNs ?? 0,
        timeConstantNs: rail.current.timeConstantNs,
      }
    })
  }

  /** What budgets of means rest on: rails, and how well the baseline is known over the whole run. */
  meanBudget(): [rails: RailUncertainty[], baselineUW: number[]] {
    const rails = this.#uncertainty
    return [rails, rails.map((rail, r) => this.idle.meanBaselineUW(r, this.idle.mainKey, rail.noiseDensityJ2PerS))]
  }

  /** Maps of the run, with what a marker line and the host's own clock had to say. */
  get clock(): ClockMaps {
    return this.#placed.clock
  }

  /** Events that never came, not even by a gap fill. */
  get eventsLost(): number {
    return this.events.blindStretches().reduce((sum, { eventsLost }) => sum + eventsLost, 0)
  }

  /** States may be told out of order by different threads; the sort is stable. */
  #orderStates(): void {
    for (const change of this.#pendingStates.sort((a, b) => a.tNs - b.tNs)) this.#states.push(change)
    this.#pendingStates = []
  }

  #blindStretches(knownUntilNs: number): Interval[] {
    const blind: Interval[] = this.events.blindStretches().map(({ startNs, endNs }) => ({ start: startNs, end: endNs }))
    for (const source of this.events.sources) {
      const heardNs = this.#lastHeardNs.get(source.sourceId) ?? source.firstSeenNs
      const next = this.events.sources[source.number + 1]
      const untilNs = next?.firstSeenNs ?? Number.POSITIVE_INFINITY
      const isSilent = !source.ended && (next !== undefined || knownUntilNs - heardNs > SILENT_NS)
      if (isSilent && source.watermarkNs < untilNs) blind.push({ start: source.watermarkNs, end: untilNs })
    }
    return merged(blind)
  }

  #surveyIdle(traces: readonly RailTrace[], blind: readonly Interval[], untilNs: number): void {
    const range = { start: this.#gapsUntilNs, end: untilNs }
    const { leadNs, tailNs } = this.#options.guards
    const found = findIdleGaps(this.ledger.busy(range), blind, this.#states, traces, range, tailNs, leadNs)
    for (const gap of found) {
      traces.forEach((trace, r) => {
        this.#noise[r]?.addGap(trace, gap)
      })
      this.idle.add(gap)
    }
    this.#gaps.push(...found)
    this.#gapsUntilNs = untilNs
  }

  #contents(window: Interval): Pick<WindowResult, 'blocks' | 'gaps' | 'events' | 'knots' | 'probes'> {
    const within = (ns: number): boolean => isWithin(window, ns)
    const blocks = this.#placed.placed.filter((placed) => within(whenOf(placed)))
    const first = blocks[0]?.block.first ?? Number.POSITIVE_INFINITY
    const last = blocks[blocks.length - 1]?.block.first ?? Number.NEGATIVE_INFINITY
    return {
      blocks,
      gaps: this.#placed.gaps.filter((gap) => gap.end >= first && gap.end <= last),
      events: this.#receivedEvents
        .filter(({ tNs }) => within(tNs))
        .sort((a, b) => a.tNs - b.tNs || a.source - b.source || a.event.sequence - b.event.sequence),
      knots: [...this.#knots(within)],
      probes: this.#probes.filter(({ monoNs }) => within(monoNs)),
    }
  }

  *#knots(within: (ns: number) => boolean): Generator<ClockKnot> {
    for (const { number: epoch, deviceEpoch, map } of this.#placed.epochs)
      for (let i = 0; i < map.nodes; i++) {
        if (!within(map.hostAt(i))) continue
        const tick = map.tickAt(i)
        const block = this.#placed.blockAt(deviceEpoch, tick)
        yield {
          epoch,
          tick,
          hostNs: map.hostAt(i),
          boundNs: map.boundAt(i),
          ratePpm: i === 0 ? Number.NaN : (map.nsPerTick(i) / 500 - 1) * 1e6,
          sampleIndex:
            block === undefined ? undefined : block.first + Math.round((tick - block.tick) / block.periodTicks),
          bootId: block?.bootId,
        }
      }
  }

  #forget(beforeNs: number): void {
    this.#placed.dropBefore(beforeNs - BEHIND_NS)
    this.runnerClock.dropBefore(beforeNs - BEHIND_NS)
    this.#receivedEvents = this.#receivedEvents.filter(({ tNs }) => tNs >= beforeNs)
    this.#probes = this.#probes.filter(({ monoNs }) => monoNs >= beforeNs)
    this.#gaps = this.#gaps.filter(({ endNs }) => endNs >= beforeNs - 2 * LOOK_AHEAD_NS)
    this.#states.dropBefore(beforeNs - BEHIND_NS)
  }
}

/** No idle time was ever seen: nothing is known of the noise, and without a baseline there are no figures that need it. */
const SILENT: Noise = { densityJ2PerS: 0, cellSdW: 0 }

/** Where a block stands on the time axis: its middle, or its arrival when it could not be placed. */
function whenOf({ block, startNs, endNs }: PlacedBlock): number {
  const middle = ((startNs[0] as number) + (endNs[0] as number)) / 2
  return Number.isNaN(middle) ? block.arrivalNs : middle
}

/** What came before the run's origin belongs to its first window. */
function isWithin(window: Interval, ns: number): boolean {
  return (ns >= window.start || window.start === 0) && ns < window.end
}

interface HeldMessage {
  readonly payload: Uint8Array
  readonly stampNs: HostNs
  readonly filled: boolean
}

/** Latest time a message speaks of, in the runner's clock. */
function newestOf(message: EventMessage): bigint {
  let newestNs = message.watermarkNs
  if (message.message !== P.MESSAGE_EVENTS) return newestNs
  for (let i = 0; i < message.count; i++) {
    const { tNs } = eventAt(message, i)
    if (tNs > newestNs) newestNs = tNs
  }
  return newestNs
}

function isPortLost(payload: Uint8Array): boolean {
  const text = new TextDecoder().decode(payload)
  return text.includes('"event":"lost"') || text.includes('"event":"close"')
}
