/** Which sequence numbers have been seen: disjoint ascending ranges [start, end), few when little is lost. */
export class SequenceRanges {
  readonly #ranges: [start: number, end: number][] = []

  /** Adds [start, end); returns the parts of it that were new. */
  add(start: number, end: number): [start: number, end: number][] {
    const last = this.#ranges[this.#ranges.length - 1]
    // in order and nothing lost: the common case
    if (last !== undefined && last[1] === start) {
      last[1] = end
      return start < end ? [[start, end]] : []
    }
    const fresh = this.missingWithin(start, end)
    if (start < end) this.#merge(start, end)
    return fresh
  }

  /** The parts of [start, end) not seen yet. */
  missingWithin(start: number, end: number): [start: number, end: number][] {
    const missing: [number, number][] = []
    let from = start
    for (const [rangeStart, rangeEnd] of this.#ranges) {
      if (rangeEnd <= from || rangeStart >= end) continue
      if (rangeStart > from) missing.push([from, rangeStart])
      from = Math.max(from, rangeEnd)
    }
    if (from < end) missing.push([from, end])
    return missing
  }

  #merge(start: number, end: number): void {
    const touching = this.#ranges.filter(([s, e]) => s <= end && e >= start)
    const merged: [number, number] = [
      Math.min(start, ...touching.map(([s]) => s)),
      Math.max(end, ...touching.map(([, e]) => e)),
    ]
    const apart = this.#ranges.filter((range) => !touching.includes(range))
    this.#ranges.length = 0
    this.#ranges.push(...[...apart, merged].sort((a, b) => a[0] - b[0]))
  }
}
