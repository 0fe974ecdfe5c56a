import type { CampaignJson } from '../campaign/campaign-folder.ts'
import type { ResultRow } from '../campaign/results-table.ts'
import { withUnit } from './figures.ts'
import { table } from './table.ts'

/** A campaign at the terminal: one line a trial. */
export function reportCampaign(path: string, document: CampaignJson, results: readonly ResultRow[]): string {
  const several = new Set(results.map(({ trial }) => trial)).size < results.length
  const rows = results.map((row) => [
    row.trial,
    ...(several ? [row.model ?? 'all'] : []),
    String(row.n_inferences),
    intervalText(row),
    withUnit(row.energy_gross_j, 'J', 3),
    milliseconds(row.latency_p50_ns),
    milliseconds(row.latency_p99_ns),
    row.throughput_per_s == null ? '-' : row.throughput_per_s.toFixed(1),
    row.energy_cv == null ? '-' : `${(100 * row.energy_cv).toFixed(2)} %`,
  ])
  const head = [
    'trial',
    ...(several ? ['model'] : []),
    'inferences',
    'net energy (95 %)',
    'gross',
    'p50 ms',
    'p99 ms',
    '1/s',
    'between passes',
  ]
  const quick = document.quick ? 'note: --quick windows are short: figures to look at, not to publish\n' : ''
  return `${table(head, rows)}\n\n${quick}dataset: ${path}\nreport: joulespan report ${path}\n`
}

function intervalText({ energy_j: mean, energy_low_j: low, energy_high_j: high }: ResultRow): string {
  if (mean == null || low == null || high == null) return '-'
  return `${withUnit(mean, 'J')} [${withUnit(low, 'J')}, ${withUnit(high, 'J')}]`
}

function milliseconds(ns: number | null | undefined): string {
  return ns == null ? '-' : (ns / 1e6).toFixed(2)
}
