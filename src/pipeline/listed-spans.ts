import { ROW_FLAGS } from '../energy/flags.ts'
import { type CheckedSpans, SPAN_FAULTS, type SpanFault } from '../foreign/span-faults.ts'
import { NO_INFERENCE, type SpanList } from '../foreign/span-list.ts'
import type { Span } from '../inference/span.ts'
import * as P from '../protocol/constants.ts'
import type { Interval } from '../units/interval.ts'
import { hostNs } from '../units/units.ts'
import type { ColumnNames } from './learning.ts'

/** How the faults of a list are called in the column `flags`. */
const FLAG_OF: Record<SpanFault, number> = {
  endsBeforeStart: ROW_FLAGS.endsBeforeStart,
  neverEnds: ROW_FLAGS.open,
  overlapsItself: ROW_FLAGS.overlapsItself,
  outsideTrace: ROW_FLAGS.outsideTrace,
  repeated: ROW_FLAGS.repeated,
}

/**
 * Hands out the spans of a list in the order of their starts, as a runner would have told them: an inference is the stages
 * with its id, from the first start to the last end.
 */
export class ListedSpans {
  readonly list: SpanList
  readonly checked: CheckedSpans
  /** Rows that set the start and the end of each inference. */
  readonly #startRow: Float64Array
  readonly #endRow: Float64Array
  readonly #flags: Float64Array
  #next = 0
  /** Longest span, that one in the trace may have begun so long ago. */
  readonly longestNs: number
  /** Inferences whose stages name several models. */
  readonly mixedModels = new Set<number>()

  constructor(list: SpanList, checked: CheckedSpans, trace: Interval) {
    this.list = list
    this.checked = checked
    const inferences = list.inferenceIds.length
    this.#startRow = new Float64Array(inferences).fill(Number.NaN)
    this.#endRow = new Float64Array(inferences)
    this.#flags = new Float64Array(inferences)
    for (const row of checked.order) this.#noteInference(row)
    this.longestNs = this.#longest(trace)
  }

  /** Spans that start before `ns` and were not handed out yet; repeated rows come apart, they are nobody's. */
  startingBefore(ns: number): { spans: Span[]; repeated: number[] } {
    const spans: Span[] = []
    const repeated: number[] = []
    const { order, faults } = this.checked
    for (; this.#next < order.length; this.#next++) {
      const row = order[this.#next] as number
      if (!((this.list.startNs[row] as number) < ns)) break
      if ((faults[row] as number) & SPAN_FAULTS.repeated) repeated.push(row)
      else {
        const inference = this.list.inference[row] as number
        if (inference !== NO_INFERENCE && this.#startRow[inference] === row) spans.push(this.#inferenceSpan(inference))
        spans.push(this.stageSpan(row))
      }
    }
    return { spans, repeated }
  }

  /** Start of the span that comes `count` spans after those handed out; undefined: there are not so many. */
  startAhead(count: number): number | undefined {
    const row = this.checked.order[this.#next + count]
    return row === undefined ? undefined : this.list.startNs[row]
  }

  /** Names behind the numbers of spans. */
  get names(): ColumnNames {
    return { device: (number) => this.list.devices[number], model: (number) => this.list.models[number] }
  }

  stageSpan(row: number): Span {
    const { list } = this
    return {
      source: 0,
      spanId: row,
      inferenceId: list.inference[row] as number,
      kind: list.kind[row] as number,
      device: list.device[row] as number,
      model: list.model[row] as number,
      segment: list.segment[row] as number,
      task: list.task[row] as number,
      startNs: hostNs(list.startNs[row] as number),
      endNs: hostNs(this.checked.endNs[row] as number),
      failed: false,
      flags: flagsOf(this.checked.faults[row] as number),
    }
  }

  /** Start and end of a span in the clock of the input. */
  exactNs(span: Span, originNs: bigint): { startNs: bigint; endNs: bigint } {
    const isInference = span.kind === P.KIND_INFERENCE
    const startRow = isInference ? (this.#startRow[span.inferenceId] as number) : span.spanId
    const endRow = isInference ? (this.#endRow[span.inferenceId] as number) : span.spanId
    return {
      startNs: this.list.exactNs.get(startRow)?.startNs ?? originNs + BigInt(Math.round(span.startNs)),
      endNs: this.list.exactNs.get(endRow)?.endNs ?? originNs + BigInt(Math.round(span.endNs)),
    }
  }

  /** Stretches in which something may have run that the list does not tell rightly: no place to measure idle power. */
  doubtful(): Interval[] {
    const { order, faults, endNs } = this.checked
    const out: Interval[] = []
    for (const row of order) {
      if (((faults[row] as number) & SPAN_FAULTS.endsBeforeStart) === 0) continue
      const [a, b] = [this.list.startNs[row] as number, endNs[row] as number]
      if (a - b < DOUBT_NS) out.push({ start: b, end: a })
    }
    return out
  }

  #noteInference(row: number): void {
    const { list, checked } = this
    const inference = list.inference[row] as number
    if (inference === NO_INFERENCE) return
    const faults = checked.faults[row] as number
    this.#flags[inference] = (this.#flags[inference] as number) | flagsOf(faults)
    if (faults & SPAN_FAULTS.repeated) return
    if (Number.isNaN(this.#startRow[inference] as number)) {
      this.#startRow[inference] = row
      this.#endRow[inference] = row
      return
    }
    const endRow = this.#endRow[inference] as number
    if ((checked.endNs[row] as number) > (checked.endNs[endRow] as number)) this.#endRow[inference] = row
    if (list.model[row] !== list.model[this.#startRow[inference] as number]) this.mixedModels.add(inference)
  }

  #inferenceSpan(inference: number): Span {
    const first = this.stageSpan(this.#startRow[inference] as number)
    const endNs = hostNs(this.checked.endNs[this.#endRow[inference] as number] as number)
    return {
      ...first,
      kind: P.KIND_INFERENCE,
      device: P.NONE16,
      segment: P.NONE16,
      endNs,
      flags: this.#flags[inference] as number,
    }
  }

  #longest(trace: Interval): number {
    let longest = 0
    const note = (startNs: number, endNs: number): void => {
      longest = Math.max(longest, Math.min(endNs, trace.end) - Math.max(startNs, trace.start))
    }
    for (let row = 0; row < this.list.count; row++)
      note(this.list.startNs[row] as number, this.checked.endNs[row] as number)
    for (let i = 0; i < this.list.inferenceIds.length; i++) {
      const [startRow, endRow] = [this.#startRow[i] as number, this.#endRow[i] as number]
      note(this.list.startNs[startRow] as number, this.checked.endNs[endRow] as number)
    }
    return longest
  }
}

/** Further apart than this the two times of a span have nothing to do with each other. */
const DOUBT_NS = 10e9

function flagsOf(faults: number): number {
  let flags = 0
  for (const [name, bit] of Object.entries(SPAN_FAULTS)) if (faults & bit) flags |= FLAG_OF[name as SpanFault]
  return flags
}
