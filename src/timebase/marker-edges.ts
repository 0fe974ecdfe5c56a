import type { MarkerEdge } from '../samples/sample-block.ts'

/** The host set the marker line to `level` not before `fromNs` and not after `toNs`. */
export interface Toggle {
  readonly level: 0 | 1
  readonly fromNs: number
  readonly toNs: number
}

/** When an edge can have been by what was certain without it, host ns. */
export interface Window {
  readonly lowerNs: number
  readonly upperNs: number
}

/** host(edge.after) <= toggle.toNs and host(edge.until) >= toggle.fromNs. */
export interface MarkedInstant {
  readonly edge: MarkerEdge
  readonly toggle: Toggle
}

export interface MarkerCounts {
  toggles: number
  /** Edges that came with one toggle, of their level. */
  matched: number
  /** Edges with one toggle, of the other level. */
  opposite: number
  /** Edges when there was no toggle. */
  foreign: number
  /** Edges whose toggle cannot be told from its neighbours, or that stand where the clock was not aligned. */
  ambiguous: number
  /** Toggles while edges could be seen, without an edge. */
  unseen: number
}

interface Told {
  readonly toggle: Toggle
  isSeen: boolean
}

interface Waiting {
  readonly edge: MarkerEdge
  window: Window
}

/** Edges that must have come with their toggles before any is believed. */
const TRUSTED_FROM = 3
/** Share of edges that may be wrong: noise of a line, a frame with several. */
const WRONG_MAX = 0.05

/**
 * Which toggle of the host an edge seen by the device is: the only one its window allows, of the same level, or none. The wire is
 * believed once its edges have come as toggled, and no longer when they do not; nothing is used of a wire that is not.
 */
export class MarkerMatch {
  readonly counts: MarkerCounts = { toggles: 0, matched: 0, opposite: 0, foreign: 0, ambiguous: 0, unseen: 0 }
  #toggles: Told[] = []
  #waiting: Waiting[] = []
  #believed: MarkedInstant[] = []
  #spacingNs = Number.POSITIVE_INFINITY
  #lastFromNs = Number.NEGATIVE_INFINITY

  /** In any order: a gap fill brings old ones. */
  addToggle(toggle: Toggle): void {
    this.counts.toggles++
    const spacingNs = Math.abs(toggle.fromNs - this.#lastFromNs)
    this.#spacingNs = Math.min(this.#spacingNs, spacingNs)
    this.#lastFromNs = toggle.fromNs
    let at = this.#toggles.length
    while (at > 0 && (this.#toggles[at - 1] as Told).toggle.fromNs > toggle.fromNs) at--
    this.#toggles.splice(at, 0, { toggle, isSeen: false })
  }

  addEdge(edge: MarkerEdge, window: Window): void {
    this.#waiting.push({ edge, window })
  }

  /**
   * Decides about edges, given that all toggles before `toldUntilNs` are here, and answers those to be used: once the wire is
   * believed, also the ones from before. `look` tells again when an edge can have been, as more may be known by now.
   */
  take(toldUntilNs: number, look: (edge: MarkerEdge) => Window): MarkedInstant[] {
    const still: Waiting[] = []
    for (const waiting of this.#waiting) {
      const again = look(waiting.edge)
      waiting.window = {
        lowerNs: Math.max(waiting.window.lowerNs, again.lowerNs),
        upperNs: Math.min(waiting.window.upperNs, again.upperNs),
      }
      if (waiting.window.upperNs < toldUntilNs) this.#decide(waiting.edge, waiting.window)
      else still.push(waiting)
    }
    this.#waiting = still
    return this.isBelieved ? this.#believed.splice(0) : []
  }

  get isBelieved(): boolean {
    const { matched, opposite, foreign } = this.counts
    const wrong = opposite + foreign
    return matched >= TRUSTED_FROM && wrong <= WRONG_MAX * (matched + wrong)
  }

  /** Forgets toggles before `ns`; those that should have been seen, as samples reach from `sampledFromNs`, are counted. */
  dropBefore(ns: number, sampledFromNs: number): void {
    const kept = this.#toggles.findIndex(({ toggle }) => toggle.fromNs >= ns)
    const dropped = this.#toggles.splice(0, kept === -1 ? this.#toggles.length : kept)
    this.counts.unseen += dropped.filter(({ toggle, isSeen }) => !isSeen && toggle.fromNs >= sampledFromNs).length
    const placed = this.#waiting.filter(
      ({ window }) => window.upperNs >= ns && window.upperNs < Number.POSITIVE_INFINITY,
    )
    this.counts.ambiguous += this.#waiting.length - placed.length
    this.#waiting = placed
  }

  #decide(edge: MarkerEdge, { lowerNs, upperNs }: Window): void {
    // a toggle that was lost on its way is at least the spacing from the others: in a window shorter than that it hides
    // behind none of them
    const found = this.#within(lowerNs, upperNs)
    if (!(upperNs - lowerNs < this.#spacingNs) || found.length > 1) {
      this.counts.ambiguous++
      return
    }
    const [only] = found
    if (only === undefined) {
      this.counts.foreign++
      return
    }
    only.isSeen = true
    if (only.toggle.level !== edge.level) {
      this.counts.opposite++
      return
    }
    this.counts.matched++
    this.#believed.push({ edge, toggle: only.toggle })
  }

  #within(lowerNs: number, upperNs: number): Told[] {
    let low = 0
    let high = this.#toggles.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#toggles[middle] as Told).toggle.toNs < lowerNs) low = middle + 1
      else high = middle
    }
    const found: Told[] = []
    for (let i = low; i < this.#toggles.length; i++) {
      const entry = this.#toggles[i] as Told
      if (entry.toggle.fromNs > upperNs) break
      found.push(entry)
    }
    return found
  }
}
