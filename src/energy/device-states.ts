import type { DeviceState } from '../inference/span.ts'
import * as P from '../protocol/constants.ts'

/** How many devices are in each state; devices never heard of are counted nowhere. */
export interface StateCounts {
  readonly neverUsed: number
  readonly contextOpen: number
  readonly resident: number
}

/**
 * The state of the whole card over time: the key under which a baseline is measured.
 *
 * The baseline depends on how many devices have never been used, hold an open context, or hold a model (an Edge TPU idles at
 * 0.3 W before and near 1 W after its first use), so gaps are only compared with gaps of the same key.
 */
export class DeviceStates {
  readonly #changes: { tNs: number; key: string }[] = [{ tNs: Number.NEGATIVE_INFINITY, key: NO_DEVICES }]
  readonly #devices = new Map<string, number>()

  /** Changes must be pushed in the order of their times. */
  push(change: DeviceState): void {
    const device = `${change.source}:${change.device}`
    if (this.#devices.get(device) === change.state) return
    this.#devices.set(device, change.state)
    const key = [...this.#devices.keys()]
      .sort()
      .map((d) => this.#devices.get(d))
      .join('')
    const last = this.#changes[this.#changes.length - 1] as { tNs: number; key: string }
    if (last.tNs === change.tNs) last.key = key
    else this.#changes.push({ tNs: change.tNs, key })
  }

  keyAt(ns: number): string {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle] as { tNs: number }).tNs <= ns) low = middle + 1
      else high = middle
    }
    return (this.#changes[low - 1] as { key: string }).key
  }

  /** Instants in (startNs, endNs) at which the key changes. */
  changesWithin(startNs: number, endNs: number): number[] {
    return this.#changes.map((c) => c.tNs).filter((t) => t > startNs && t < endNs)
  }

  /** Forgets changes that no instant at or after `ns` needs. */
  dropBefore(ns: number): void {
    const keep = this.#changes.findLastIndex((c) => c.tNs <= ns)
    if (keep > 0) this.#changes.splice(0, keep)
  }
}

/** The key before any device was heard of. */
export const NO_DEVICES = ''

export function countStates(key: string): StateCounts {
  const count = (state: number): number => [...key].filter((c) => c === String(state)).length
  return {
    neverUsed: count(P.STATE_NEVER_USED),
    contextOpen: count(P.STATE_CONTEXT_OPEN),
    resident: count(P.STATE_RESIDENT),
  }
}
