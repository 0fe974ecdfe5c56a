import { element, linear, polyline, type Scale, text, ticksBetween } from '../../report/svg.ts'
import { withUncertainty, withUnit } from '../figures.ts'
import type { Excerpt, PlottedInference } from './excerpt.ts'

export interface PictureWords {
  readonly title: string
  readonly subtitle: string
  readonly meanJ: number | undefined
  /** Standard uncertainty of the mean. */
  readonly meanUJ: number | undefined
  readonly trueMeanJ: number | undefined
}

const WIDTH = 960
const LEFT = 64
const RIGHT = 24
const POWER = { top: 112, bottom: 316 }
const DEVICE_HEIGHT = 18
const HISTOGRAM_HEIGHT = 120
/** Colours that people with any kind of colour vision tell apart: Okabe and Ito's. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const SMOOTH_NS = 400e3

/** Power over time with the inferences that drew it, device by device, and how the energies of all inferences are spread. */
export function drawRun(excerpt: Excerpt, words: PictureWords): string {
  const devices = [...new Set(excerpt.stages.map(({ device }) => device))].sort()
  const lanes = { top: POWER.bottom + 34, bottom: POWER.bottom + 34 + devices.length * DEVICE_HEIGHT }
  const histogram = { top: lanes.bottom + 70, bottom: lanes.bottom + 70 + HISTOGRAM_HEIGHT }
  const height = histogram.bottom + 52
  const x = linear(excerpt.startNs, excerpt.endNs, LEFT, WIDTH - RIGHT)
  const colourOf = (inferenceId: number): string => COLOURS[inferenceId % COLOURS.length] as string
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
      fill: '#222',
    },
    element('rect', { width: WIDTH, height, fill: '#fff' }),
    text(LEFT, 28, words.title, { 'font-size': 18, 'font-weight': 600 }),
    text(LEFT, 48, words.subtitle, { fill: '#555' }),
    drawPower(excerpt, x, colourOf),
    drawLanes(excerpt, devices, lanes.top, x, colourOf),
    drawTimeAxis(excerpt, x, lanes.bottom),
    drawHistogram(excerpt, words, histogram.top, histogram.bottom),
  )
}

function drawPower(excerpt: Excerpt, x: Scale, colourOf: (id: number) => string): string {
  const { tNs, watts } = excerpt
  const smooth = smoothed(tNs, watts)
  const low = Math.min(...smooth) - 0.15
  const high = Math.max(...smooth) + 0.5
  const y = linear(low, high, POWER.bottom, POWER.top)
  const clip = (value: number): number => y(Math.min(high, Math.max(low, value)))
  const shades = excerpt.inferences.map((inference) => shade(excerpt, inference, x, colourOf(inference.id)))
  const axis = ticksBetween(low, high, 5).map(
    (tick) =>
      element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), stroke: '#ddd' }) +
      text(LEFT - 8, y(tick) + 4, String(Number(tick.toFixed(3))), { 'text-anchor': 'end', fill: '#555' }),
  )
  return [
    ...shades,
    ...axis,
    polyline(tNs.map(x), watts.map(clip), { stroke: '#bbb', 'stroke-width': 0.4 }),
    polyline(tNs.map(x), smooth.map(clip), { stroke: '#222', 'stroke-width': 1.4 }),
    text(16, (POWER.top + POWER.bottom) / 2, 'power of the rail, W', {
      transform: `rotate(-90 16 ${(POWER.top + POWER.bottom) / 2})`,
      'text-anchor': 'middle',
      fill: '#555',
    }),
    ...labels(excerpt, x, colourOf),
  ].join('')
}

function shade(excerpt: Excerpt, { startNs, endNs }: PlottedInference, x: Scale, fill: string): string {
  const from = x(Math.max(startNs, excerpt.startNs))
  const to = x(Math.min(endNs, excerpt.endNs))
  const height = POWER.bottom - POWER.top
  return element('rect', { x: from, y: POWER.top, width: to - from, height, fill, 'fill-opacity': 0.1 })
}

const LABEL_ROWS = 3
const LABEL_ROW_HEIGHT = 15
/** Of a bold character at this size, in the mean. */
const CHARACTER_WIDTH = 7.2

/** Energies above the inferences, each in the lowest row with room for it; one that finds none is left out. */
function labels(excerpt: Excerpt, x: Scale, colourOf: (id: number) => string): string[] {
  const takenTo = new Array<number>(LABEL_ROWS).fill(Number.NEGATIVE_INFINITY)
  const drawn: string[] = []
  for (const inference of excerpt.inferences) {
    const { id, startNs, endNs, energyJ, energyUJ } = inference
    if (startNs <= excerpt.startNs || endNs >= excerpt.endNs) continue
    const words =
      energyJ === null || energyUJ === null ? 'no figure' : withUncertainty(energyJ, energyUJ, 'J').replace('+-', '±')
    const middle = x((startNs + endNs) / 2)
    const half = (words.length * CHARACTER_WIDTH) / 2 + 4
    const row = takenTo.findIndex((end) => end <= middle - half)
    if (row < 0) continue
    takenTo[row] = middle + half
    const attributes = { 'text-anchor': 'middle', fill: colourOf(id), 'font-weight': 600 }
    drawn.push(text(middle, POWER.top - 8 - LABEL_ROW_HEIGHT * row, words, attributes))
  }
  return drawn
}

