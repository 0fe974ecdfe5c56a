import type { Oscillator } from './oscillator.ts'

/**
 * For a device that answers no pings: host time over device time from arrivals alone, late by the least delay of the link.
 * An estimate without a bound: nothing certifies the rate, and nothing shows the delay.
 *
 * The earliest arrival per bucket, a line through those of the window by least squares, and the earliest of them carried along
 * it, with a leak that lets old ones go.
 */
export class OneSidedEnvelope {
  readonly #windowS: number
  readonly #bucketS: number
  readonly #leakPerS: number
  readonly #d: number[] = []
  readonly #v: number[] = []
  #start = Number.NaN
  #bestD = Number.NaN
  #bestV = Number.NaN
  #rate = 1

  constructor(oscillator: Oscillator) {
    this.#windowS = oscillator.windowS
    this.#bucketS = Math.min(1, oscillator.windowS / 32)
    // assumed, where the two-sided envelope certifies: what a rate certified from this window usually is off
    this.#leakPerS = (oscillator.driftPerS * oscillator.windowS) / 2
  }

  /** A frame stamped at d was read at v, seconds. */
  add(d: number, v: number): void {
    if (Number.isNaN(this.#start)) this.#open(d, v)
    else if (d - this.#start >= this.#bucketS) this.#close(d, v)
    else if (v - this.#bestV < this.#rate * (d - this.#bestD)) {
      this.#bestD = d
      this.#bestV = v
    }
  }

  /** Host time of d, s; NaN before the first frame. */
  at(d: number): number {
    let v = this.#carried(this.#bestD, this.#bestV, d)
    for (let i = 0; i < this.#d.length; i++)
      v = Math.min(v, this.#carried(this.#d[i] as number, this.#v[i] as number, d))
    return v
  }

  #carried(d: number, v: number, to: number): number {
    return v + this.#rate * (to - d) + this.#leakPerS * Math.abs(to - d)
  }

  #open(d: number, v: number): void {
    this.#start = d
    this.#bestD = d
    this.#bestV = v
  }

  #close(d: number, v: number): void {
    this.#d.push(this.#bestD)
    this.#v.push(this.#bestV)
    while (d - (this.#d[0] as number) > this.#windowS && this.#d.length > 2) {
      this.#d.shift()
      this.#v.shift()
    }
    if (this.#d.length >= 3) this.#rate = slope(this.#d, this.#v)
    this.#open(d, v)
  }
}

/** Least-squares slope, about the last point for the sake of precision. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const [x0, y0] = [xs[xs.length - 1] as number, ys[ys.length - 1] as number]
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0]
  xs.forEach((x, i) => {
    const [dx, dy] = [x - x0, (ys[i] as number) - y0 - (x - x0)]
    sx += dx
    sy += dy
    sxx += dx * dx
    sxy += dx * dy
  })
  return 1 + (sxy - (sx * sy) / xs.length) / (sxx - (sx * sx) / xs.length)
}
