import { Envelope, OSCILLATORS } from './envelope.ts'
import type { RunnerExchange } from './runner-exchange.ts'

/** What of a remote runner's clock is known now, for figures that do not wait: host time of its CLOCK_MONOTONIC, ns of the run. */
export class OnlineRunnerClock {
  readonly #envelope = new Envelope(OSCILLATORS.crystal)
  readonly #originNs: bigint
  #runnerOriginNs: bigint | undefined
  #newest = 0

  constructor(originNs: bigint) {
    this.#originNs = originNs
  }

  add({ sentNs, receivedNs, beforeNs, afterNs }: RunnerExchange): void {
    this.#runnerOriginNs ??= beforeNs
    this.#envelope.addLower(this.#seconds(beforeNs), Number(sentNs - this.#originNs) / 1e9)
    this.#envelope.addUpper(this.#seconds(afterNs), Number(receivedNs - this.#originNs) / 1e9)
    this.#newest = this.#seconds(afterNs)
  }

  /** NaN before the first exchange. */
  get boundNs(): number {
    return this.#envelope.aligned
      ? ((this.#envelope.upper(this.#newest) - this.#envelope.lower(this.#newest)) / 2) * 1e9
      : Number.NaN
  }

  toHostNs(runnerNs: bigint): number {
    const d = this.#seconds(runnerNs)
    return Math.round(((this.#envelope.upper(d) + this.#envelope.lower(d)) / 2) * 1e9)
  }

  #seconds(runnerNs: bigint): number {
    return Number(runnerNs - (this.#runnerOriginNs ?? runnerNs)) / 1e9
  }
}
