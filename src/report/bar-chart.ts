import { element, linear, text, ticksBetween } from './svg.ts'
import { colour, svgOf } from './xy-chart.ts'

export interface Bar {
  readonly name: string
  readonly parts: readonly { readonly name: string; readonly value: number; readonly tip: string }[]
}

const LEFT = 12
const RIGHT = 524
const ROW = 40
const TOP = 8

/** Stacked bars, one row each, the name above its bar so that long names fit a narrow page. Equal parts have equal colours. */
export function barChart(bars: readonly Bar[], label: string): string {
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))]
  const most = Math.max(
    ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + Math.max(0, value), 0)),
    1e-12,
  )
  const x = linear(0, most * 1.02, LEFT, RIGHT)
  const bottom = TOP + bars.length * ROW
  const rows = bars.map(({ name, parts }, b) => {
    let from = 0
    const rects = parts.map((part) => {
      const start = x(from)
      from += Math.max(0, part.value)
      const fill = part.name === 'idle share' ? 'var(--idle)' : colour(names.indexOf(part.name))
      return element('rect', {
        x: start,
        y: TOP + b * ROW + 17,
        width: Math.max(0, x(from) - start),
        height: 16,
        fill,
        stroke: 'var(--card)',
        'data-tip': part.tip,
        tabindex: 0,
      })
    })
    return text(LEFT, TOP + b * ROW + 12, name, { 'font-size': 13 }) + rects.join('')
  })
  const ticks = ticksBetween(0, most, 5).map(
    (tick) =>
      element('line', { x1: x(tick), x2: x(tick), y1: TOP, y2: bottom, stroke: 'var(--grid)' }) +
      text(x(tick), bottom + 18, String(Number(tick.toPrecision(6))), {
        'text-anchor': tick === 0 ? 'start' : 'middle',
        fill: 'var(--muted)',
      }),
  )
  return svgOf(
    bottom + 44,
    ...ticks,
    ...rows,
    text(RIGHT, bottom + 37, label, { 'text-anchor': 'end', fill: 'var(--muted)' }),
  )
}
