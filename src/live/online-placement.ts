import { RailTrace } from '../alignment/rail-trace.ts'
import { positionOf, powerOfBlock } from '../calibration/power.ts'
import type { RailCalibration } from '../calibration/rail.ts'
import { channelCount } from '../protocol/sampling.ts'
import type { MarkerEdge, SampleBlock, TickPair } from '../samples/sample-block.ts'
import { Envelope, type Oscillator } from '../timebase/envelope.ts'
import { MarkerMatch, type Toggle, type Window } from '../timebase/marker-edges.ts'

const S_PER_TICK = 5e-7

/** Places blocks as they come by the online map: what a block was given stays, so power never moves under a span. */
export class OnlinePlacement {
  readonly traces: RailTrace[]
  /** Stated bound at the newest block, ns. */
  boundNs = Number.NaN
  readonly #rails: readonly RailCalibration[]
  readonly #oscillator: Oscillator
  readonly #watts = new Float64Array(256)
  readonly #marker = new MarkerMatch()
  #epoch = -1
  #originTick = 0
  #envelope: Envelope
  /** End of the last block placed, ticks and ns of the device's own line. */
  #lastTick = Number.NaN
  #lastNs = Number.NaN

  constructor(rails: readonly RailCalibration[], oscillator: Oscillator) {
    this.#rails = rails
    this.#oscillator = oscillator
    this.#envelope = new Envelope(oscillator)
    this.traces = rails.map(() => new RailTrace())
  }

  addPair(pair: TickPair): void {
    this.#enterEpoch(pair.epoch, pair.tick)
    const d = this.#seconds(pair.tick)
    if (pair.kind === 'up') this.#envelope.addUpper(d, pair.hostNs / 1e9)
    else this.#envelope.addLower(d, pair.hostNs / 1e9)
  }

  addEdge(edge: MarkerEdge): void {
    this.#enterEpoch(edge.epoch, edge.after)
    this.#marker.addEdge(edge, this.#windowOf(edge))
  }

  addToggle(toggle: Toggle): void {
    this.#marker.addToggle(toggle)
  }

  /** All toggles before `toldUntilNs` are here: edges that can be told from each other narrow the map. */
  match(toldUntilNs: number): void {
    for (const { edge, toggle } of this.#marker.take(toldUntilNs, (other) => this.#windowOf(other))) {
      if (edge.epoch !== this.#epoch) continue
      this.#envelope.addUpper(this.#seconds(edge.after), toggle.toNs / 1e9)
      this.#envelope.addLower(this.#seconds(edge.until), toggle.fromNs / 1e9)
    }
  }

  /** Appends the block's power to the traces; before the clock is aligned there is nowhere to put it. */
  addBlock(block: SampleBlock): void {
    this.#enterEpoch(block.epoch, block.tick)
    const endTick = block.tick + block.counts.length * block.periodTicks
    const endNs = this.#estimateNs(endTick)
    if (Number.isNaN(endNs)) return
    const startNs = block.tick === this.#lastTick ? this.#lastNs : this.#estimateNs(block.tick)
    const nsPerTick = (endNs - startNs) / (endTick - block.tick)
    const step = channelCount(block.channels)
    this.#rails.forEach((rail, r) => {
      const saturated = powerOfBlock(block, rail, this.#watts, 0)
      if (saturated === undefined) return
      const offset = (positionOf(block, rail.current.input) - step / 2) * block.periodTicks * nsPerTick
      const shift = offset - rail.current.delayNs
      this.traces[r]?.append(startNs + shift, endNs + shift, this.#watts, block.counts.length / step, saturated > 0)
    })
    this.#lastTick = endTick
    this.#lastNs = endNs
  }

  dropBefore(ns: number): void {
    this.#marker.dropBefore(ns, Number.POSITIVE_INFINITY)
    for (const trace of this.traces) trace.dropBefore(ns)
  }

  #enterEpoch(epoch: number, tick: number): void {
    if (epoch === this.#epoch) return
    this.#epoch = epoch
    this.#originTick = tick
    this.#envelope = new Envelope(this.#oscillator)
    this.#lastTick = Number.NaN
  }

  #windowOf(edge: MarkerEdge): Window {
    if (edge.epoch !== this.#epoch) return { lowerNs: Number.NEGATIVE_INFINITY, upperNs: Number.POSITIVE_INFINITY }
    return {
      lowerNs: this.#envelope.lower(this.#seconds(edge.after)) * 1e9,
      upperNs: this.#envelope.upper(this.#seconds(edge.until)) * 1e9,
    }
  }

  #seconds(tick: number): number {
    return (tick - this.#originTick) * S_PER_TICK
  }

  #estimateNs(tick: number): number {
    if (!this.#envelope.aligned) return Number.NaN
    const d = this.#seconds(tick)
    const [upper, lower] = [this.#envelope.upper(d), this.#envelope.lower(d)]
    this.boundNs = ((upper - lower) / 2) * 1e9
    return ((upper + lower) / 2) * 1e9
  }
}
