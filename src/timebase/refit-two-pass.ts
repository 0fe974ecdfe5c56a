import { hullBound } from './drift-hull.ts'
import { EpochDraft } from './epoch-draft.ts'
import { perDeviceSecond } from './oscillator.ts'
import type { PairTable } from './pair-table.ts'
import type { Answer, Query, Refit, RefitOptions, Step } from './refit.ts'
import { type Line, splitLines } from './refit-lines.ts'
import { RefitScale } from './refit-scale.ts'
import { between, certify, type Stretch } from './two-pass.ts'

/** The map with all pairs known: each epoch forward, backward and by its hulls, intersected. */
export function refitTwoPass(pairs: PairTable, queries: readonly Query[], options: RefitOptions): Refit {
  const scale = new RefitScale(pairs, options)
  const lines = splitLines(pairs, scale, options)
  const asked = askLines(pairs, queries, lines, scale)
  const answers: Answer[] = queries.map((query) => ({
    query,
    hostNs: null,
    boundNs: null,
    epoch: null,
    reason: `boot ${query.boot ?? ''} has no pairs`,
  }))
  const epochs: EpochDraft[] = []
  const steps: Step[] = []
  lines.forEach((line, l) => {
    const placed = placeLine(line, asked[l] as Asked[], options)
    const first = epochs.length
    epochs.push(...summarise(pairs, line, placed, scale))
    for (const step of placed.steps) steps.push(stepOf(pairs, line, step, scale))
    for (const { index, segment, lower, upper, estimate } of placed.answers)
      answers[index] = {
        query: queries[index] as Query,
        ...figures(lower, upper, estimate, scale),
        epoch: segment === undefined ? null : first + segment,
        reason: reasonOf(segment, lower, upper, estimate),
      }
  })
  return { epochs: epochs.map((draft, n) => draft.finish(n, pairs, scale)), steps, answers }
}

interface Asked {
  readonly index: number
  readonly d: number
}

/** Each query goes to the first line of its boot that holds it; else to the first that reaches it, or to the last. */
function askLines(pairs: PairTable, queries: readonly Query[], lines: readonly Line[], scale: RefitScale): Asked[][] {
  const asked = lines.map((): Asked[] => [])
  queries.forEach((query, index) => {
    const tickOn = ({ boot }: Line): number => Number(query.tick - (pairs.originTicks[boot] as bigint))
    const isOf = ({ boot }: Line): boolean => query.boot === undefined || pairs.boots[boot] === query.boot
    const reaches = (line: Line): boolean => isOf(line) && line.lastUpTick >= tickOn(line)
    let l = lines.findIndex((line) => reaches(line) && line.firstUpTick <= tickOn(line))
    if (l === -1) l = lines.findIndex(reaches)
    if (l === -1) l = lines.findLastIndex(isOf)
    if (l !== -1) asked[l]?.push({ index, d: tickOn(lines[l] as Line) * scale.tickS })
  })
  return asked
}

interface PlacedAnswer {
  readonly index: number
  readonly segment: number | undefined
  readonly lower: number
  readonly upper: number
  /** In an epoch without pings: by arrivals alone, s; NaN where there are none. */
  readonly estimate: number | undefined
}

interface PlacedLine {
  /** Between the steps. */
  readonly segments: readonly Stretch[]
  readonly steps: readonly Stretch[]
  readonly answers: readonly PlacedAnswer[]
  /** Device times of the frames, and both sides there. */
  readonly frames: { readonly d: Float64Array; readonly lower: Float64Array; readonly upper: Float64Array }
}

function placeLine(line: Line, asked: readonly Asked[], options: RefitOptions): PlacedLine {
  const { log } = line
  const rows = Array.from({ length: log.length }, (_, i) => i)
  const frameD = Float64Array.from(
    rows.filter((i) => log.isUpper(i)),
    (i) => log.d(i),
  ).sort()
  const queries = [...asked].sort((a, b) => a.d - b.d)
  const queryD = Float64Array.from(queries, ({ d }) => d)
  const { at, first, second } = merge(frameD, queryD)
  const { lower, upper, steps } = certify(log, at, options.oscillator, { hostSlewPerS: options.hostSlewPerS })
  const segments = segmentsOf(steps, log, rows)
  const hasDown = segments.map(() => false)
  for (const i of rows) {
    const s = log.isUpper(i) ? undefined : segmentOf(segments, log.d(i))
    if (s !== undefined) hasDown[s] = true
  }
  const arrivals = hasDown.includes(false) ? byArrivals(log, rows, queryD, segments, hasDown, options) : undefined
  const answers = queries.map(({ index, d }, q): PlacedAnswer => {
    const i = second[q] as number
    const segment = segmentOf(segments, d)
    const isOneSided = segment !== undefined && !hasDown[segment]
    const sides = { lower: lower[i] as number, upper: upper[i] as number }
    return { index, segment, ...sides, estimate: isOneSided ? arrivals?.[q] : undefined }
  })
  const pick = (column: Float64Array): Float64Array => Float64Array.from(first, (i) => column[i] as number)
  return { segments, steps, answers, frames: { d: frameD, lower: pick(lower), upper: pick(upper) } }
}

