const MODULUS = 2 ** 32

/** The value nearest to `predicted` that a counter of `modulus` showing `raw` can stand for. */
export function unwrapNear(raw: number, predicted: number, modulus = MODULUS): number {
  return raw + modulus * Math.round((predicted - raw) / modulus)
}

/** Longest delay that stamps of an n-bit counter of so many ticks a second may have without being put a wrap off, s. */
export function halfWrapS(bits: number, tickHz: number): number {
  return 2 ** (bits - 1) / tickHz
}

/**
 * Unwraps a counter of 8 to 48 bits by when its stamps arrived. Right as long as delays differ by less than half a wrap, less what
 * the clocks run apart meanwhile; a counter too short for the link is refused at once, as nothing would show the error later.
 */
export class CounterUnwrap {
  readonly #modulus: number
  readonly #tickHz: number
  readonly #spreadS: number
  #first: Stamp | undefined
  #last: Stamp | undefined

  /** `delaySpreadS`: most that the delays of two stamps differ by, stalls of the host included. */
  constructor(bits: number, tickHz: number, delaySpreadS: number) {
    const halfS = halfWrapS(bits, tickHz)
    if (!(halfS > delaySpreadS))
      throw new RangeError(
        `a ${bits}-bit counter at ${tickHz} Hz wraps every ${2 * halfS} s: expected delays that differ by less than ${halfS} s, saw up to ${delaySpreadS} s`,
      )
    this.#modulus = 2 ** bits
    this.#tickHz = tickHz
    this.#spreadS = delaySpreadS
  }

  /**
   * Ticks since the counter's own zero before the first stamp. Undefined after a silence in which the wraps cannot be counted: it
   * starts anew with this stamp, and so must whoever uses the ticks.
   */
  push(raw: number, arrivalNs: number): number | undefined {
    const last = this.#last
    const tick = last === undefined ? raw : this.#continue(raw, arrivalNs, last)
    this.#last = { tick: tick ?? raw, arrivalNs }
    if (tick === undefined || this.#first === undefined) this.#first = this.#last
    return tick
  }

  #continue(raw: number, arrivalNs: number, last: Stamp): number | undefined {
    const elapsedS = (arrivalNs - last.arrivalNs) * 1e-9
    const { rate, error } = this.#rate(last)
    if (Math.abs(elapsedS) * error + this.#spreadS >= this.#modulus / 2 / this.#tickHz) return undefined
    return unwrapNear(raw, last.tick + elapsedS * this.#tickHz * rate, this.#modulus)
  }

  /** Of the counter against the host: nominal at first, then as it was from the first stamp to the last. */
  #rate(last: Stamp): { rate: number; error: number } {
    const first = this.#first as Stamp
    const spanS = (last.arrivalNs - first.arrivalNs) * 1e-9
    if (spanS * RATE_ERROR < this.#spreadS) return { rate: 1, error: RATE_ERROR }
    return { rate: (last.tick - first.tick) / (spanS * this.#tickHz), error: this.#spreadS / spanS + DRIFT }
  }
}

interface Stamp {
  readonly tick: number
  readonly arrivalNs: number
}

/** No clock is more than 1.1 % off nominal. */
const RATE_ERROR = 0.011
/** A resonator wanders by a part in a thousand over all its temperatures. */
const DRIFT = 1e-3
