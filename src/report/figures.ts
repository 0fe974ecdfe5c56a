import { linearFit } from '../campaign/linear-fit.ts'
import type { ResultRow } from '../campaign/results-table.ts'
import { barChart } from './bar-chart.ts'
import { paretoFront } from './pareto.ts'
import type { Figure, ReportData } from './report-data.ts'
import { traceChart } from './trace-chart.ts'
import { milliseconds, percent, withUnit } from './words.ts'
import { type Series, xyChart } from './xy-chart.ts'

/** Bars are for looking at one by one. */
const BARS_MAX = 24

/** Every figure that the data gives; what varies decides which. */
export function figuresOf(data: ReportData): Figure[] {
  const rows = data.results.filter(({ energy_j, latency_p50_ns }) => energy_j != null && latency_p50_ns != null)
  const figures = [
    ...(rows.length < 2 ? [] : [pareto(rows, 'energy_j', 'net'), pareto(rows, 'energy_gross_j', 'gross')]),
    ...sweeps(rows),
    ...(data.trace === undefined ? [] : [trace(data.trace)]),
    ...order(data),
    ...shares(data),
  ]
  return figures.filter((figure) => figure !== undefined)
}

/** What a point says when it is pointed at. */
function tip(row: ResultRow): string {
  return [
    `${nameOf(row)}`,
    `net ${withUnit(row.energy_j, 'J')} [${withUnit(row.energy_low_j, 'J')}, ${withUnit(row.energy_high_j, 'J')}] (95 %)`,
    `gross ${withUnit(row.energy_gross_j, 'J')}`,
    `latency ${milliseconds(row.latency_p50_ns)} median, ${milliseconds(row.latency_max_ns)} longest`,
    `${row.throughput_per_s == null ? '-' : row.throughput_per_s.toPrecision(4)} inferences/s, ${row.n_inferences} measured`,
  ].join('\n')
}

export function nameOf({ trial, model }: ResultRow): string {
  return model == null || trial.startsWith(model) ? trial : `${trial}, ${model}`
}

function pareto(rows: readonly ResultRow[], key: 'energy_j' | 'energy_gross_j', word: string): Figure | undefined {
  const known = rows.filter((row) => row[key] != null)
  if (known.length < 2) return undefined
  const point = (row: ResultRow) => ({
    x: Number(row.latency_p50_ns) / 1e6,
    y: Number(row[key]) * 1e3,
    ...(key === 'energy_j' ? interval(row) : {}),
    tip: tip(row),
    row,
  })
  const points = known.map(point)
  const front = paretoFront(points)
  const series = modelsOf(known).map((model) => ({
    name: model,
    isLine: false,
    points: points.filter(({ row }) => (row.model ?? 'all models') === model),
  }))
  const names = front.map(({ row }) => nameOf(row)).join(', ')
  return {
    name: `pareto-${word}`,
    title: `${word === 'net' ? 'Net' : 'Gross'} energy against latency`,
    caption: `On the front (dashed), where nothing is better in both: ${names}. ${
      word === 'net' ? 'Bars: 95 %.' : 'Gross holds the idle share, which rests on the zero of the sensor.'
    }`,
    svg: xyChart({
      x: LATENCY,
      y: { label: `${word} energy per inference, mJ`, fromZero: true },
      series,
      guide: front.map(({ x, y }) => [x, y] as const),
    }),
  }
}

const LATENCY = { label: 'median latency, ms', fromZero: true }

function interval({ energy_low_j: low, energy_high_j: high }: ResultRow) {
  return { low: low == null ? undefined : low * 1e3, high: high == null ? undefined : high * 1e3 }
}

function modelsOf(rows: readonly ResultRow[]): string[] {
  return [...new Set(rows.map(({ model }) => model ?? 'all models'))]
}

const SWEPT = [
  ['depth', 'TPUs in the pipeline'],
  ['devices', 'TPUs that work'],
  ['rate_per_s', 'arrivals per second'],
  ['requests', 'requests under way'],
] as const

/** Energy, latency and throughput over each number that varies. */
function sweeps(rows: readonly ResultRow[]): Figure[] {
  const varied = SWEPT.filter(
    ([key]) => new Set(rows.map((row) => row[key])).size > 1 && rows.every((row) => row[key] != null),
  )
  const isDouble = (key: string): boolean => key === 'devices' && varied.some(([other]) => other === 'depth')
  return varied
    .filter(([key]) => !(isDouble(key) && rows.every((row) => row.depth === row.devices)))
    .flatMap(([key, label]) => {
      const over = (
        name: string,
        title: string,
        y: string,
        value: (row: ResultRow) => number | null,
        withBars = false,
      ): Figure => ({
        name: `${name}-over-${key.replaceAll('_', '-')}`,
        title: `${title} over ${label}`,
        caption: withBars ? 'Mean of the passes; bars: 95 %.' : 'Mean of the passes.',
        svg: xyChart({
          x: { label, isWhole: key !== 'rate_per_s' },
          y: { label: y, fromZero: true },
          series: seriesOf(rows, key, value, withBars),
        }),
      })
      return [
        over('energy', 'Net energy', 'net energy per inference, mJ', (row) => scaled(row.energy_j, 1e3), true),
        over('latency', 'Latency', 'median latency, ms', (row) => scaled(row.latency_p50_ns, 1e-6)),
        over('throughput', 'Throughput', 'inferences per second', (row) => row.throughput_per_s ?? null),
      ]
    })
}

