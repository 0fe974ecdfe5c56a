import type { RunJson } from '../dataset/run-json.ts'
import type { SummaryRow } from '../dataset/summary-table.ts'
import type { EnergyComparison } from '../truth/compare.ts'
import { percent, withUncertainty, withUnit } from './figures.ts'
import { table } from './table.ts'

export interface ReportedRun {
  readonly path: string
  readonly runJson: RunJson
  readonly summary: readonly SummaryRow[]
  /** Only on the virtual testbed. */
  readonly truth?: EnergyComparison
}

/** What a run says to people: energies first, then what they rest on. */
export function reportRun({ path, runJson, summary, truth }: ReportedRun): string {
  const tasks = summary.filter(({ task }) => task !== null)
  const rows = tasks.map((row) => [
    row.task ?? '-',
    row.model ?? '-',
    String(row.n_inferences),
    energyText(row),
    ...(truth === undefined || tasks.length > 1
      ? []
      : [withUnit(truth.trueMeanJ, 'J'), percent(truth.meanJ / truth.trueMeanJ - 1)]),
    withUnit(row.energy_idle_mean_j, 'J', 3),
    `${milliseconds(row.duration_p50_ns)} / ${milliseconds(row.duration_p95_ns)}`,
  ])
  const head = [
    'task',
    'model',
    'inferences',
    'energy each (k=2)',
    ...(truth === undefined || tasks.length > 1 ? [] : ['truth', 'off']),
    'idle share',
    'latency ms p50 / p95',
  ]
  return [
    table(head, rows),
    '',
    ...energyLines(runJson, truth, summary),
    divisionLine(runJson),
    clockLine(runJson),
    ...runJson.warnings.map(({ message }) => `warning: ${message}`),
    `dataset: ${path}`,
    '',
  ].join('\n')
}

function energyLines(runJson: RunJson, truth: EnergyComparison | undefined, summary: readonly SummaryRow[]): string[] {
  const lines = Object.entries(runJson.energy).map(
    ([rail, e]) =>
      `rail ${rail}: measured ${withUnit(e.measured_j, 'J')} = idle ${withUnit(e.idle_j, 'J')} + attributed ${withUnit(e.attributed_j, 'J')}` +
      ` + load ${withUnit(e.load_j, 'J', 3)} + unattributed ${withUnit(e.unattributed_j, 'J', 3)} + uncovered ${withUnit(e.uncovered_j, 'J', 3)}` +
      ` (off by ${e.conservation_error.toExponential(0)})`,
  )
  const total = summary.find(({ task }) => task === null)
  if (truth !== undefined && typeof total?.energy_mean_u_j === 'number') {
    const z = (truth.meanJ - truth.trueMeanJ) / total.energy_mean_u_j
    lines.push(
      `truth: mean of ${truth.inferences} inferences ${withUnit(truth.trueMeanJ, 'J')}, measured ${percent(truth.meanJ / truth.trueMeanJ - 1)}` +
        ` off, ${Math.abs(z).toFixed(1)} u`,
    )
  }
  return lines
}

/** How the figures of inferences came about, and why some have none. */
function divisionLine({ counts, overlap }: RunJson): string {
  const { group = 0, unresolved = 0, ...known } = counts.methods
  const parts = Object.entries(known).map(([method, n]) => `${n} ${method}`)
  const reasons = Object.entries(counts.reasons).map(([reason, n]) => `${n} ${reason}`)
  if (group + unresolved > 0) parts.push(`${group + unresolved} without a figure (${reasons.join(', ')})`)
  const lag = overlap.lag_ns === null ? '' : ` · power follows by ${Math.round(overlap.lag_ns / 1e3)} us`
  return `inferences: ${parts.join(' · ') || 'none'}${lag}`
}

/** What each kind of execution drew, and whether rows rest on it. */
export function powerTable({ powers, rails }: RunJson): string {
  const rows = powers
    .filter(({ executions }) => executions > 0)
    .map((p) => [
      p.device,
      `${p.model}${p.segment === null ? '' : `/${p.segment}`}`,
      p.kind,
      String(p.executions),
      rails.map((rail) => withUncertainty(p.power_w[rail] ?? 0, p.power_u_w[rail] ?? 0, 'W')).join(', '),
      p.vif?.toFixed(1) ?? '-',
      p.lack_of_fit?.toFixed(1) ?? '-',
      p.reason ?? p.method ?? '-',
    ])
  return table(['device', 'model', 'kind', 'seen', 'power (k=2)', 'VIF', 'misfit', 'divides by'], rows)
}

function clockLine({ clock, link, counts }: RunJson): string {
  const bound =
    clock.bound_p99_ns === null ? 'not aligned' : `within ${Math.ceil(clock.bound_p99_ns / 1e3)} us (bound, p99)`
  return `clock: ${bound} · frames lost ${link.frames_lost} of ${link.frames + link.frames_lost} · events lost ${counts.events_lost}`
}

function energyText(row: SummaryRow): string {
  return typeof row.energy_mean_j === 'number' && typeof row.energy_mean_u_j === 'number'
    ? withUncertainty(row.energy_mean_j, row.energy_mean_u_j, 'J')
    : '-'
}

function milliseconds(ns: unknown): string {
  return typeof ns === 'number' ? (ns / 1e6).toFixed(2) : '-'
}

/** The figures of a run as they stand in --json documents. */
export function runFigures({ path, runJson, summary, truth }: ReportedRun) {
  const total = summary.find(({ task }) => task === null)
  const truthFigures =
    truth === undefined
      ? {}
      : {
          truth_mean_energy_j: truth.trueMeanJ,
          truth_inferences: truth.inferences,
          error_relative: truth.meanJ / truth.trueMeanJ - 1,
        }
  return {
    run_id: runJson.run_id,
    run_dir: path,
    closed_reason: runJson.closed_reason,
    inferences: runJson.counts.inferences,
    mean_energy_j: truth?.meanJ ?? total?.energy_mean_j ?? null,
    mean_energy_u_j: total?.energy_mean_u_j ?? null,
    ...truthFigures,
    frames_lost: runJson.link.frames_lost,
    events_lost: runJson.counts.events_lost,
    align_bound_ns_p99: runJson.clock.bound_p99_ns,
    conservation_error: Math.max(0, ...Object.values(runJson.energy).map((e) => e.conservation_error)),
    warnings: runJson.warnings,
  }
}
