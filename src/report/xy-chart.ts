import { element, linear, polyline, text, ticksBetween } from './svg.ts'

export interface Point {
  readonly x: number
  readonly y: number
  readonly low?: number | undefined
  readonly high?: number | undefined
  readonly tip: string
}

export interface Series {
  readonly name: string
  readonly points: readonly Point[]
  /** Joined by a line, in order of x. */
  readonly isLine: boolean
}

export interface Axis {
  readonly label: string
  /** Whole numbers are marked where they stand. */
  readonly isWhole?: boolean
  readonly fromZero?: boolean
}

export interface XyChart {
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** A line of its own, such as a front. */
  readonly guide?: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 540
const PLOT = { left: 62, right: 524, top: 14, bottom: 286 }
const LEGEND_ROW = 20
/** Okabe and Ito's, as variables of the page: colour-blind readers tell them apart. */
const COLOURS = 6

export function colour(i: number): string {
  return `var(--c${i % COLOURS})`
}

/** Points with intervals, joined or not, one colour a series; every point tells its figures. */
export function xyChart({ x, y, series, guide = [] }: XyChart): string {
  const points = series.flatMap((one) => one.points)
  const xs = [...points.map((p) => p.x), ...guide.map(([gx]) => gx)]
  const ys = points.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y])
  const [xLow, xHigh] = rangeOf(xs, x)
  const [yLow, yHigh] = rangeOf(ys, y)
  const scaleX = linear(xLow, xHigh, PLOT.left, PLOT.right)
  const scaleY = linear(yLow, yHigh, PLOT.bottom, PLOT.top)
  const rows = series.length < 2 ? [] : legendRows(series.map(({ name }) => name))
  const height = PLOT.bottom + 46 + rows.length * LEGEND_ROW
  const marks = series.map((one, s) => drawSeries(one, s, scaleX, scaleY))
  const front =
    guide.length < 2
      ? ''
      : polyline(
          guide.map(([gx]) => scaleX(gx)),
          guide.map(([, gy]) => scaleY(gy)),
          { stroke: 'var(--muted)', 'stroke-dasharray': '5 4', 'stroke-width': 1.5 },
        )
  return svgOf(
    height,
    xAxis(x, xLow, xHigh, scaleX),
    yAxis(y, yLow, yHigh, scaleY),
    front,
    ...marks,
    legend(rows, PLOT.bottom + 52),
  )
}

export function svgOf(height: number, ...content: string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: 'img',
    'font-size': 14,
  }
  return element('svg', { ...attributes, 'font-family': 'system-ui, sans-serif', fill: 'var(--ink)' }, ...content)
}

function drawSeries({ points, isLine }: Series, s: number, x: (v: number) => number, y: (v: number) => number): string {
  const ordered = [...points].sort((a, b) => a.x - b.x)
  const line = polyline(
    ordered.map((p) => x(p.x)),
    ordered.map((p) => y(p.y)),
    { stroke: colour(s), 'stroke-width': 2 },
  )
  const marks = ordered.map((p) => {
    const bar =
      p.low === undefined || p.high === undefined
        ? ''
        : element('line', {
            x1: x(p.x),
            x2: x(p.x),
            y1: y(p.low),
            y2: y(p.high),
            stroke: colour(s),
            'stroke-width': 1.5,
          })
    const dot = element('circle', { cx: x(p.x), cy: y(p.y), r: 4.5, fill: colour(s), 'data-tip': p.tip, tabindex: 0 })
    return bar + dot
  })
  return (isLine && ordered.length > 1 ? line : '') + marks.join('')
}

function xAxis({ label, isWhole }: Axis, low: number, high: number, x: (v: number) => number): string {
  const ticks = ticksBetween(low, high, 6).filter((tick) => !isWhole || Number.isInteger(Number(tick.toFixed(6))))
  return [
    element('line', { x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom, stroke: 'var(--line)' }),
    ...ticks.map((tick) =>
      text(x(tick), PLOT.bottom + 19, tickText(tick), { 'text-anchor': 'middle', fill: 'var(--muted)' }),
    ),
    text(PLOT.right, PLOT.bottom + 38, label, { 'text-anchor': 'end', fill: 'var(--muted)' }),
  ].join('')
}

function yAxis({ label }: Axis, low: number, high: number, y: (v: number) => number): string {
  const middle = (PLOT.top + PLOT.bottom) / 2
  return [
    ...ticksBetween(low, high, 5).map(
      (tick) =>
        element('line', { x1: PLOT.left, x2: PLOT.right, y1: y(tick), y2: y(tick), stroke: 'var(--grid)' }) +
        text(PLOT.left - 8, y(tick) + 5, tickText(tick), { 'text-anchor': 'end', fill: 'var(--muted)' }),
    ),
    text(14, middle, label, { 'text-anchor': 'middle', transform: `rotate(-90 14 ${middle})`, fill: 'var(--muted)' }),
  ].join('')
}

const CHARACTER_WIDTH = 7.6

/** Names in as few rows as hold them. */
function legendRows(names: readonly string[]): { name: string; s: number; at: number }[][] {
  const rows: { name: string; s: number; at: number }[][] = [[]]
  let at = PLOT.left
  for (const [s, name] of names.entries()) {
    const width = 26 + name.length * CHARACTER_WIDTH
    if (at + width > PLOT.right && at > PLOT.left) {
      rows.push([])
      at = PLOT.left
    }
    rows.at(-1)?.push({ name, s, at })
    at += width
  }
  return rows
}

function legend(rows: readonly (readonly { name: string; s: number; at: number }[])[], top: number): string {
  return rows
    .flatMap((row, r) =>
      row.map(
        ({ name, s, at }) =>
          element('circle', { cx: at + 6, cy: top + r * LEGEND_ROW, r: 4.5, fill: colour(s) }) +
          text(at + 16, top + 5 + r * LEGEND_ROW, name, { fill: 'var(--ink)' }),
      ),
    )
    .join('')
}

function rangeOf(values: readonly number[], { fromZero }: Axis): [low: number, high: number] {
  const low = fromZero ? Math.min(0, ...values) : Math.min(...values)
  const high = Math.max(...values)
  const margin = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.06
  return [fromZero && low === 0 ? 0 : low - margin, high + margin]
}

function tickText(tick: number): string {
  return String(Number(tick.toPrecision(6)))
}