function drawLanes(
  excerpt: Excerpt,
  devices: readonly string[],
  top: number,
  x: Scale,
  colourOf: (id: number) => string,
): string {
  const names = devices.map((device, i) =>
    text(LEFT - 8, top + i * DEVICE_HEIGHT + 12, device, { 'text-anchor': 'end', fill: '#555' }),
  )
  const bars = excerpt.stages.map(({ device, startNs, endNs, inferenceId }) => {
    const from = x(Math.max(startNs, excerpt.startNs))
    const width = Math.max(0.5, x(Math.min(endNs, excerpt.endNs)) - from)
    const y = top + devices.indexOf(device) * DEVICE_HEIGHT + 2
    return element('rect', { x: from, y, width, height: DEVICE_HEIGHT - 4, rx: 2, fill: colourOf(inferenceId) })
  })
  return [...names, ...bars].join('')
}

function drawTimeAxis({ startNs, endNs }: Excerpt, x: Scale, y: number): string {
  const ticks = ticksBetween(startNs / 1e6, endNs / 1e6, 8).map(
    (ms) =>
      element('line', { x1: x(ms * 1e6), x2: x(ms * 1e6), y1: y, y2: y + 5, stroke: '#888' }) +
      text(x(ms * 1e6), y + 18, ms.toFixed(0), { 'text-anchor': 'middle', fill: '#555' }),
  )
  return [...ticks, text(WIDTH - RIGHT, y + 34, 'ms since run start', { 'text-anchor': 'end', fill: '#555' })].join('')
}

function drawHistogram(excerpt: Excerpt, words: PictureWords, top: number, bottom: number): string {
  const energies = [...excerpt.energiesJ].sort((a, b) => a - b)
  if (energies.length < 2) return ''
  const low = energies[Math.floor(energies.length * 0.005)] as number
  const high = energies[Math.ceil(energies.length * 0.995) - 1] as number
  const margin = (high - low) * 0.1 || Math.abs(high) * 0.1
  const x = linear(low - margin, high + margin, LEFT, WIDTH - RIGHT)
  const bins = 48
  const counts = new Array<number>(bins).fill(0)
  for (const energy of energies) {
    const bin = Math.floor(((energy - low + margin) / (high - low + 2 * margin)) * bins)
    if (bin >= 0 && bin < bins) counts[bin] = (counts[bin] as number) + 1
  }
  const y = linear(0, Math.max(...counts), bottom, top)
  const width = (WIDTH - RIGHT - LEFT) / bins
  const bars = counts.map((count, i) =>
    element('rect', {
      x: LEFT + i * width + 0.5,
      y: y(count),
      width: width - 1,
      height: bottom - y(count),
      fill: '#9ab',
    }),
  )
  const ticks = ticksBetween(low - margin, high + margin, 8).map((tick) =>
    text(x(tick), bottom + 16, withUnit(tick, 'J', 3), { 'text-anchor': 'middle', fill: '#555' }),
  )
  return [
    text(LEFT, top - 12, `energy above idle of all ${energies.length} inferences`, { 'font-weight': 600 }),
    ...bars,
    element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: bottom, y2: bottom, stroke: '#888' }),
    ...ticks,
    drawMean(words, x, top, bottom),
  ].join('')
}

function drawMean(words: PictureWords, x: Scale, top: number, bottom: number): string {
  const { meanJ, meanUJ, trueMeanJ } = words
  if (meanJ === undefined || meanUJ === undefined) return ''
  const band = { x: x(meanJ - 2 * meanUJ), width: x(meanJ + 2 * meanUJ) - x(meanJ - 2 * meanUJ) }
  const truth =
    trueMeanJ === undefined
      ? []
      : [
          element('line', {
            x1: x(trueMeanJ),
            x2: x(trueMeanJ),
            y1: top,
            y2: bottom,
            stroke: '#d55e00',
            'stroke-width': 2,
          }),
        ]
  const told = `mean ${withUncertainty(meanJ, meanUJ, 'J').replace('+-', '±')} (k = 2)`
  const trueWords = trueMeanJ === undefined ? '' : `, true mean ${withUnit(trueMeanJ, 'J')}`
  return [
    element('rect', { ...band, y: top, height: bottom - top, fill: '#0072b2', 'fill-opacity': 0.25 }),
    element('line', { x1: x(meanJ), x2: x(meanJ), y1: top, y2: bottom, stroke: '#0072b2', 'stroke-width': 2 }),
    ...truth,
    text(WIDTH - RIGHT, top - 12, told + trueWords, { 'text-anchor': 'end', 'font-weight': 600 }),
  ].join('')
}

/** Mean over SMOOTH_NS around each sample: what the sensor says without most of its noise. */
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
