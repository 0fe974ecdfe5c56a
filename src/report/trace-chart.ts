import type { Trace } from './report-data.ts'
import { element, linear, polyline, text, ticksBetween } from './svg.ts'
import { colour, svgOf } from './xy-chart.ts'

const LEFT = 62
const RIGHT = 524
const POWER = { top: 14, bottom: 230 }
const LANE = 20
/** What the eye would take for the power; the sensor's samples stand behind it. */
const SMOOTH_NS = 400e3

/** Power over one inference, its stages laid over it and below it, device by device. */
export function traceChart({ startNs, endNs, tNs, watts, stages }: Trace): string {
  const devices = [...new Set(stages.map(({ device }) => device))].sort()
  const smooth = smoothed(tNs, watts)
  const [low, high] = [Math.min(...smooth) - 0.2, Math.max(...smooth) + 0.3]
  const x = linear(startNs, endNs, LEFT, RIGHT)
  const y = linear(low, high, POWER.bottom, POWER.top)
  const clipped = (value: number): number => y(Math.min(high, Math.max(low, value)))
  const bottom = POWER.bottom + 12 + devices.length * LANE
  const spans = stages.map(({ device, segment, startNs: from, endNs: to }) => {
    const [left, width] = [x(Math.max(from, startNs)), x(Math.min(to, endNs)) - x(Math.max(from, startNs))]
    const top = POWER.bottom + 10 + devices.indexOf(device) * LANE
    const tip = `segment ${segment} on ${device}: ${((to - from) / 1e6).toFixed(3)} ms`
    return (
      element('rect', {
        x: left,
        y: POWER.top,
        width,
        height: POWER.bottom - POWER.top,
        fill: colour(segment),
        'fill-opacity': 0.12,
      }) +
      element('rect', {
        x: left,
        y: top,
        width: Math.max(0.5, width),
        height: LANE - 5,
        rx: 2,
        fill: colour(segment),
        'data-tip': tip,
        tabindex: 0,
      })
    )
  })
  const power = ticksBetween(low, high, 5).map(
    (tick) =>
      element('line', { x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick), stroke: 'var(--grid)' }) +
      text(LEFT - 8, y(tick) + 5, String(Number(tick.toPrecision(6))), { 'text-anchor': 'end', fill: 'var(--muted)' }),
  )
  const names = devices.map((device, d) =>
    text(LEFT - 8, POWER.bottom + 22 + d * LANE, device, {
      'text-anchor': 'end',
      'font-size': 12,
      fill: 'var(--muted)',
    }),
  )
  const times = ticksBetween(0, (endNs - startNs) / 1e6, 6).map((ms) =>
    text(x(startNs + ms * 1e6), bottom + 20, String(Number(ms.toPrecision(6))), {
      'text-anchor': 'middle',
      fill: 'var(--muted)',
    }),
  )
  const middle = (POWER.top + POWER.bottom) / 2
  return svgOf(
    bottom + 46,
    ...power,
    ...spans,
    polyline(tNs.map(x), watts.map(clipped), { stroke: 'var(--muted)', 'stroke-width': 0.4, 'stroke-opacity': 0.5 }),
    polyline(tNs.map(x), smooth.map(clipped), { stroke: 'var(--ink)', 'stroke-width': 1.6 }),
    ...names,
    ...times,
    text(14, middle, 'power of the rails, W', {
      'text-anchor': 'middle',
      transform: `rotate(-90 14 ${middle})`,
      fill: 'var(--muted)',
    }),
    text(RIGHT, bottom + 39, 'ms', { 'text-anchor': 'end', fill: 'var(--muted)' }),
  )
}

function smoothed(tNs: readonly number[], watts: readonly number[]): number[] {
  const out: number[] = []
  let from = 0
  let to = 0
  let sum = 0
  for (const t of tNs) {
    while (to < tNs.length && (tNs[to] as number) <= t + SMOOTH_NS / 2) sum += watts[to++] as number
    while ((tNs[from] as number) < t - SMOOTH_NS / 2) sum -= watts[from++] as number
    out.push(sum / (to - from))
  }
  return out
}
