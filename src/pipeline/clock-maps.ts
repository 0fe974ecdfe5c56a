import type { MarkerEdge, TickPair } from '../samples/sample-block.ts'
import { Envelope, type Oscillator } from '../timebase/envelope.ts'
import { FinalMap } from '../timebase/final-map.ts'
import { HostClocks, type HostReading, SLEW_MAX } from '../timebase/host-clocks.ts'
import { LinkFloorEstimate } from '../timebase/link-floor-estimate.ts'
import { type MarkedInstant, MarkerMatch, type Toggle, type Window } from '../timebase/marker-edges.ts'
import { TimeMap } from '../timebase/time-map.ts'
import { hostNs, ticks } from '../units/units.ts'

export interface PlacedStretch {
  /** Of the device. */
  readonly epoch: number
  readonly arrivalNs: number
  readonly tick: number
  readonly endTick: number
}

/** One line of device time over host time: a boot of the device, as far as the host did not sleep. */
export interface ClockEpoch {
  readonly number: number
  readonly deviceEpoch: number
  /** CLOCK_MONOTONIC within which it holds, ns. */
  readonly fromNs: number
  untilNs: number
  /** Ticks to CLOCK_MONOTONIC, ns of the run. */
  readonly map: TimeMap
}

const NS = 1e9
/** Distance of the two sides of a map that a marker narrows; see Oscillator for the window that makes of it. */
const MARKED_GAP_S = 20e-6
/** A map known so well tells what single frames and pings took. */
const CALIBRATING_NS = 40e3
/** The clock probe reads ten times a second. */
const PROBE_SILENT_NS = 1e9
/** A node is put where the host's clock bends by more than this. */
const BEND_NS = 50

/**
 * The maps from device ticks to host time of a run: constraints in the order of the journal in, fixed nodes out.
 *
 * Everything a stamp of CLOCK_MONOTONIC says is turned into CLOCK_MONOTONIC_RAW when readings on both sides of it are known, and
 * aligned there; nodes are turned back. A suspend ends all maps, as nobody knows how long it was for the device.
 */
export class ClockMaps {
  readonly hostClock: HostClocks
  readonly marker = new MarkerMatch()
  readonly floorUp = new LinkFloorEstimate()
  readonly floorDown = new LinkFloorEstimate()
  readonly #oscillator: Oscillator
  readonly #sPerTick: number
  readonly #epochs: Epoch[] = []
  #incoming: Incoming[] = []

  /** `hostClock` may be shared: what one host says of its clocks. */
  constructor(oscillator: Oscillator, sPerTick: number, hostClock = new HostClocks()) {
    this.#oscillator = oscillator
    this.#sPerTick = sPerTick
    this.hostClock = hostClock
  }

  addPair(pair: TickPair): void {
    this.#incoming.push({ kind: 'pair', pair })
  }

  /** A stretch of device time to be placed. */
  addFrame(frame: PlacedStretch): void {
    this.#incoming.push({ kind: 'frame', frame })
  }

  addEdge(edge: MarkerEdge): void {
    this.#incoming.push({ kind: 'edge', edge })
  }

  addToggle(toggle: Toggle): void {
    this.marker.addToggle(toggle)
  }

  addReading(reading: HostReading): void {
    this.hostClock.add(reading)
  }

  get epochs(): readonly ClockEpoch[] {
    return this.#epochs
  }

  /** The one a stamp of the host belongs to; undefined where it slept meanwhile. */
  epochOf(deviceEpoch: number, stampNs: number): ClockEpoch | undefined {
    return this.#known(deviceEpoch, stampNs)
  }

