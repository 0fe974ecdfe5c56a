import type { ClockRow } from '../dataset/clock-table.ts'
import type { EventRow } from '../dataset/events-table.ts'
import { EVENT_EDGES, EVENT_KINDS } from '../dataset/events-table.ts'
import type { GroupRow } from '../dataset/groups-table.ts'
import type { InferenceRow } from '../dataset/inferences-table.ts'
import { SPAN_KINDS, type StageRow } from '../dataset/stages-table.ts'
import type { GroupResult } from '../energy/groups.ts'
import type { LedgerRows } from '../energy/ledger.ts'
import type { EnergyResult, InferenceResult } from '../energy/result.ts'
import type { EventSource } from '../inference/event-store.ts'
import * as P from '../protocol/constants.ts'
import { type ColumnNames, nameColumn } from './learning.ts'
import { Names } from './names.ts'
import { sum } from './task-statistics.ts'
import type { UtcLine } from './utc-line.ts'
import type { ClockKnot, ClockProbe, ReceivedEvent } from './window-result.ts'

/** What rows need besides the results: how numbers are called and what UTC was. */
export interface RowContext {
  readonly runId: string
  readonly rails: number
  readonly sources: readonly EventSource[]
  readonly utc: UtcLine
}

export function inferenceRow(result: InferenceResult, context: RowContext): InferenceRow {
  const { span } = result
  const names = namesOf(span.source, context)
  return {
    run_id: context.runId,
    inference_id: inferenceId(span.source, span.inferenceId),
    task: names.task(span.task) ?? 'none',
    model: names.model(span.model) ?? 'none',
    queue_ns: Number.isNaN(result.queueNs) ? null : Math.round(result.queueNs),
    ...energyColumns(result, context),
  }
}

export function stageRow(result: LedgerRows['stages'][number], context: RowContext): StageRow {
  const { span } = result
  const names = namesOf(span.source, context)
  return {
    run_id: context.runId,
    span_id: inferenceId(span.source, span.spanId),
    inference_id: span.inferenceId === P.NONE32 ? null : inferenceId(span.source, span.inferenceId),
    kind: SPAN_KINDS[span.kind - P.KIND_STAGE] ?? 'stage',
    task: names.task(span.task) ?? null,
    model: names.model(span.model) ?? 'none',
    segment: span.segment === P.NONE16 ? null : span.segment,
    device: names.device(span.device) ?? 'none',
    ...energyColumns(result, context),
  }
}

export function eventRow(received: ReceivedEvent, context: RowContext): EventRow {
  const { event, source } = received
  const names = namesOf(source, context)
  return {
    time: context.utc.at(received.tNs),
    t_ns: received.tNs,
    source_id: context.sources[source]?.sourceId ?? '',
    sequence: event.sequence,
    kind: EVENT_KINDS[event.kind - 1] ?? 'state',
    edge: EVENT_EDGES[event.edge] ?? 'instant',
    span_id: event.spanId,
    inference_id: event.inferenceId === P.NONE32 ? null : inferenceId(source, event.inferenceId),
    device: names.device(event.device) ?? null,
    model: names.model(event.model) ?? null,
    segment: event.segment === P.NONE16 ? null : event.segment,
    task: names.task(event.task) ?? null,
    value: event.edge === P.EDGE_START ? null : event.value,
    bracket_ns: event.kind === P.KIND_MARKER ? event.bracketNs : null,
    receive_ns: received.receivedNs,
    flags: received.filled ? EVENT_FILLED : 0,
  }
}

/** One row per rail of a group. */
export function groupRows(group: GroupResult, rails: readonly string[], context: RowContext): GroupRow[] {
  const rows = groupFigures(group, rails, (source) => namesOf(source, context))
  return rows.map((row) => ({ run_id: context.runId, ...row }))
}

export function groupFigures(group: GroupResult, rails: readonly string[], namesOf: (source: number) => ColumnNames) {
  const members = group.members.map((column) => nameColumn(column, namesOf(column.source)))
  return rails.map((rail, r) => ({
    group_id: group.id,
    rail,
    members: JSON.stringify(members),
    energy_j: group.energyJ[r] ?? null,
    energy_u_j: group.budgets[r]?.uJ ?? null,
    n: group.executions,
    reason: group.reason,
  }))
}

/** Flag of an event row: it was lost on the way and came with a gap fill. */
export const EVENT_FILLED = 1

export function knotRow(knot: ClockKnot, context: RowContext): ClockRow {
  const hostNs = Math.round(knot.hostNs)
  return {
    t_ns: hostNs,
    time: context.utc.at(hostNs),
    epoch: knot.epoch,
    boot_id: knot.bootId ?? null,
    sample_index: knot.sampleIndex ?? null,
    tick: Math.round(knot.tick),
    host_ns: hostNs,
    bound_ns: orNull(knot.boundNs),
    rate_ppm: orNull(knot.ratePpm),
    kind: 'knot',
  }
}

export function probeRow(probe: ClockProbe, context: RowContext): ClockRow {
  return {
    t_ns: probe.monoNs,
    time: context.utc.at(probe.monoNs),
    host_ns: probe.monoNs,
    bound_ns: probe.halfBracketNs,
    kind: 'probe',
    raw_ns: probe.rawNs,
    realtime_ns: probe.realtimeNs,
    boottime_ns: probe.boottimeNs,
  }
}

function energyColumns(result: EnergyResult, context: RowContext) {
  const { span } = result
  return {
    start_time: context.utc.at(span.startNs),
    start_ns: span.startNs,
    end_ns: span.endNs,
    duration_ns: span.endNs - span.startNs,
    ...energyFigures(result, context.rails),
  }
}

/** What a span cost, as columns: the same in every table of spans. */
export function energyFigures(result: EnergyResult, rails: number) {
  const { energyJ, budget } = result
  const energy = energyJ === undefined ? null : sum(energyJ)
  const idle = sum(result.idleJ)
  return {
    energy_j: energy,
    energy_u_j: budget?.uJ ?? null,
    energy_idle_j: idle,
    energy_gross_j: energy === null ? null : energy + idle,
    energy_equal_j: result.isMeasured ? sum(result.equalJ) : null,
    energy_exclusive_j: result.isMeasured ? sum(result.exclusiveJ) : null,
    energy_inclusive_j: result.isMeasured ? sum(result.inclusiveJ) : null,
    'energy_<rail>_j': energyJ === undefined ? Array.from({ length: rails }, () => null) : Array.from(energyJ),
    method: result.method,
    group_id: result.groupId ?? null,
    reason: result.reason ?? null,
    uncertainty_terms: energy === null || budget === undefined ? null : namedTerms(budget.terms, energy),
    power_peak_w: orNull(result.peakW),
    n_samples: result.samples,
    coverage: Math.min(1, result.coverage),
    overlap: result.overlap,
    align_bound_ns: orNull(result.boundNs),
    flags: result.flags,
  }
}

function namedTerms(terms: readonly (readonly [name: string, uJ: number])[], energyJ: number): string {
  return terms
    .slice(0, 2)
    .map(([name, uJ]) => `${name} ${((100 * uJ) / Math.abs(energyJ)).toPrecision(2)} %`)
    .join(', ')
}

/** Ids of a second runner must not meet those of the first. */
function inferenceId(source: number, id: number): number {
  return source * 2 ** 32 + id
}

function namesOf(source: number, context: RowContext): Names {
  return new Names(context.sources[source]?.dictionary)
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
