import type { ClockProbe } from './window-result.ts'

/**
 * UTC beside the run's clock: what UTC was at run start by the clock reading nearest to an instant, us since 1970.
 * UTC steps and slews, so the start of the run plus elapsed time would not be the time on the wall.
 */
export class UtcLine {
  readonly #originUs: number
  #probes: { monoNs: number; originUs: number }[] = []

  /** `originUtcNs`: UTC at the origin as the journal says it, used until there is a probe. */
  constructor(originUtcNs: bigint) {
    this.#originUs = Number(originUtcNs / 1000n)
  }

  add(probes: readonly ClockProbe[]): void {
    const last = this.#probes[this.#probes.length - 1]
    this.#probes = last === undefined ? [] : [last]
    for (const { monoNs, realtimeNs } of probes)
      this.#probes.push({ monoNs, originUs: Number((realtimeNs - BigInt(monoNs)) / 1000n) })
    this.#probes.sort((a, b) => a.monoNs - b.monoNs)
  }

  originUsAt(ns: number): number {
    let low = 0
    let high = this.#probes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#probes[middle] as { monoNs: number }).monoNs < ns) low = middle + 1
      else high = middle
    }
    const after = this.#probes[low]
    const before = this.#probes[low - 1]
    if (before === undefined) return after?.originUs ?? this.#originUs
    return after === undefined || ns - before.monoNs <= after.monoNs - ns ? before.originUs : after.originUs
  }

  /** Whole us since 1970. */
  at(ns: number): number {
    return this.originUsAt(ns) + Math.floor(ns / 1000)
  }
}