  /** Fixes nodes up to `untilNs`; toggles of the host before `toldUntilNs` are all here. */
  extendTo(untilNs: number, toldUntilNs: number): void {
    this.#closeAtSuspends()
    const readyUntilNs = untilNs === Number.POSITIVE_INFINITY ? untilNs : this.#readyUntilNs()
    const held = this.#incoming.filter((incoming) => stampOf(incoming) > readyUntilNs)
    const ready = this.#incoming.filter((incoming) => stampOf(incoming) <= readyUntilNs)
    this.#incoming = held
    for (const incoming of ready) this.#look(incoming)
    const marked = this.marker.take(toldUntilNs, (edge) => this.#windowOf(edge))
    for (const incoming of ready) this.#enter(incoming)
    for (const instant of marked) this.#constrain(instant)
    const last = this.#epochs[this.#epochs.length - 1]
    for (const epoch of this.#epochs) {
      const endNs = epoch === last ? untilNs : epoch.untilNs
      this.#extend(epoch, Math.min(endNs, epoch.untilNs))
      this.#calibrate(epoch)
    }
  }

  /** Nothing more will come. */
  finish(): void {
    this.#dropToggles(Number.POSITIVE_INFINITY)
  }

  dropBefore(ns: number): void {
    this.#dropToggles(ns)
    this.hostClock.dropBefore(ns - 1e9)
    for (const { map } of this.#epochs) map.dropBefore(hostNs(ns))
  }

  /** Drops finished epochs that end before `ns`. */
  dropEpochsBefore(ns: number): void {
    const last = this.#epochs[this.#epochs.length - 1]
    const kept = this.#epochs.filter((epoch) => epoch === last || !(epoch.map.lastHostNs < ns))
    this.#epochs.splice(0, this.#epochs.length, ...kept)
  }

  #dropToggles(ns: number): void {
    const firstNs = this.#epochs[0]?.map.nodes === 0 ? ns : (this.#epochs[0]?.map.hostAt(0) ?? ns)
    this.marker.dropBefore(ns, firstNs)
  }

  /**
   * A stamp is judged when there is a reading behind it: the host may have slept meanwhile. A clock probe that fell silent is not
   * waited for.
   */
  #readyUntilNs(): number {
    const readNs = this.hostClock.lastNs
    const newestNs = this.#incoming.reduce((most, incoming) => Math.max(most, stampOf(incoming)), readNs)
    return newestNs - readNs > PROBE_SILENT_NS ? newestNs : readNs
  }