function scaled(value: number | null | undefined, by: number): number | null {
  return value == null ? null : value * by
}

/** One line for all that is equal but for the number on the x axis. */
function seriesOf(
  rows: readonly ResultRow[],
  key: (typeof SWEPT)[number][0],
  value: (row: ResultRow) => number | null,
  withBars: boolean,
): Series[] {
  const apart = ['model', 'segment_by', 'depth', 'replicas', 'rate_per_s', 'requests', 'sampling', 'settings'] as const
  const telling = apart.filter((name) => name !== key && new Set(rows.map((row) => row[name])).size > 1)
  const groups = new Map<string, ResultRow[]>()
  for (const row of rows) {
    const name = telling.map((column) => labelOf(column, row[column])).join(', ') || 'all'
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return [...groups].map(([name, group]) => ({
    name,
    isLine: true,
    points: group.flatMap((row) => {
      const y = value(row)
      return y === null ? [] : [{ x: Number(row[key]), y, ...(withBars ? interval(row) : {}), tip: tip(row) }]
    }),
  }))
}

function labelOf(column: string, value: unknown): string {
  if (value == null) return column === 'model' ? 'all models' : ''
  const words: Record<string, string> = {
    depth: 'depth',
    replicas: 'replicas',
    requests: 'requests',
    rate_per_s: '/s',
    segment_by: 'cut by',
  }
  return words[column] === undefined ? String(value) : `${words[column]} ${String(value)}`
}

function shares({ shares: all }: ReportData): Figure[] {
  if (all.length === 0) return []
  const bars = (withIdle: boolean) =>
    all.slice(0, BARS_MAX).map(({ trial, parts }) => ({
      name: trial,
      parts: parts
        .filter(([name]) => withIdle || name !== 'idle share')
        .map(([name, joules]) => ({ name, value: joules * 1e3, tip: `${trial}\n${name}: ${withUnit(joules, 'J')}` })),
    }))
  const cut = all.length > BARS_MAX ? ` The first ${BARS_MAX} of ${all.length} trials.` : ''
  return [
    {
      name: 'energy-by-segment',
      title: 'Net energy by segment',
      caption: `What each segment of a mean inference causes above idle, from the first to the last.${cut}`,
      svg: barChart(bars(false), 'mJ per inference'),
    },
    {
      name: 'energy-by-state',
      title: 'Where the gross energy goes',
      caption: `The same with the idle share in grey: what the card draws anyway while an inference is under way.${cut}`,
      svg: barChart(bars(true), 'mJ per inference'),
    },
  ]
}

function trace(data: NonNullable<ReportData['trace']>): Figure {
  return {
    name: 'trace',
    title: 'Power over one inference',
    caption: `${data.title}. Thick: mean over 0.4 ms; thin: samples; colours: segments, each on its device.`,
    svg: traceChart(data),
  }
}

/** Whether the campaign drifted: each measurement against the mean of its trial, in the order they were made. */
function order({ trials }: ReportData): Figure[] {
  const good = trials.filter(({ status, energy_j }) => status === 'ok' && energy_j != null)
  const means = new Map<string, { sum: number; n: number }>()
  const key = (row: (typeof good)[number]): string => `${row.trial}|${row.model ?? ''}`
  for (const row of good) {
    const mean = means.get(key(row)) ?? { sum: 0, n: 0 }
    means.set(key(row), { sum: mean.sum + Number(row.energy_j), n: mean.n + 1 })
  }
  const points = good.flatMap((row) => {
    const { sum, n } = means.get(key(row)) as { sum: number; n: number }
    if (n < 2 || sum === 0) return []
    const y = 100 * ((Number(row.energy_j) * n) / sum - 1)
    return [{ x: row.position, y, tip: `${row.trial}, pass ${row.pass}\n${y.toFixed(2)} % off the mean of its trial` }]
  })
  const fit = linearFit(
    points.map((p) => p.x),
    points.map((p) => p.y),
  )
  if (fit === undefined) return []
  const n = Math.max(...points.map((p) => p.x))
  const [slope, half] = [(fit.slope * n) / 100, (fit.slopeHalfWidth * n) / 100]
  const verdict =
    Math.abs(slope) <= half ? 'contains zero: no drift is seen' : 'does not contain zero: the campaign drifted'
  return [
    {
      name: 'order',
      title: 'Did the campaign drift?',
      caption: `Slope from the first to the last measurement ${percent(slope)}, 95 % interval ± ${percent(half)}: it ${verdict}.`,
      svg: xyChart({
        x: { label: 'position in the campaign' },
        y: { label: 'off the mean of its trial, %' },
        series: [{ name: 'measurements', isLine: false, points }],
      }),
    },
  ]
}
