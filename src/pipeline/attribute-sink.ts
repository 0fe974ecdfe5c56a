import { join } from 'node:path'
import {
  ATTRIBUTED_TABLES,
  type AttributedInferenceRow,
  type AttributedStageRow,
  type AttributedTableName,
} from '../dataset/attributed-tables.ts'
import { type Part, PartWriter } from '../dataset/parquet-writer.ts'
import type { PowersRow } from '../dataset/powers-table.ts'
import { SPAN_KINDS, type SpanKind } from '../dataset/stages-table.ts'
import { ROW_FLAGS } from '../energy/flags.ts'
import type { EnergyResult, InferenceResult } from '../energy/result.ts'
import { NO_INFERENCE } from '../foreign/span-list.ts'
import type { Span } from '../inference/span.ts'
import * as P from '../protocol/constants.ts'
import type { Learning } from './learning.ts'
import type { ListedSpans } from './listed-spans.ts'
import { energyFigures, groupFigures } from './rows.ts'
import type { TraceRows } from './trace-ledger.ts'

/** Why a repeated row has no figure. */
export const REPEATED = 'repeats an earlier row'

type Writers = { [N in AttributedTableName]: PartWriter<(typeof ATTRIBUTED_TABLES)[N]> }

/** Writes the tables of an attribution, window by window. */
export class AttributeSink {
  readonly #spans: ListedSpans
  readonly #originNs: bigint
  readonly #rails: readonly string[]
  readonly #writers: Writers

  static async open(
    out: string,
    spans: ListedSpans,
    originNs: bigint,
    rails: readonly string[],
  ): Promise<AttributeSink> {
    const open = <N extends AttributedTableName>(name: N) =>
      PartWriter.open(ATTRIBUTED_TABLES[name], { path: join(out, `${name}.parquet`), runId: '', rails })
    const writers = {
      inferences: await open('inferences'),
      stages: await open('stages'),
      groups: await open('groups'),
      powers: await open('powers'),
    }
    return new AttributeSink(spans, originNs, rails, writers)
  }

  private constructor(spans: ListedSpans, originNs: bigint, rails: readonly string[], writers: Writers) {
    this.#spans = spans
    this.#originNs = originNs
    this.#rails = rails
    this.#writers = writers
  }

  async write(result: TraceRows): Promise<void> {
    const { inferences, stages, groups } = this.#writers
    for (const row of [...result.inferences].sort(byStart)) inferences.rows.appendRow(this.#inferenceRow(row))
    const repeated = result.repeated.map((row) => nothingOf(this.#spans.stageSpan(row)))
    for (const row of [...result.stages, ...repeated].sort(byStart)) stages.rows.appendRow(this.#stageRow(row))
    for (const group of result.groups)
      for (const row of groupFigures(group, this.#rails, () => this.#spans.names)) groups.rows.appendRow(row)
    await inferences.flush()
    await stages.flush()
  }

  async close({ powers: learned }: Learning): Promise<Record<AttributedTableName, Part>> {
    const { inferences, stages, groups, powers } = this.#writers
    for (const { power_w, power_u_w, method, ...figures } of learned)
      for (const rail of this.#rails)
        powers.rows.appendRow({
          ...figures,
          rail,
          kind: figures.kind as SpanKind,
          power_w: power_w[rail] as number,
          power_u_w: power_u_w[rail] ?? null,
          method: method as PowersRow['method'],
        })
    return {
      inferences: await inferences.close(),
      stages: await stages.close(),
      groups: await groups.close(),
      powers: await powers.close(),
    }
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    for (const writer of Object.values(this.#writers)) await writer.abort()
  }

  #inferenceRow(result: InferenceResult): AttributedInferenceRow {
    const { list } = this.#spans
    const { span } = result
    return {
      inference_id: list.inferenceIds[span.inferenceId] as bigint,
      task: list.tasks[span.task] ?? null,
      model: list.models[span.model] as string,
      queue_ns: null,
      ...this.#times(span),
      ...energyFigures(result, this.#rails.length),
    }
  }

  #stageRow(result: EnergyResult): AttributedStageRow {
    const { list } = this.#spans
    const { span } = result
    return {
      span_id: list.place[span.spanId] as number,
      inference_id: span.inferenceId === NO_INFERENCE ? null : (list.inferenceIds[span.inferenceId] as bigint),
      kind: SPAN_KINDS[span.kind - P.KIND_STAGE] ?? 'stage',
      task: list.tasks[span.task] ?? null,
      model: list.models[span.model] as string,
      segment: span.segment === P.NONE16 ? null : span.segment,
      device: list.devices[span.device] as string,
      ...this.#times(span),
      ...energyFigures(result, this.#rails.length),
    }
  }

  #times(span: Span) {
    const { startNs, endNs } = this.#spans.exactNs(span, this.#originNs)
    return { start_ns: startNs, end_ns: endNs, duration_ns: endNs - startNs }
  }
}

const byStart = (a: EnergyResult, b: EnergyResult): number => a.span.startNs - b.span.startNs

/** A row that was never given to the ledger: the one it repeats stands for it. */
function nothingOf(span: Span): EnergyResult {
  const none: readonly number[] = []
  return {
    span,
    method: 'unresolved',
    groupId: undefined,
    reason: REPEATED,
    isMeasured: false,
    shareJ: none,
    energyJ: undefined,
    budget: undefined,
    idleJ: none,
    equalJ: none,
    exclusiveJ: none,
    inclusiveJ: none,
    peakW: Number.NaN,
    samples: 0,
    coverage: 0,
    overlap: 0,
    boundNs: Number.NaN,
    flags: (span.flags ?? 0) | ROW_FLAGS.repeated,
  }
}
