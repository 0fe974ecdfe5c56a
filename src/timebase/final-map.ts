import { hostNs, ticks } from '../units/units.ts'
import { type Oscillator, perDeviceSecond } from './oscillator.ts'
import { PairLog } from './pair-log.ts'
import { TimeMap } from './time-map.ts'
import { certify, type Stretch } from './two-pass.ts'

const NODE_S = 1
const NS = 1e9

/**
 * The two-pass map of one epoch, placed piece by piece as a run grows: `extendTo` certifies with everything known so far,
 * which should reach some `oscillator.windowS` beyond the piece, and then fixes its nodes for good.
 */
export class FinalMap {
  readonly map = new TimeMap()
  /** Steps of the device's clock met so far. */
  steps = 0
  readonly #oscillator: Oscillator
  readonly #sPerTick: number
  readonly #pairs = new PairLog()
  /** First ticks of frames, and the end of the last: where the envelope is evaluated. Ascending. */
  #frameTicks: number[] = []
  #origin: number | undefined

  constructor(oscillator: Oscillator, sPerTick: number) {
    this.#oscillator = oscillator
    this.#sPerTick = sPerTick
  }

  addPair(isUpper: boolean, tick: number, ns: number): void {
    this.#origin ??= tick
    this.#pairs.push(isUpper, (tick - this.#origin) * this.#sPerTick, ns / NS)
  }

  addFrame(firstTick: number, endTick: number): void {
    this.#origin ??= firstTick
    const last = this.#frameTicks.length - 1
    // back-to-back frames share the tick between them
    if (last >= 0 && (this.#frameTicks[last] as number) >= firstTick) this.#frameTicks.length = last
    this.#frameTicks.push(firstTick, endTick)
  }

  /** Places the nodes of all frames up to host time `untilNs`; the last of them at `untilNs` itself when frames reach it. */
  extendTo(untilNs: number): void {
    const origin = this.#origin
    const from = this.map.nodes === 0 ? Number.NEGATIVE_INFINITY : this.map.lastTick
    const frameTicks = this.#frameTicks.filter((tick) => tick > from)
    // the node the next line starts from, which may lie between two frames
    if (this.map.nodes > 0) frameTicks.unshift(from)
    if (origin === undefined || frameTicks.length < 2) return
    const d = Float64Array.from(frameTicks, (tick) => (tick - origin) * this.#sPerTick)
    const { lower, upper, steps } = certify(this.#pairs, d, this.#oscillator)
    this.#place(frameTicks, d, lower, upper, untilNs)
    const tickOf = (step: Stretch): number => step.end / this.#sPerTick + origin
    this.steps += steps.filter((step) => tickOf(step) > from && tickOf(step) <= this.map.lastTick).length
    this.#forget()
  }

  #place(
    frameTicks: readonly number[],
    d: Float64Array,
    lower: Float64Array,
    upper: Float64Array,
    untilNs: number,
  ): void {
    const middle = lower.map((low, i) => (low + (upper[i] as number)) / 2)
    const known = (i: number): boolean => Number.isFinite(middle[i])
    let i = 0
    if (this.map.nodes === 0) {
      while (i < d.length && !known(i)) i++
      if (i === d.length || (middle[i] as number) * NS >= untilNs) return
      this.map.append(ticks(frameTicks[i] as number), hostNs((middle[i] as number) * NS), 0)
    }
    for (let start = i; start < d.length - 1; ) {
      let end = start + 1
      while (end < d.length - 1 && (d[end] as number) - (d[start] as number) < NODE_S) end++
      // a stretch without certainty ends where certainty starts again
      while (end < d.length - 1 && !known(end)) end++
      if (!known(end)) return
      if (this.#appendStretch(frameTicks, d, lower, upper, middle, start, end, untilNs)) return
      start = end
    }
  }

  /** Appends the node at `end`; true when it lies at `untilNs` and is the last. */
  #appendStretch(
    frameTicks: readonly number[],
    d: Float64Array,
    lower: Float64Array,
    upper: Float64Array,
    middle: Float64Array,
    start: number,
    end: number,
    untilNs: number,
  ): boolean {
    const from = { d: this.#seconds(this.map.lastTick), v: this.map.lastHostNs / NS }
    const to = { d: d[end] as number, v: middle[end] as number }
    if (to.d <= from.d || to.v <= from.v) return false
    const rate = (to.v - from.v) / (to.d - from.d)
    let halfWidth = 0
    for (let i = start; i <= end; i++) {
      const v = from.v + rate * ((d[i] as number) - from.d)
      halfWidth = Math.max(halfWidth, (upper[i] as number) - v, v - (lower[i] as number))
    }
    // between two instants s apart a clock bends away from a straight line by at most drift s^2 / 8
    let longest = 0
    for (let i = start; i < end; i++) longest = Math.max(longest, (d[i + 1] as number) - (d[i] as number))
    const bend = (perDeviceSecond(this.#oscillator) * longest * longest) / 8
    const boundNs = Number.isFinite(halfWidth) ? (halfWidth + bend) * NS : Number.NaN
    const cut = to.v * NS >= untilNs
    const tick = cut ? this.map.lastTick + (untilNs / NS - from.v) / rate / this.#sPerTick : (frameTicks[end] as number)
    this.map.append(ticks(tick), hostNs(cut ? untilNs : to.v * NS), boundNs)
    return cut
  }

  #seconds(tick: number): number {
    return (tick - (this.#origin as number)) * this.#sPerTick
  }

  #forget(): void {
    const last = this.map.lastTick
    this.#frameTicks = this.#frameTicks.filter((tick) => tick >= last)
    this.#pairs.dropBefore(this.#seconds(last) - 2 * this.#oscillator.windowS)
  }
}
