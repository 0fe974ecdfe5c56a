import { dictionaryOf, type EventMessage } from '../inference/event-message.ts'
import * as P from '../protocol/constants.ts'
import { OSCILLATORS } from '../timebase/envelope.ts'
import { HostClocks } from '../timebase/host-clocks.ts'
import type { RunnerExchange } from '../timebase/runner-exchange.ts'
import { type HostNs, hostNs, ticks } from '../units/units.ts'
import { ClockMaps } from './clock-maps.ts'
import { LogHistogram } from './log-histogram.ts'

const S_PER_NS = 1e-9
/** How far a time may lie beyond the map: what a runner says before the first and after the last exchange. */
const REACH_NS = 2e9
/** Two machines' clocks run apart by no more. */
const RATE_ERROR = 1e-3

/**
 * The clock of a runner on another machine: the same maps as those of a device, with its CLOCK_MONOTONIC_RAW for a tick of 1 ns.
 * A question sent at S and received at d says host(d) >= S, an answer sent at d and received at A says host(d) <= A. The machine's
 * own readings turn its CLOCK_MONOTONIC, in which events are told, into RAW.
 */
export class RunnerClock {
  exchanges = 0
  /** Stated bounds of the map, one a second, ns. */
  readonly bounds = new LogHistogram()
  boundMaxNs = 0
  readonly #maps: ClockMaps
  readonly #own = new HostClocks()
  readonly #originNs: bigint
  #ownOriginNs: bigint | undefined
  /** Of this host, at the runner's origin. */
  #firstSentNs = 0
  #ownErrorNs = 0
  #lastTick = Number.NaN
  #roughNs = Number.NaN
  #countedNs = Number.NEGATIVE_INFINITY

  /** `hostClock` is this host's: an exchange is stamped by it. */
  constructor(originNs: bigint, hostClock: HostClocks) {
    this.#originNs = originNs
    this.#maps = new ClockMaps(OSCILLATORS.crystal, S_PER_NS, hostClock)
  }

