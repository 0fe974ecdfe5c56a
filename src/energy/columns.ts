import type { Span } from '../inference/span.ts'
import type { RailUncertainty } from './uncertainty.ts'

/** What executions have in common: the power one of them draws is an unknown of the fit. */
export interface PowerColumn {
  readonly index: number
  readonly source: number
  readonly device: number
  readonly model: number
  readonly segment: number
  readonly kind: number
  /** Its course is taken apart into so many equal parts, as power is no rectangle: transfers draw less than computing. */
  readonly bins: number
  /** Unknown of its first part; that of its tail follows the last. */
  readonly first: number
  /** Sums of these tell sets of columns apart. */
  readonly hash: number
}

/** More parts than this say no more about a stage. */
const MOST_BINS = 12
/** Memory grows with the square of the unknowns, so courses are kept whole, and at last not learned, beyond these. */
const MANY_UNKNOWNS = 400
const MOST_UNKNOWNS = 1000

/** Columns in the order in which they were met. */
export class PowerColumns {
  readonly list: PowerColumn[] = []
  /** Unknowns so far; the first is the error of the baseline. */
  unknowns = 1
  readonly #byKey = new Map<string, PowerColumn>()

  /** Undefined when there are too many to learn. */
  of(span: Span, rails: readonly RailUncertainty[]): PowerColumn | undefined {
    const { source, device, model, segment, kind } = span
    const key = `${source}:${device}:${model}:${segment}:${kind}`
    const known = this.#byKey.get(key)
    if (known !== undefined || this.unknowns > MOST_UNKNOWNS) return known
    const index = this.list.length
    const bins = this.unknowns > MANY_UNKNOWNS ? 1 : binsOf(span, rails)
    const column = { index, source, device, model, segment, kind, bins, first: this.unknowns, hash: hashOf(index) }
    this.unknowns += bins + 1
    this.list.push(column)
    this.#byKey.set(key, column)
    return column
  }
}

/** A part must be longer than what sampling and the sensor's filter blur. */
function binsOf({ startNs, endNs }: Span, rails: readonly RailUncertainty[]): number {
  const blurNs = Math.max(0, ...rails.map(({ cellNs, timeConstantNs }) => Math.max(6 * cellNs, 3 * timeConstantNs)))
  const fitting = Number.isNaN(endNs) || blurNs === 0 ? MOST_BINS : Math.floor((endNs - startNs) / blurNs)
  return Math.max(1, Math.min(MOST_BINS, fitting))
}

/** Whole and below 2^43: sums of a thousand are exact. */
function hashOf(index: number): number {
  const mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul((index + 1) << 7, 0x85ebca6b)
  return (mixed >>> 0) * 2048 + ((index * 0x5bd1) & 2047)
}
