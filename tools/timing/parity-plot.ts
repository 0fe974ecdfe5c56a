import { element, linear, polyline, type Scale, text } from '../../src/report/svg.ts'

export interface Point {
  readonly series: string
  readonly measuredMs: number
  readonly predictedMs: number
}

const WIDTH = 720
const HEIGHT = 640
const LEFT = 64
const RIGHT = WIDTH - 20
const PARITY = { top: 44, bottom: 400 }
const ERROR = { top: 446, bottom: 586 }
/** Relative error shown, %. */
const ERROR_RANGE = 40
const COLOURS = ['#0072b2', '#56b4e9', '#d55e00', '#e69f00']

/** Predicted against measured on logarithmic axes, and the relative error of the prediction below. */
export function parityPlot(points: readonly Point[]): string {
  const decades = [0.05, 500].map(Math.log10) as [number, number]
  const x = logarithmic(linear(...decades, LEFT, RIGHT))
  const y = logarithmic(linear(...decades, PARITY.bottom, PARITY.top))
  const error = linear(-ERROR_RANGE, ERROR_RANGE, ERROR.bottom, ERROR.top)
  const series = [...new Set(points.map((point) => point.series))]
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      'font-family': 'sans-serif',
      'font-size': 12,
    },
    element('rect', { width: WIDTH, height: HEIGHT, fill: '#fff' }),
    text(LEFT, 24, 'Timing of one Edge TPU: model against data/edgetpu-calibration', { 'font-size': 14 }),
    ...timeTicks(x, y),
    polyline([LEFT, RIGHT], [PARITY.bottom, PARITY.top], { stroke: '#999' }),
    ...[-20, 0, 20].flatMap((percent) => errorTick(percent, error(percent))),
    ...points.map((point) =>
      dots(point, x, y, error, COLOURS[series.indexOf(point.series) % COLOURS.length] as string),
    ),
    ...series.flatMap((name, i) => legend(name, i)),
    text(LEFT, PARITY.top - 6, 'predicted, ms', { fill: '#555' }),
    text(LEFT, ERROR.top - 8, 'error, %', { fill: '#555' }),
    text(RIGHT, HEIGHT - 16, 'measured, ms', { 'text-anchor': 'end', fill: '#555' }),
  )}\n`
}

function dots(point: Point, x: Scale, y: Scale, error: Scale, fill: string): string {
  const cx = x(point.measuredMs)
  const percent = 100 * (point.predictedMs / point.measuredMs - 1)
  const shown = Math.max(-ERROR_RANGE, Math.min(ERROR_RANGE, percent))
  const dot = { cx, r: 3, fill, 'fill-opacity': 0.7 }
  return element('circle', { ...dot, cy: y(point.predictedMs) }) + element('circle', { ...dot, cy: error(shown) })
}

function timeTicks(x: Scale, y: Scale): string[] {
  return [0.1, 1, 10, 100].flatMap((ms) => [
    line(x(ms), PARITY.top, x(ms), PARITY.bottom),
    line(x(ms), ERROR.top, x(ms), ERROR.bottom),
    line(LEFT, y(ms), RIGHT, y(ms)),
    text(x(ms), ERROR.bottom + 18, String(ms), { 'text-anchor': 'middle' }),
    text(LEFT - 8, y(ms) + 4, String(ms), { 'text-anchor': 'end' }),
  ])
}

function errorTick(percent: number, y: number): string[] {
  return [line(LEFT, y, RIGHT, y), text(LEFT - 8, y + 4, String(percent), { 'text-anchor': 'end' })]
}

function legend(name: string, i: number): string[] {
  const y = PARITY.top + 20 + 18 * i
  const fill = COLOURS[i % COLOURS.length] as string
  return [element('circle', { cx: LEFT + 16, cy: y - 4, r: 4, fill }), text(LEFT + 28, y, name)]
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return element('line', { x1, y1, x2, y2, stroke: '#ddd' })
}

function logarithmic(scale: Scale): Scale {
  return (value) => scale(Math.log10(value))
}
