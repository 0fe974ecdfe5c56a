/** Smallest delays kept: the slope of the distribution near its least value is read from them. */
const KEPT = 16
/** Delays that must have been seen. */
const LEAST_SEEN = 500
/** A delay just met is no bound: what may still come lies below the least by less than twice the distance to the 16th. */
const EXTRAPOLATION = 2
const DERATE_NS = 10e3
/** Most of the least delay that is claimed: another day's host may be quicker than any this one showed. */
const CLAIMED_SHARE = 0.5

/**
 * What a link never does faster, from delays known to a few us by a marker.
 *
 * With n delays whose distribution starts like a power k of the distance from the floor, the i-th smallest lies near (i / n)^(1/k)
 * above it. For k up to 3 (wait for a USB frame, transfer, scheduler: three independent parts) the floor is above
 * least - 2 (16th - least) in 99.5 % of cases, as the least then falls below 2/3 of the 16th by a beta(1, 15) variable.
 */
export class LinkFloorEstimate {
  #least: number[] = []
  seen = 0

  /** A delay that is at least `ns`. */
  add(ns: number): void {
    this.seen++
    if (this.#least.length === KEPT && ns >= (this.#least[KEPT - 1] as number)) return
    let at = this.#least.length
    while (at > 0 && (this.#least[at - 1] as number) > ns) at--
    this.#least.splice(at, 0, ns)
    if (this.#least.length > KEPT) this.#least.pop()
  }

  /** Shortest delay seen, ns. */
  get leastNs(): number | undefined {
    return this.#least[0]
  }

  /** What later runs on the same link may claim, ns; undefined while too little was seen. */
  get claimNs(): number | undefined {
    if (this.seen < LEAST_SEEN) return undefined
    const [least, last] = [this.#least[0] as number, this.#least[KEPT - 1] as number]
    const extrapolated = least - EXTRAPOLATION * (last - least) - DERATE_NS
    return Math.max(0, Math.round(Math.min(CLAIMED_SHARE * least, extrapolated)))
  }
}
