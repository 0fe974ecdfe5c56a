import { figuresOf, nameOf } from './figures.ts'
import type { Figure, ReportData, Rule } from './report-data.ts'
import { SCRIPT, STYLE, VARIABLES } from './style.ts'
import { escaped } from './svg.ts'
import { milliseconds, percent, plain, withUnit } from './words.ts'

/** The whole report as one HTML text that needs nothing else, and its figures. */
export function reportPage(data: ReportData): { readonly html: string; readonly figures: readonly Figure[] } {
  const figures = figuresOf(data)
  const sections = [
    summary(data),
    ...figureSection('Figures', figures),
    uncertainty(data),
    results(data),
    cost(data),
    rules(data.rules),
    facts(data),
    warnings(data),
  ]
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(data.title)}: energy of inferences</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${sections.filter((section) => section !== '').join('\n')}
</main>
<div id="tip" role="status"></div>
<script>${SCRIPT}</script>
</body>
</html>
`
  return { html, figures }
}

/** A figure as a file of its own, in the colours of paper. */
export function figureFile({ svg }: Figure): string {
  const style = `<style>svg{${VARIABLES.light}background:#fff}</style>`
  return `${svg.replace(/^(<svg[^>]*>)/, `$1${style}`).replaceAll(/ (data-tip|tabindex)="[^"]*"/g, '')}\n`
}

function summary({ title, about, isQuick, results, trials, rules }: ReportData): string {
  const broken = rules.filter(({ kept }) => kept === 'broken').length
  const failed = trials.filter(({ status }) => status === 'failed').length
  const inferences = results.reduce((sum, row) => sum + (row.model == null ? 0 : (row.n_inferences as number)), 0)
  const cards = [
    [String(new Set(results.map(({ trial }) => trial)).size), 'trials'],
    [String(trials.length), 'measurements'],
    [String(inferences), 'inferences'],
    [failed === 0 ? 'none' : String(failed), 'failed'],
    [broken === 0 ? 'none' : String(broken), 'rules broken'],
  ]
  const known = results.filter(({ energy_j }) => energy_j != null)
  const least = [...known].sort((a, b) => Number(a.energy_j) - Number(b.energy_j))[0]
  const fastest = [...known].sort((a, b) => Number(a.latency_p50_ns) - Number(b.latency_p50_ns))[0]
  const found =
    known.length < 2 || least === undefined || fastest === undefined
      ? ''
      : `<p>Least net energy: <b>${escaped(nameOf(least))}</b>, ${withUnit(least.energy_j, 'J')} per inference. Fastest: <b>${escaped(nameOf(fastest))}</b>, ${milliseconds(fastest.latency_p50_ns)}.</p>`
  const quick = isQuick
    ? '<p class="note">Measured with <code>--quick</code>: windows are short. Figures to look at, not to publish.</p>'
    : ''
  return `<header><h1>${escaped(title)}</h1><p>${escaped(about)}</p>${found}${quick}
<dl class="cards">${cards.map(([value, label]) => `<div><dt>${label}</dt><dd>${value}</dd></div>`).join('')}</dl></header>`
}

function figureSection(title: string, figures: readonly Figure[]): string[] {
  if (figures.length === 0) return []
  const shown = figures.map(
    ({ title: name, caption, svg }) =>
      `<figure><h3>${escaped(name)}</h3>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`,
  )
  return [`<section><h2>${title}</h2><div class="figures">${shown.join('\n')}</div></section>`]
}

/** Where the uncertainty of a mean comes from: what all passes share, what each states of itself, what they differ by. */
function uncertainty({ results, trials }: ReportData): string {
  const rows = results.flatMap((row) => {
    const passes = trials.filter(
      (t) => t.trial === row.trial && (t.model ?? null) === (row.model ?? null) && t.energy_u_j != null,
    )
    const meanJ = Number(row.energy_j)
    if (row.energy_j == null || passes.length === 0) return []
    const mean = (of: (t: (typeof passes)[number]) => number): number =>
      passes.reduce((sum, t) => sum + of(t), 0) / passes.length
    const gain = mean((t) => Number(t.energy_gain_u_j)) / meanJ
    const own =
      Math.sqrt(mean((t) => Math.max(0, Number(t.energy_u_j) ** 2 - Number(t.energy_gain_u_j) ** 2))) /
      meanJ /
      Math.sqrt(passes.length)
    const between = row.energy_cv == null ? null : row.energy_cv / Math.sqrt(passes.length)
    const cells = [
      nameOf(row),
      percent(gain),
      percent(own),
      percent(between),
      percent(row.energy_u_j == null ? null : row.energy_u_j / meanJ),
    ]
    return [cells]
  })
  if (rows.length === 0) return ''
  const head = ['trial', 'scale of the sensors', 'noise, baseline, split', 'between passes', 'together']
  return `<section><h2>Uncertainty of the net energies</h2><p>Standard (k = 1), relative to the mean. The scale is wrong alike in all passes; of the other two the larger counts.</p>${table(head, rows)}</section>`
}

