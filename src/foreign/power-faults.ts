import type { PowerRows } from './power-rows.ts'

/** How often something was seen, and where first. */
export class Sightings {
  count = 0
  readonly first: number[] = []

  note(place: number): void {
    this.count++
    if (this.first.length < FIRST) this.first.push(place)
  }
}

const FIRST = 5

/** Counts what is odd about the rows of a power table; nothing is changed. */
export class PowerFaults {
  /** Rows with the time of the row above. */
  readonly repeated = new Sightings()
  /** Rows behind a step longer than a sample may last. */
  readonly gaps = new Sightings()
  gapsNs = 0
  /** Rows without a power, by rail. */
  readonly empty: readonly Sightings[]
  readonly #gapNs: number
  readonly #periodNs: number
  #lastNs = Number.NaN

  constructor(rails: number, sampling: { readonly gapNs: number; readonly periodNs: number }) {
    this.empty = Array.from({ length: rails }, () => new Sightings())
    this.#gapNs = sampling.gapNs
    this.#periodNs = sampling.periodNs
  }

  push({ tNs, watts, count, place }: PowerRows): void {
    for (let i = 0; i < count; i++) {
      const step = (tNs[i] as number) - this.#lastNs
      if (step === 0) this.repeated.note(place(i))
      else if (step > this.#gapNs) {
        this.gaps.note(place(i))
        this.gapsNs += step - this.#periodNs
      }
      this.#lastNs = tNs[i] as number
    }
    for (const [r, values] of watts.entries())
      for (let i = 0; i < count; i++) if (Number.isNaN(values[i] as number)) this.empty[r]?.note(place(i))
  }
}
