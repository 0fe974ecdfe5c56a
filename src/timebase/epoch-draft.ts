import type { PairTable } from './pair-table.ts'
import type { Epoch } from './refit.ts'
import type { RefitScale } from './refit-scale.ts'

/** An epoch while its pairs are being gone through. */
export class EpochDraft {
  readonly boot: number
  readonly cause: Epoch['cause']
  up = 0
  down = 0
  ratePpm: number | null = null
  rateBoundPpm: number | null = null
  /** Half-widths at its frames, ns. */
  readonly #boundsNs: number[] = []
  #firstTick = Number.POSITIVE_INFINITY
  #lastTick = Number.NEGATIVE_INFINITY
  #firstNs = Number.POSITIVE_INFINITY
  #lastNs = Number.NEGATIVE_INFINITY

  constructor(boot: number, cause: Epoch['cause']) {
    this.boot = boot
    this.cause = cause
  }

  addPair(pairs: PairTable, i: number): void {
    if (pairs.isUp(i)) this.up++
    else this.down++
    this.#firstTick = Math.min(this.#firstTick, pairs.tick(i))
    this.#lastTick = Math.max(this.#lastTick, pairs.tick(i))
    this.#firstNs = Math.min(this.#firstNs, pairs.hostNs(i))
    this.#lastNs = Math.max(this.#lastNs, pairs.hostNs(i))
  }

  addBound(ns: number): void {
    this.#boundsNs.push(ns)
  }

  finish(epoch: number, pairs: PairTable, scale: RefitScale): Epoch {
    const bounds = Float64Array.from(this.#boundsNs).sort()
    const isCertified = bounds.length > 0
    const at = (share: number): number => Math.ceil(bounds[Math.floor(share * (bounds.length - 1))] as number)
    const mean = bounds.reduce((sum, ns) => sum + ns, 0) / bounds.length
    const least = bounds[0] as number
    const tick = (scale.tickS / 2) * 1e9
    return {
      epoch,
      boot: pairs.boots[this.boot] as string | null,
      cause: this.cause,
      label: isCertified ? 'certified' : this.down === 0 && this.up > 0 ? 'estimate, unbounded' : 'unaligned',
      firstTick: scale.tick(this.boot, this.#firstTick),
      lastTick: scale.tick(this.boot, this.#lastTick),
      firstHostNs: scale.hostNs(this.#firstNs),
      lastHostNs: scale.hostNs(this.#lastNs),
      up: this.up,
      down: this.down,
      ratePpm: this.ratePpm,
      rateBoundPpm: this.rateBoundPpm,
      boundNs: isCertified ? { p50: at(0.5), p99: at(0.99), max: at(1) } : null,
      budgetNs: isCertified ? { link: least - tick, rate: mean - least, tick } : null,
    }
  }
}