  #closeAtSuspends(): void {
    for (const epoch of this.#epochs) {
      const suspend = this.hostClock.suspends.find(({ fromNs }) => fromNs >= epoch.fromNs)
      if (suspend !== undefined) epoch.untilNs = Math.min(epoch.untilNs, suspend.fromNs)
    }
  }

  /** The link alone tells when edges can have been. */
  #look(incoming: Incoming): void {
    if (incoming.kind === 'edge') {
      if (this.#epochAt(incoming.edge.epoch, incoming.edge.arrivalNs) !== undefined)
        this.marker.addEdge(incoming.edge, this.#windowOf(incoming.edge))
    } else if (incoming.kind === 'pair') {
      const { epoch: deviceEpoch, kind, tick, hostNs } = incoming.pair
      const epoch = this.#epochAt(deviceEpoch, hostNs)
      if (epoch === undefined) return
      epoch.originTick ??= tick
      const d = (tick - epoch.originTick) * this.#sPerTick
      const v = this.#rawOf(kind, hostNs) / NS
      if (kind === 'up') epoch.online.addUpper(d, v)
      else epoch.online.addLower(d, v)
    }
  }

  #enter(incoming: Incoming): void {
    if (incoming.kind === 'pair') {
      const { epoch: deviceEpoch, kind, tick, hostNs } = incoming.pair
      const epoch = this.#epochAt(deviceEpoch, hostNs)
      if (epoch === undefined) return
      this.#finalOf(epoch).addPair(kind === 'up', tick, this.#rawOf(kind, hostNs))
      epoch.toCalibrate.push({ isUp: kind === 'up', tick, hostNs })
    } else if (incoming.kind === 'frame') {
      const { epoch: deviceEpoch, arrivalNs, tick, endTick } = incoming.frame
      const epoch = this.#epochAt(deviceEpoch, arrivalNs)
      if (epoch !== undefined) this.#finalOf(epoch).addFrame(tick, endTick)
    }
  }

  /** Late by what RAW may be wrong for an upper constraint, early for a lower one. */
  #rawOf(kind: TickPair['kind'], monoNs: number): number {
    const slackNs = this.hostClock.errorNsAt(monoNs)
    return this.hostClock.rawOf(monoNs) + (kind === 'up' ? slackNs : -slackNs)
  }

  /** Made once it is known whether there is a marker: it tells the rate in less time, in which that drifts less. */
  #finalOf(epoch: Epoch): FinalMap {
    const { driftPerS, windowS } = this.#declared()
    const markedS = Math.sqrt(MARKED_GAP_S / driftPerS)
    const isMarked = this.marker.isBelieved && markedS < windowS
    epoch.final ??= new FinalMap({ driftPerS, windowS: isMarked ? markedS : windowS }, this.#sPerTick)
    return epoch.final
  }

  #windowOf(edge: MarkerEdge): Window {
    const epoch = this.#known(edge.epoch, edge.arrivalNs)
    if (epoch?.originTick === undefined) return { lowerNs: Number.NEGATIVE_INFINITY, upperNs: Number.POSITIVE_INFINITY }
    const { online, originTick } = epoch
    const lower = online.lower((edge.after - originTick) * this.#sPerTick) * NS
    const upper = online.upper((edge.until - originTick) * this.#sPerTick) * NS
    const [lowerNs, upperNs] = [this.hostClock.monoOf(lower), this.hostClock.monoOf(upper)]
    return {
      lowerNs: Number.isFinite(lower) ? lowerNs - this.hostClock.errorNsAt(lowerNs) : lower,
      upperNs: Number.isFinite(upper) ? upperNs + this.hostClock.errorNsAt(upperNs) : upper,
    }
  }

  #constrain({ edge, toggle }: MarkedInstant): void {
    const epoch = this.#known(edge.epoch, edge.arrivalNs)
    if (epoch === undefined || this.#known(edge.epoch, toggle.fromNs) !== epoch) return
    this.#finalOf(epoch).addPair(true, edge.after, this.#rawOf('up', toggle.toNs))
    this.#finalOf(epoch).addPair(false, edge.until, this.#rawOf('down', toggle.fromNs))
    epoch.isMarked = true
  }

  #known(deviceEpoch: number, stampNs: number): Epoch | undefined {
    return this.#epochs.findLast(
      (epoch) => epoch.deviceEpoch === deviceEpoch && stampNs >= epoch.fromNs && stampNs <= epoch.untilNs,
    )
  }

  /** The epoch of a stamp, made when it is the first. */
  #epochAt(deviceEpoch: number, stampNs: number): Epoch | undefined {
    const known = this.#known(deviceEpoch, stampNs)
    if (known !== undefined) return known
    const { suspends } = this.hostClock
    const before = suspends.findLast(({ untilNs }) => untilNs <= stampNs)
    const after = suspends.find(({ untilNs }) => untilNs > stampNs)
    if (after !== undefined && stampNs > after.fromNs) return undefined
    const epoch: Epoch = {
      number: (this.#epochs[this.#epochs.length - 1]?.number ?? -1) + 1,
      deviceEpoch,
      fromNs: before?.untilNs ?? Number.NEGATIVE_INFINITY,
      untilNs: after?.fromNs ?? Number.POSITIVE_INFINITY,
      map: new TimeMap(),
      final: undefined,
      online: new Envelope(this.#declared()),
      originTick: undefined,
      nodesTurned: 0,
      isMarked: false,
      toCalibrate: [],
    }
    this.#epochs.push(epoch)
    return epoch
  }

  /**
   * Without readings CLOCK_MONOTONIC may be slewed either way at any time: its rate differs from every mean by up to twice the
   * slew. The envelope allows 3/4 of drift times the age of its window, which is at least 3/4 s.
   */
  #declared(): Oscillator {
    if (this.hostClock.isKnown) return this.#oscillator
    return { driftPerS: this.#oscillator.driftPerS + (2 * SLEW_MAX) / (0.75 * 0.75), windowS: 2 }
  }

  #extend(epoch: Epoch, untilNs: number): void {
    const { final, map } = epoch
    if (final === undefined) return
    const isOpen = untilNs === Number.POSITIVE_INFINITY
    const untilRawNs = isOpen ? untilNs : this.hostClock.rawOf(untilNs)
    final.extendTo(untilRawNs)
    const raw = final.map
    for (let i = epoch.nodesTurned; i < raw.nodes; i++) {
      const endRawNs = raw.hostAt(i)
      if (i > 0) this.#bend(epoch, raw, i)
      const endNs = endRawNs === untilRawNs ? untilNs : this.hostClock.monoOf(endRawNs)
      this.#append(epoch, raw.tickAt(i), endNs, raw.boundAt(i))
    }
    epoch.nodesTurned = raw.nodes
    if (map.nodes === 0) return
    // the RAW map is read no more before its last node
    const kept = raw.nodes
    raw.dropBefore(raw.lastHostNs as ReturnType<typeof hostNs>)
    epoch.nodesTurned -= kept - raw.nodes
  }

  /** Nodes within the straight stretch that ends at node i, where the host's own clock bends. */
  #bend(epoch: Epoch, raw: TimeMap, i: number): void {
    const [fromRawNs, toRawNs] = [raw.hostAt(i - 1), raw.hostAt(i)]
    const [fromNs, toNs] = [this.hostClock.monoOf(fromRawNs), this.hostClock.monoOf(toRawNs)]
    const share = (rawNs: number): number => (rawNs - fromRawNs) / (toRawNs - fromRawNs)
    const bends = [...this.hostClock.rawBetween(fromRawNs, toRawNs)]
    const isBent = bends.some((rawNs) => {
      return Math.abs(this.hostClock.monoOf(rawNs) - fromNs - share(rawNs) * (toNs - fromNs)) > BEND_NS
    })
    const tickAt = (rawNs: number): number => raw.tickAt(i - 1) + share(rawNs) * (raw.tickAt(i) - raw.tickAt(i - 1))
    // the host woke up within this stretch: what it shows from before is not to be placed
    if (epoch.map.nodes === 0 && fromNs < epoch.fromNs && toNs > epoch.fromNs)
      this.#append(epoch, tickAt(this.hostClock.rawOf(epoch.fromNs)), epoch.fromNs, 0)
    if (isBent)
      for (const rawNs of bends) this.#append(epoch, tickAt(rawNs), this.hostClock.monoOf(rawNs), raw.boundAt(i))
  }

  #append(epoch: Epoch, tick: number, ns: number, boundNs: number): void {
    const { map } = epoch
    if (ns < epoch.fromNs || ns > epoch.untilNs) return
    if (map.nodes > 0 && !(tick > map.lastTick && ns > map.lastHostNs)) return
    const bend = this.hostClock.isKnown ? this.#errorNs(map.lastHostNs, ns) + BEND_NS : 0
    map.append(ticks(tick), hostNs(ns), boundNs * (1 + SLEW_MAX) + (map.nodes === 0 ? 0 : bend))
  }

  /** Largest error of the host clock's own map in a stretch. */
  #errorNs(fromNs: number, untilNs: number): number {
    let most = this.hostClock.errorNsAt(untilNs)
    if (Number.isNaN(fromNs)) return most
    for (const rawNs of this.hostClock.rawBetween(this.hostClock.rawOf(fromNs), this.hostClock.rawOf(untilNs)))
      most = Math.max(most, this.hostClock.errorNsAt(this.hostClock.monoOf(rawNs)))
    return most
  }

  /** What frames and pings took, where a marker tells the time so well that it can be told. */
  #calibrate(epoch: Epoch): void {
    const { map } = epoch
    epoch.toCalibrate = epoch.toCalibrate.filter(({ isUp, tick, hostNs: ns }) => {
      if (!(tick <= map.lastTick)) return true
      const boundNs = map.boundNs(ticks(tick))
      if (!epoch.isMarked || !(boundNs < CALIBRATING_NS)) return false
      const atNs = map.toHost(ticks(tick))
      if (isUp) this.floorUp.add(ns - atNs - boundNs)
      else this.floorDown.add(atNs - boundNs - ns)
      return false
    })
  }
}

function stampOf(incoming: Incoming): number {
  switch (incoming.kind) {
    case 'pair':
      return incoming.pair.hostNs
    case 'frame':
      return incoming.frame.arrivalNs
    case 'edge':
      return incoming.edge.arrivalNs
  }
}

interface Epoch extends ClockEpoch {
  /** Ticks to CLOCK_MONOTONIC_RAW. */
  final: FinalMap | undefined
  readonly online: Envelope
  originTick: number | undefined
  /** Nodes of the RAW map that have their place in `map`. */
  nodesTurned: number
  isMarked: boolean
  toCalibrate: { readonly isUp: boolean; readonly tick: number; readonly hostNs: number }[]
}

type Incoming =
  | { readonly kind: 'pair'; readonly pair: TickPair }
  | { readonly kind: 'frame'; readonly frame: PlacedStretch }
  | { readonly kind: 'edge'; readonly edge: MarkerEdge }
