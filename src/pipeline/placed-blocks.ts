import { RailTrace } from '../alignment/rail-trace.ts'
import { positionOf, powerOfBlock } from '../calibration/power.ts'
import type { RailCalibration } from '../calibration/rail.ts'
import { channelCount } from '../protocol/sampling.ts'
import type { MarkerEdge, SampleBlock, SampleGap, TickPair } from '../samples/sample-block.ts'
import type { Oscillator } from '../timebase/envelope.ts'
import type { HostReading } from '../timebase/host-clocks.ts'
import type { Toggle } from '../timebase/marker-edges.ts'
import type { TimeMap } from '../timebase/time-map.ts'
import { hostNs, ticks } from '../units/units.ts'
import { type ClockEpoch, ClockMaps } from './clock-maps.ts'

/** A block on host time: its cells fill [startNs, endNs) of each rail. */
export interface PlacedBlock {
  readonly block: SampleBlock
  /** One per rail: the rail's channels are sampled one after another. NaN when the clock is not aligned there. */
  readonly startNs: Float64Array
  readonly endNs: Float64Array
}

const S_PER_TICK = 5e-7

/**
 * Holds the samples of the stretch of the run that is being worked on, and places them on host time once their map is fixed.
 */
export class PlacedBlocks {
  readonly #rails: readonly RailCalibration[]
  readonly clock: ClockMaps
  #waiting: SampleBlock[] = []
  #placed: PlacedBlock[] = []
  #gaps: SampleGap[] = []

  constructor(rails: readonly RailCalibration[], oscillator: Oscillator) {
    this.#rails = rails
    this.clock = new ClockMaps(oscillator, S_PER_TICK)
  }

  addPair(pair: TickPair): void {
    this.clock.addPair(pair)
  }

  addEdge(edge: MarkerEdge): void {
    this.clock.addEdge(edge)
  }

  addToggle(toggle: Toggle): void {
    this.clock.addToggle(toggle)
  }

  addReading(reading: HostReading): void {
    this.clock.addReading(reading)
  }

  addBlock(block: SampleBlock): void {
    const { epoch, arrivalNs, tick } = block
    this.clock.addFrame({ epoch, arrivalNs, tick, endTick: endTick(block) })
    this.#waiting.push(block)
  }

  addGap(gap: SampleGap): void {
    this.#gaps.push(gap)
  }

  /** Fixes the maps up to `untilNs` and places every block they cover; all toggles before `toldUntilNs` are here. */
  placeUntil(untilNs: number, toldUntilNs: number): void {
    this.clock.extendTo(untilNs, toldUntilNs)
    const current = this.clock.epochs[this.clock.epochs.length - 1]
    const isLast = untilNs === Number.POSITIVE_INFINITY
    const still: SampleBlock[] = []
    for (const block of this.#waiting) {
      const epoch = this.clock.epochOf(block.epoch, block.arrivalNs)
      // it came while the host slept: nobody can tell when
      if (epoch === undefined) {
        if (isLast || block.arrivalNs < untilNs) this.#placed.push(this.#unplaced(block))
        else still.push(block)
        continue
      }
      const { map } = epoch
      // with half a scan to spare, so that this block's end and the next one's start are the same point of the same line
      const isCovered = endTick(block) + REACH_TICKS <= map.lastTick
      // before the first certain instant, or in an epoch without any: it will never be covered
      const isHopeless = isLast || epoch !== current || block.tick < map.tickAt(0)
      if (isCovered || isHopeless) this.#placed.push(this.#place(block, map))
      else still.push(block)
    }
    this.#waiting = still
  }

  get placed(): readonly PlacedBlock[] {
    return this.#placed
  }

  get gaps(): readonly SampleGap[] {
    return this.#gaps
  }

  get epochs(): readonly ClockEpoch[] {
    return this.clock.epochs
  }

