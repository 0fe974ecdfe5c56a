import type { FoldedBin } from '../../energy/folded-power.ts'
import type { Profile } from '../../pipeline/profile.ts'
import { element, linear, polyline, type Scale, text, ticksBetween } from '../../report/svg.ts'
import { withUncertainty, withUnit } from '../figures.ts'

const WIDTH = 960
const HEIGHT = 420
const LEFT = 64
const RIGHT = 24
const TOP = 84
const BOTTOM = 340
const BLUE = '#0072b2'

/** Mean power above idle over the time since the start, with two standard errors around it. */
export function drawProfile(profile: Profile): string {
  const bins = profile.byTime
  const known = bins.filter(({ count }) => count > 0)
  const reach = (sign: number): number[] => known.map(({ watts, seW }) => watts + sign * 2 * (seW || 0))
  const low = Math.min(0, ...reach(-1))
  const high = Math.max(0, ...reach(1))
  const range = high - low || 1
  // room for words above the curve
  const [floor, ceiling] = [low - 0.06 * range, high + 0.14 * range]
  const x = linear((bins[0]?.from ?? 0) / 1e6, (bins[bins.length - 1]?.to ?? 1) / 1e6, LEFT, WIDTH - RIGHT)
  const y = linear(floor, ceiling, BOTTOM, TOP)
  const what = profile.segment === undefined ? 'inference' : `segment ${profile.segment}`
  const integral = withUncertainty(profile.integralJ, profile.integralSeJ, 'J').replace('+-', '±')
  const { v, p } = profile.uniformity
  const lock = profile.isLocked ? ': LOCKED to the sampling' : ''
  return element(
    'svg',
    {
      ...{ xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT },
      ...{ 'font-family': 'system-ui, sans-serif', 'font-size': 12, fill: '#222' },
    },
    element('rect', { width: WIDTH, height: HEIGHT, fill: '#fff' }),
    text(LEFT, 28, `${profile.model}: power of one ${what}`, { 'font-size': 18, 'font-weight': 600 }),
    text(
      LEFT,
      48,
      `${profile.folded} executions folded, a sample every ${withUnit(profile.samplePeriodNs / 1e9, 's', 3)}; integral ${integral} (k = 2, scatter alone)`,
      { fill: '#555' },
    ),
    text(LEFT, 66, `start phases: Kuiper V ${v.toFixed(3)}, p ${p.toPrecision(2)}${lock}`, {
      fill: profile.isLocked ? '#d55e00' : '#555',
    }),
    ...gridOf(floor, ceiling, x, y, profile),
    ...runsOf(bins).map((run) => band(run, x, y)),
    ...runsOf(bins).map((run) => steps(run, x, y)),
    ...axisOf(bins, x),
    text(16, (TOP + BOTTOM) / 2, 'power above idle, W', {
      transform: `rotate(-90 16 ${(TOP + BOTTOM) / 2})`,
      'text-anchor': 'middle',
      fill: '#555',
    }),
  )
}

/** Horizontal lines, and what of the time lies between start and median end. */
function gridOf(low: number, high: number, x: Scale, y: Scale, profile: Profile): string[] {
  const [start, end] = [x(0), x(profile.durationP50Ns / 1e6)]
  const lines = ticksBetween(low, high, 6).map(
    (tick) =>
      element('line', {
        ...{ x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) },
        stroke: Math.abs(tick) < 1e-9 ? '#888' : '#ddd',
      }) + text(LEFT - 8, y(tick) + 4, String(Number(tick.toFixed(6))), { 'text-anchor': 'end', fill: '#555' }),
  )
  return [
    element('rect', { x: start, y: TOP, width: end - start, height: BOTTOM - TOP, fill: BLUE, 'fill-opacity': 0.06 }),
    text((start + end) / 2, TOP + 14, 'start to median end', { 'text-anchor': 'middle', fill: '#555' }),
    ...lines,
  ]
}

/** Stretches of bins without an empty one between them. */
function runsOf(bins: readonly FoldedBin[]): FoldedBin[][] {
  const runs: FoldedBin[][] = []
  let run: FoldedBin[] | undefined
  for (const bin of bins) {
    if (bin.count === 0) run = undefined
    else if (run === undefined) {
      run = [bin]
      runs.push(run)
    } else run.push(bin)
  }
  return runs
}

function band(run: readonly FoldedBin[], x: Scale, y: Scale): string {
  const edge = (bin: FoldedBin, sign: number): string => {
    const level = y(bin.watts + sign * 2 * (bin.seW || 0)).toFixed(1)
    const [from, to] = [x(bin.from / 1e6).toFixed(1), x(bin.to / 1e6).toFixed(1)]
    return sign > 0 ? `${from},${level} ${to},${level}` : `${to},${level} ${from},${level}`
  }
  const points = [...run.map((bin) => edge(bin, 1)), ...[...run].reverse().map((bin) => edge(bin, -1))]
  return element('polygon', { points: points.join(' '), fill: BLUE, 'fill-opacity': 0.25 })
}

function steps(run: readonly FoldedBin[], x: Scale, y: Scale): string {
  const xs = run.flatMap(({ from, to }) => [x(from / 1e6), x(to / 1e6)])
  const ys = run.flatMap(({ watts }) => [y(watts), y(watts)])
  return polyline(xs, ys, { stroke: BLUE, 'stroke-width': 1.6 })
}

function axisOf(bins: readonly FoldedBin[], x: Scale): string[] {
  const ticks = ticksBetween((bins[0]?.from ?? 0) / 1e6, (bins[bins.length - 1]?.to ?? 1) / 1e6, 10).map(
    (ms) =>
      element('line', { x1: x(ms), x2: x(ms), y1: BOTTOM, y2: BOTTOM + 5, stroke: '#888' }) +
      text(x(ms), BOTTOM + 18, String(Number(ms.toFixed(6))), { 'text-anchor': 'middle', fill: '#555' }),
  )
  return [
    element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: BOTTOM, y2: BOTTOM, stroke: '#888' }),
    ...ticks,
    text(WIDTH - RIGHT, BOTTOM + 40, 'ms since the start of the first stage', { 'text-anchor': 'end', fill: '#555' }),
  ]
}