function results({ results: all }: ReportData): string {
  const head = [
    'trial',
    'inferences',
    'net',
    '95 %',
    'idle share',
    'gross ± u',
    'all rails',
    'with load, n = 1',
    '10',
    '1000',
    'latency p50',
    'p90',
    'p99',
    'longest',
    '1/s',
    '1/J',
    'E x t, mJ s',
    'mean W',
    'peak W',
    'measured / model',
    'efficiency',
    'between passes',
  ]
  const rows = all.map((row) => [
    nameOf(row),
    String(row.n_inferences),
    withUnit(row.energy_j, 'J'),
    row.energy_low_j == null ? '-' : `${withUnit(row.energy_low_j, 'J')} to ${withUnit(row.energy_high_j, 'J')}`,
    withUnit(row.energy_idle_j, 'J', 3),
    row.energy_gross_j == null
      ? '-'
      : `${withUnit(row.energy_gross_j, 'J', 3)} ± ${withUnit(row.energy_gross_u_j, 'J', 2)}`,
    withUnit(row.energy_rail_per_inference_j, 'J', 3),
    withUnit(row.energy_with_load_1_j, 'J'),
    withUnit(row.energy_with_load_10_j, 'J'),
    withUnit(row.energy_with_load_1000_j, 'J'),
    milliseconds(row.latency_p50_ns),
    milliseconds(row.latency_p90_ns),
    milliseconds(row.latency_p99_ns),
    milliseconds(row.latency_max_ns),
    plain(row.throughput_per_s),
    plain(row.inferences_per_j),
    row.energy_delay_js == null ? '-' : plain(row.energy_delay_js * 1e3),
    plain(row.power_average_w, 3),
    plain(row.power_peak_w, 3),
    plain(row.measured_over_predicted),
    percent(row.realisation_efficiency, 0),
    percent(row.energy_cv),
  ])
  return `<section><h2>All trials</h2><p>Per inference; a dash is unknown, never zero. u is standard (k = 1).</p>${table(head, rows)}</section>`
}

function cost({ cost: all }: ReportData): string {
  if (all.length === 0) return ''
  const head = [
    'model',
    'm',
    'cut by',
    'inferences',
    'longest observed',
    'p99.9',
    'mean time',
    'most energy',
    'mean energy',
    'switch, longest',
    'switch, mean',
    'switch energy',
  ]
  const rows = all.map((row) => [
    row.model,
    String(row.m),
    row.segment_by ?? '-',
    String(row.n_inferences),
    milliseconds(row.time_max_ns),
    milliseconds(row.time_p999_ns),
    milliseconds(row.time_mean_ns),
    withUnit(row.energy_max_j, 'J'),
    withUnit(row.energy_mean_j, 'J'),
    milliseconds(row.switch_max_ns),
    milliseconds(row.switch_mean_ns),
    withUnit(row.switch_mean_j, 'J', 3),
  ])
  return `<section><h2>C(m): cost on m devices</h2><p>Service time and net energy, pooled over passes. The longest observed is not the worst case. A switch loads one segment.</p>${table(head, rows)}</section>`
}

function rules(all: readonly Rule[]): string {
  if (all.length === 0) return ''
  const rows = all.map(
    ({ rule, wanted, seen, kept }) =>
      `<tr><th scope="row">${escaped(rule)}</th><td>${escaped(wanted)}</td><td>${escaped(seen)}</td><td><span class="${kept}">${kept}</span></td></tr>`,
  )
  return `<section><h2>Rules of measurement</h2><div class="scroll words"><table><thead><tr><th>rule</th><th>wanted</th><th>here</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`
}

function facts({ facts: all }: ReportData): string {
  const rows = all.map(([label, value]) => `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`)
  return `<section><h2>How it was measured</h2><dl class="facts">${rows.join('')}</dl></section>`
}

function warnings({ warnings: all }: ReportData): string {
  const list = all.length === 0 ? '<p>None.</p>' : `<ul>${all.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`
  return `<section><h2>Warnings</h2>${list}</section>`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = ([first, ...cells]: readonly string[]): string =>
    `<tr><th scope="row">${escaped(first ?? '')}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`
  const heads = head.map((cell) => `<th>${escaped(cell)}</th>`).join('')
  return `<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${rows.map(line).join('')}</tbody></table></div>`
}