  /** The block that holds `tick`, or begins there. */
  blockAt(epoch: number, tick: number): SampleBlock | undefined {
    let low = 0
    let high = this.#placed.length
    while (low < high) {
      const middle = (low + high) >> 1
      const { block } = this.#placed[middle] as PlacedBlock
      if (block.epoch < epoch || (block.epoch === epoch && block.tick <= tick)) low = middle + 1
      else high = middle
    }
    const block = this.#placed[low - 1]?.block
    return block !== undefined && block.epoch === epoch && tick <= endTick(block) ? block : undefined
  }

  /** Bound of the alignment at a host time, ns; NaN where nothing is certain. */
  boundNsAt(ns: number): number {
    for (const { map } of this.clock.epochs) {
      const bound = map.boundAtHostNs(hostNs(ns))
      if (!Number.isNaN(bound)) return bound
    }
    return Number.NaN
  }

  /** Power of every rail over all placed blocks. */
  traces(): RailTrace[] {
    const watts = new Float64Array(256)
    return this.#rails.map((rail, r) => {
      const trace = new RailTrace()
      for (const { block, startNs, endNs } of this.#placed) {
        if (Number.isNaN(startNs[r])) continue
        const saturated = powerOfBlock(block, rail, watts, 0)
        if (saturated === undefined) continue
        const scans = block.counts.length / channelCount(block.channels)
        trace.append(startNs[r] as number, endNs[r] as number, watts, scans, saturated > 0)
      }
      return trace
    })
  }

  /** Energy of a block that has no place on host time, J per rail, by the nominal clock. */
  unplacedJ(block: SampleBlock): number[] {
    const watts = new Float64Array(256)
    const cellS = block.periodTicks * channelCount(block.channels) * S_PER_TICK
    return this.#rails.map((rail) => {
      powerOfBlock(block, rail, watts, 0)
      const scans = block.counts.length / channelCount(block.channels)
      return watts.subarray(0, scans).reduce((sum, w) => sum + w * cellS, 0)
    })
  }

  /** Forgets blocks and gaps that end before `ns`. */
  dropBefore(ns: number): void {
    const kept = this.#placed.findIndex(({ endNs }) => (endNs[0] as number) >= ns)
    if (kept > 0) this.#placed = this.#placed.slice(kept)
    const first = this.#placed[0]?.block.first ?? 0
    this.#gaps = this.#gaps.filter((gap) => gap.end >= first)
    this.clock.dropBefore(ns)
    this.clock.dropEpochsBefore(ns)
  }

  #unplaced(block: SampleBlock): PlacedBlock {
    const nowhere = new Float64Array(this.#rails.length).fill(Number.NaN)
    return { block, startNs: nowhere, endNs: nowhere }
  }

  #place(block: SampleBlock, map: TimeMap): PlacedBlock {
    const step = channelCount(block.channels)
    const startNs = new Float64Array(this.#rails.length)
    const endNs = new Float64Array(this.#rails.length)
    this.#rails.forEach(({ current }, r) => {
      // a cell reaches half a scan to both sides of its sample
      const offset = (Math.max(0, positionOf(block, current.input)) - step / 2) * block.periodTicks
      startNs[r] = hostNear(map, block.tick + offset) - current.delayNs
      endNs[r] = hostNear(map, endTick(block) + offset) - current.delayNs
    })
    // half a place is none
    if ([...startNs, ...endNs].some(Number.isNaN)) {
      startNs.fill(Number.NaN)
      endNs.fill(Number.NaN)
    }
    return { block, startNs, endNs }
  }
}

export function endTick(block: SampleBlock): number {
  return block.tick + block.counts.length * block.periodTicks
}

/** A cell at the very edge of a map reaches some samples beyond its last node: the rate there still holds. */
const REACH_TICKS = 8 * 104

function hostNear(map: TimeMap, tick: number): number {
  if (map.nodes < 2) return Number.NaN
  const first = map.tickAt(0)
  if (tick < first && first - tick <= REACH_TICKS) return map.hostAt(0) - (first - tick) * map.nsPerTick(1)
  const beyond = tick - map.lastTick
  if (beyond > 0 && beyond <= REACH_TICKS) return map.lastHostNs + beyond * map.nsPerTick(map.nodes - 1)
  return map.toHost(ticks(tick))
}
