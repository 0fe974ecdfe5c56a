import type { HostBounds } from './compose.ts'

/** The runner toggled the marker output: its host read `beforeNs`, wrote the pin, read `afterNs`. */
export interface MarkerToggle {
  readonly beforeNs: number
  readonly afterNs: number
}

/**
 * The device saw the marker change: its pin had the old level at the sample-and-hold of `lastOldTick` and the new one at that of
 * `firstNewTick`, the next sample.
 */
export interface MarkerChange {
  readonly lastOldTick: number
  readonly firstNewTick: number
}

/** What takes constraints: host(tick) <= ns when `isUpper`, host(tick) >= ns otherwise. FinalMap is one. */
export interface ConstraintSink {
  addPair(isUpper: boolean, tick: number, ns: number): void
}

/**
 * An edge of the marker line as two constraints without any link between: no floors belong on them. The edge e lies in
 * [before, after] and its tick in (lastOld, firstNew], so host(lastOld) < e <= after and host(firstNew) >= e >= before: a gap of
 * one sample period and one bracket, which further edges narrow as they fall at other phases of the sampling.
 *
 * A stamp is the floor of the device's time, so the lower side holds a tick later.
 */
export function addMarkerEdge(sink: ConstraintSink, toggle: MarkerToggle, change: MarkerChange): void {
  sink.addPair(true, change.lastOldTick, toggle.afterNs)
  sink.addPair(false, change.firstNewTick + 1, toggle.beforeNs)
}

/**
 * Which toggle each change of level is, by a map that is certain to less than half the time between toggles: the k-th change need
 * not be the k-th toggle, as frames are lost. Both ascend. A change that could be two toggles, or none, stays out.
 */
export function matchMarkerEdges(
  toggles: readonly MarkerToggle[],
  changes: readonly MarkerChange[],
  map: HostBounds,
): { toggle: MarkerToggle; change: MarkerChange }[] {
  const matched: { toggle: MarkerToggle; change: MarkerChange }[] = []
  let from = 0
  for (const change of changes) {
    const earliest = map.lower(change.lastOldTick)
    const latest = map.upper(change.firstNewTick + 1)
    if (!Number.isFinite(latest - earliest)) continue
    while (from < toggles.length && (toggles[from] as MarkerToggle).afterNs < earliest) from++
    const first = toggles[from]
    const second = toggles[from + 1]
    if (first === undefined || first.beforeNs > latest) continue
    if (second !== undefined && second.beforeNs <= latest) continue
    matched.push({ toggle: first, change })
    from++
  }
  return matched
}

/** Least delays of a link, ns, for runs without a marker. */
export interface CalibratedFloors {
  readonly upNs: number
  readonly downNs: number
  readonly upPairs: number
  readonly downPairs: number
}

/**
 * A floor claimed too high falsifies every bound without a trace, and the least delay seen lies above the least there is. With delays
 * that are a sum of up to three independent parts the least of them is nearer to the floor than twice its distance from the
 * 30th least, but for 4 times in 100,000; 10 us more for what a later day brings.
 */
const LEAST_KEPT = 30
const SPREADS = 2
const DERATE_NS = 10e3

/**
 * Floors of a link from a run with a marker: the least delays of frames and pings, as far as the map certifies them, extrapolated
 * downward. Thousands of both are needed: a minute of frames, ten of pings. The map must rest on marker edges alone: one that
 * used the same frames and pings would only confirm the floors it was given.
 */
export class FloorCalibration {
  readonly #map: HostBounds
  readonly #up = new LeastOf()
  readonly #down = new LeastOf()

  /** `map`: ticks to ns. */
  constructor(map: HostBounds) {
    this.#map = map
  }

  /** A frame stamped at `tick` was read at `hostNs`: it took at least what lies behind the last instant it can have left. */
  addUp(tick: number, hostNs: number): void {
    this.#up.push(hostNs - this.#map.upper(tick + 1))
  }

  /** A ping written at `hostNs` was seen at `tick`. */
  addDown(tick: number, hostNs: number): void {
    this.#down.push(this.#map.lower(tick) - hostNs)
  }

  /** 0 where too few were seen. */
  get floors(): CalibratedFloors {
    const [up, down] = [this.#up, this.#down]
    return { upNs: up.floorNs, downNs: down.floorNs, upPairs: up.count, downPairs: down.count }
  }
}

/** The smallest of many delays, ascending. */
class LeastOf {
  count = 0
  readonly #least: number[] = []

  /** Where the map is not certain there is no delay to learn from. */
  push(ns: number): void {
    if (!Number.isFinite(ns)) return
    this.count++
    if (this.#least.length === LEAST_KEPT && ns >= (this.#least[LEAST_KEPT - 1] as number)) return
    let i = this.#least.length
    while (i > 0 && (this.#least[i - 1] as number) > ns) i--
    this.#least.splice(i, 0, ns)
    if (this.#least.length > LEAST_KEPT) this.#least.pop()
  }

  get floorNs(): number {
    if (this.#least.length < LEAST_KEPT) return 0
    const [first, last] = [this.#least[0] as number, this.#least[LEAST_KEPT - 1] as number]
    return Math.max(0, Math.floor(first - SPREADS * (last - first) - DERATE_NS))
  }
}