/** Two ascending columns as one, and where each element went. */
function merge(a: Float64Array, b: Float64Array): { at: Float64Array; first: Uint32Array; second: Uint32Array } {
  const at = new Float64Array(a.length + b.length)
  const first = new Uint32Array(a.length)
  const second = new Uint32Array(b.length)
  for (let i = 0, j = 0, k = 0; k < at.length; k++) {
    const takesFirst = j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number))
    if (takesFirst) {
      first[i] = k
      at[k] = a[i++] as number
    } else {
      second[j] = k
      at[k] = b[j++] as number
    }
  }
  return { at, first, second }
}

/** In epochs without pings, the hull of the arrivals: late by the least delay of the link. */
function byArrivals(
  log: Line['log'],
  rows: readonly number[],
  queryD: Float64Array,
  segments: readonly Stretch[],
  hasDown: readonly boolean[],
  options: RefitOptions,
): Float64Array {
  const estimate = new Float64Array(queryD.length).fill(Number.NaN)
  segments.forEach(({ start, end }, s) => {
    if (hasDown[s]) return
    const within = (d: number): boolean => d >= start && d <= end
    const order = rows.filter((i) => log.isUpper(i) && within(log.d(i))).sort((x, y) => log.d(x) - log.d(y))
    const hull = hullBound(log, order, queryD, perDeviceSecond(options.oscillator), 1)
    queryD.forEach((d, q) => {
      if (within(d) && Number.isFinite(hull[q])) estimate[q] = hull[q] as number
    })
  })
  return estimate
}

/** The stretches between steps that hold pairs. */
function segmentsOf(steps: readonly Stretch[], log: Line['log'], rows: readonly number[]): Stretch[] {
  const segments = between(steps)
  const counts = segments.map(() => 0)
  for (const i of rows) {
    const s = segmentOf(segments, log.d(i))
    if (s !== undefined) counts[s] = (counts[s] as number) + 1
  }
  return segments.filter((_, s) => counts[s] !== 0)
}

/** The segment that holds d; undefined within a step. */
function segmentOf(segments: readonly Stretch[], d: number): number | undefined {
  if (segments.length === 0) return undefined
  let low = 0
  let high = segments.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((segments[middle] as Stretch).end < d) low = middle + 1
    else high = middle
  }
  const { start, end } = segments[low] as Stretch
  return d >= start && d <= end ? low : undefined
}

function summarise(pairs: PairTable, line: Line, placed: PlacedLine, scale: RefitScale): EpochDraft[] {
  const { segments, frames } = placed
  const drafts = segments.map((_, s) => new EpochDraft(line.boot, s === 0 ? line.cause : 'step'))
  line.rows.forEach((row, k) => {
    const s = segmentOf(segments, line.log.d(k))
    if (s !== undefined) drafts[s]?.addPair(pairs, row)
  })
  const ends = segments.map((): [number, number] | undefined => undefined)
  frames.d.forEach((d, i) => {
    const [low, high] = [frames.lower[i] as number, frames.upper[i] as number]
    const s = segmentOf(segments, d)
    if (s === undefined || !Number.isFinite(high - low)) return
    drafts[s]?.addBound(scale.halfWidthNs(low, high))
    ends[s] = [ends[s]?.[0] ?? i, i]
  })
  ends.forEach((end, s) => {
    if (end !== undefined) rateBetween(drafts[s] as EpochDraft, frames, end)
  })
  return drafts
}

/** Mean rate of an epoch, certified by its first and last frame. */
function rateBetween(draft: EpochDraft, frames: PlacedLine['frames'], [first, last]: [number, number]): void {
  const span = (frames.d[last] as number) - (frames.d[first] as number)
  if (span <= 0) return
  const low = ((frames.lower[last] as number) - (frames.upper[first] as number)) / span
  const high = ((frames.upper[last] as number) - (frames.lower[first] as number)) / span
  draft.ratePpm = ((low + high) / 2 - 1) * 1e6
  draft.rateBoundPpm = ((high - low) / 2) * 1e6
}

function figures(
  lower: number,
  upper: number,
  estimate: number | undefined,
  scale: RefitScale,
): Pick<Answer, 'hostNs' | 'boundNs'> {
  if (Number.isFinite(upper - lower)) return scale.answer(lower, upper)
  const isKnown = estimate !== undefined && !Number.isNaN(estimate)
  return { hostNs: isKnown ? scale.estimate(estimate) : null, boundNs: null }
}

function reasonOf(
  segment: number | undefined,
  lower: number,
  upper: number,
  estimate: number | undefined,
): string | null {
  if (segment === undefined) return 'unaligned: within a step of the clock'
  if (Number.isFinite(upper - lower)) return null
  if (estimate === undefined) return 'unaligned: no frame in this epoch, or the sides contradict each other'
  if (Number.isNaN(estimate)) return 'unaligned: no ping in this epoch, and no frames on both sides'
  return 'no ping in this epoch: estimate, unbounded'
}

/** A step with no pair to trust on one side of it reaches to the end of the line. */
function stepOf(pairs: PairTable, { boot, log }: Line, { start, end }: Stretch, scale: RefitScale): Step {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < log.length; i++) {
    first = Math.min(first, log.d(i))
    last = Math.max(last, log.d(i))
  }
  return {
    boot: pairs.boots[boot] as string | null,
    fromTick: scale.tick(boot, Math.max(start, first) / scale.tickS),
    toTick: scale.tick(boot, Math.min(end, last) / scale.tickS),
  }
}