  add({ sentNs, receivedNs, beforeNs, rawNs, boottimeNs, afterNs }: RunnerExchange): void {
    this.exchanges++
    const sent = hostNs(Number(sentNs - this.#originNs))
    const received = hostNs(Number(receivedNs - this.#originNs))
    if (this.#ownOriginNs === undefined) {
      this.#ownOriginNs = beforeNs
      this.#firstSentNs = sent
    }
    const before = Number(beforeNs - this.#ownOriginNs)
    const after = Number(afterNs - this.#ownOriginNs)
    const monoNs = (before + after) / 2
    const halfBracketNs = (after - before) / 2
    // a thread that was put aside between its readings tells little of how they belong together
    if (halfBracketNs <= BRACKET_MAX_NS) this.#own.add({ monoNs, rawNs, boottimeNs, halfBracketNs })
    if (!this.#own.isKnown) return
    // a bend in this stretch shows half of itself at least, the rest with the next reading
    this.#ownErrorNs = Math.max(this.#ownErrorNs, 2 * this.#own.errorNsAt(this.#own.lastNs))
    const [from, until] = [this.#own.rawOf(before), this.#own.rawOf(after)]
    this.#maps.addPair({
      kind: 'down',
      epoch: 0,
      tick: ticks(from),
      hostNs: hostNs(sent - this.#own.errorNsAt(before)),
    })
    this.#maps.addPair({
      kind: 'up',
      epoch: 0,
      tick: ticks(until),
      hostNs: hostNs(received + this.#own.errorNsAt(after)),
    })
    // in pieces, as the map is evaluated at their ends
    const pieces = Math.ceil((from - this.#lastTick) / PIECE_NS)
    for (let i = 0; i < pieces; i++) {
      const at = (k: number): number => this.#lastTick + ((from - this.#lastTick) * k) / pieces
      this.#maps.addFrame({ epoch: 0, arrivalNs: received, tick: at(i), endTick: at(i + 1) })
    }
    if (!(from <= this.#lastTick)) this.#lastTick = from
  }

  /** Fixes the map up to `untilNs` of this host. */
  extendTo(untilNs: number): void {
    this.#maps.extendTo(untilNs, untilNs)
    for (const { map } of this.#maps.epochs)
      for (let i = 1; i < map.nodes; i++) {
        if (map.hostAt(i) <= this.#countedNs) continue
        this.#countedNs = map.hostAt(i)
        this.bounds.add(map.boundAt(i) + this.#ownErrorNs)
        this.boundMaxNs = Math.max(this.boundMaxNs, map.boundAt(i) + this.#ownErrorNs)
      }
  }

  /** Everything the runner says up to here can be placed. */
  reaches(runnerNs: bigint): boolean {
    const map = this.#maps.epochs[this.#maps.epochs.length - 1]?.map
    return map !== undefined && map.nodes > 1 && this.#tickOf(runnerNs) <= map.lastTick
  }

  /** CLOCK_MONOTONIC of the runner's machine to this host's, ns of the run. */
  readonly toHost = (runnerNs: bigint): HostNs => {
    const tick = this.#tickOf(runnerNs)
    for (const { map } of this.#maps.epochs) {
      const inside = map.toHost(ticks(tick))
      if (!Number.isNaN(inside)) return hostNs(Math.round(inside))
    }
    const [first] = this.#maps.epochs
    const last = this.#maps.epochs[this.#maps.epochs.length - 1]
    // nothing is certain then, and the bound says so; what is said now cannot be far from now
    if (first === undefined || last === undefined || first.map.nodes === 0)
      return hostNs(Number(runnerNs - this.#originNs) + this.#roughNs)
    const isEarly = tick < first.map.tickAt(0)
    const [atTick, atNs] = isEarly
      ? [first.map.tickAt(0), first.map.hostAt(0)]
      : [last.map.lastTick, last.map.lastHostNs]
    return hostNs(Math.round(atNs + tick - atTick))
  }

  /** How far a time of the runner may be off at a time of this host, ns; NaN where nothing is certain. */
  boundNsAt(ns: number): number {
    const ownNs = this.#ownErrorNs
    for (const { map } of this.#maps.epochs) {
      const boundNs = map.boundAtHostNs(hostNs(ns))
      if (!Number.isNaN(boundNs)) return boundNs + ownNs
    }
    const last = this.#maps.epochs[this.#maps.epochs.length - 1]
    const [first] = this.#maps.epochs
    if (first === undefined || last === undefined || first.map.nodes < 2) return Number.NaN
    const beyondNs = ns < first.map.hostAt(0) ? first.map.hostAt(0) - ns : ns - last.map.lastHostNs
    const edgeNs = ns < first.map.hostAt(0) ? first.map.boundAt(1) : last.map.boundAt(last.map.nodes - 1)
    return beyondNs >= 0 && beyondNs <= REACH_NS ? edgeNs + ownNs + RATE_ERROR * beyondNs : Number.NaN
  }

  /** A message of the runner that holds for `runnerNs` came: all there is to go by without a single exchange. */
  noteRough(runnerNs: bigint, receivedNs: HostNs): void {
    if (Number.isNaN(this.#roughNs)) this.#roughNs = receivedNs - Number(runnerNs - this.#originNs)
  }

  dropBefore(ns: number): void {
    this.#own.dropBefore((ns - this.#firstSentNs) * 0.99 - 60e9)
    this.#maps.dropBefore(ns)
    this.#maps.dropEpochsBefore(ns)
  }

  #tickOf(runnerNs: bigint): number {
    return this.#own.rawOf(Number(runnerNs - (this.#ownOriginNs ?? runnerNs)))
  }
}

const BRACKET_MAX_NS = 10e3
const PIECE_NS = 5e6

/** Where the runner is, as the recipe says and as both machines do. */
export interface RunnerPlace {
  readonly declared: 'auto' | 'local' | 'remote'
  /** Of this host; undefined in runs that were made without one. */
  readonly bootId: string | undefined
}

/** Machines with one boot id share their CLOCK_MONOTONIC. A runner that has told none is taken for one of this host. */
export function isRemote({ declared, bootId }: RunnerPlace, message: EventMessage): boolean {
  if (declared !== 'auto') return declared === 'remote'
  if (message.message !== P.MESSAGE_DICTIONARY || bootId === undefined) return false
  const told = dictionaryOf(message)?.runner.boot_id
  return typeof told === 'string' && told !== bootId
}
