// The marker line: edges every 100 ms beside the usual pairs, sampled at 20 kS/s.
import { Envelope, OSCILLATORS } from '../../src/timebase/envelope.ts'
import { addMarkerEdge, type ConstraintSink, FloorCalibration } from '../../src/timebase/marker.ts'
import { PairLog } from '../../src/timebase/pair-log.ts'
import { certify } from '../../src/timebase/two-pass.ts'
import { seededRandom } from '../../src/units/random.ts'
import { inArrivalOrder, type LinkScenario, type LinkTrace, simulateLink } from '../support/link-models.ts'
import { Pool } from './pool.ts'
import { markdownTable, type Section, type SectionResult } from './section.ts'

const SEEDS = 30
const DURATION_S = 60
/** Edges begin when the rate is known as well as it ever is without them. */
const FROM_S = 40
const SAMPLE_S = 50e-6
const EDGES = 10
const EDGE_PAUSE_S = 0.1
const BRACKET_S = 5e-6
const CALIBRATION_S = 120

/** A run with a marker for its last 20 s, the map behind the tenth edge, and the floors it leaves behind. */
export const markerSection: Section = {
  title: 'Marker',
  async run(scale: number): Promise<SectionResult> {
    const seeds = Math.max(1, Math.round(SEEDS * scale))
    const results = [runMarker('beside frames and pings', true, seeds), runMarker('edges alone', false, seeds)]
    const floors = runFloors(seeds)
    const [beside] = results as [MarkerResult, MarkerResult]
    const p99 = beside.online.percentile(0.99)
    return {
      rows: [
        {
          what: `marker, 20 kS/s, from ${EDGES} edges on: error p99`,
          measured: `${p99.toFixed(1)} us`,
          target: 'at most 15 us',
          met: p99 <= 15,
        },
        {
          what: 'marker: frames outside the stated bound, online and two-pass',
          measured: String(results.reduce((sum, r) => sum + r.outside, 0)),
          target: '0',
          met: results.every((r) => r.outside === 0),
        },
        {
          what: 'floors calibrated by the marker: frames outside the bound of later runs without it',
          measured: `${floors.outside} of ${floors.bound.length}`,
          target: '0',
          met: floors.outside === 0,
        },
      ],
      text: text(results, floors),
    }
  },
}

interface MarkerResult {
  readonly name: string
  readonly online: Pool
  readonly onlineBound: Pool
  readonly twoPass: Pool
  readonly twoPassBound: Pool
  outside: number
}

function runMarker(name: string, hasLink: boolean, seeds: number): MarkerResult {
  const pools = { online: new Pool(), onlineBound: new Pool(), twoPass: new Pool(), twoPassBound: new Pool() }
  const result: MarkerResult = { name, ...pools, outside: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const trace = markerTrace(seed)
    const envelope = new Envelope(OSCILLATORS.crystal)
    const log = new PairLog()
    const readyS = FROM_S + EDGES * EDGE_PAUSE_S
    const judge = (i: number, lower: number, upper: number, error: Pool, bound: Pool): void => {
      const sent = trace.frames.sentS[i] as number
      const half = (upper - lower + trace.tickS) / 2
      const off = Math.abs((lower + upper + trace.tickS) / 2 - sent)
      if (off > half + 1e-9) result.outside++
      error.push(off * 1e6)
      bound.push(half * 1e6)
    }
    for (const { isUpper, d, v, frame } of constraints(trace, seed, hasLink)) {
      if (d !== undefined) {
        log.push(isUpper, d, v)
        if (isUpper) envelope.addUpper(d, v)
        else envelope.addLower(d, v)
      }
      if (frame === undefined || (trace.frames.sentS[frame] as number) < readyS) continue
      const at = trace.frames.d[frame] as number
      judge(frame, envelope.lower(at), envelope.upper(at), result.online, result.onlineBound)
    }
    const frames = [...trace.frames.d.keys()].filter((i) => (trace.frames.sentS[i] as number) >= readyS)
    const { lower, upper } = certify(
      log,
      Float64Array.from(frames, (i) => trace.frames.d[i] as number),
      OSCILLATORS.crystal,
    )
    frames.forEach((i, q) => {
      judge(i, lower[q] as number, upper[q] as number, result.twoPass, result.twoPassBound)
    })
  }
  return result
}

function markerTrace(seed: number, more: Partial<LinkScenario> = {}): LinkTrace {
  return simulateLink({ seed, durationS: DURATION_S, link: 'cdc', skew: 40e-6, driftPpmPerMin: 1, ...more })
}

interface Fed {
  readonly isUpper: boolean
  /** Undefined: nothing to feed, only a frame to judge. */
  readonly d: number | undefined
  readonly v: number
  readonly frame: number | undefined
}

/** Frames, pings and edges in the order the host knew them, seconds. */
function constraints(trace: LinkTrace, seed: number, hasLink: boolean): Fed[] {
  const fed: (Fed & { at: number })[] = []
  for (const { isUp, i } of inArrivalOrder(trace)) {
    const v = (isUp ? trace.frames.arrivedS[i] : trace.pings.writtenS[i]) as number
    const at = isUp ? v : (trace.pings.knownS[i] as number)
    const d = isUp ? (trace.frames.d[i] as number) : (trace.pings.d[i] as number) + trace.tickS
    // the judge needs every frame, also where only edges are fed
    fed.push({ isUpper: isUp, d: hasLink ? d : undefined, v, frame: isUp ? i : undefined, at })
  }
  for (const edge of edges(trace, seed, FROM_S, DURATION_S))
    addMarkerEdge(
      {
        addPair: (isUpper, tick, ns) =>
          fed.push({ isUpper, d: tick * trace.tickS, v: ns * 1e-9, frame: undefined, at: edge.knownS }),
      },
      edge,
      edge,
    )
  return fed.sort((a, b) => a.at - b.at)
}

interface Edge {
  readonly beforeNs: number
  readonly afterNs: number
  readonly lastOldTick: number
  readonly firstNewTick: number
  readonly knownS: number
}

/** The runner toggles at a moment of its own; the device samples every 50 us of its own clock and tells it with the next frame. */
function edges(trace: LinkTrace, seed: number, fromS: number, toS: number): Edge[] {
  const random = seededRandom(seed + 2e6)
  const out: Edge[] = []
  for (let t = fromS; t < toS - 0.1; t += EDGE_PAUSE_S) {
    const before = t + 0.5 * EDGE_PAUSE_S * random()
    const edge = before + BRACKET_S * random()
    const device = trace.device(edge)
    const first = Math.ceil(device / SAMPLE_S) * SAMPLE_S
    const tickOf = (d: number): number => Math.floor(d / trace.tickS + 1e-6)
    out.push({
      beforeNs: before * 1e9,
      afterNs: (before + BRACKET_S) * 1e9,
      lastOldTick: tickOf(first - SAMPLE_S),
      firstNewTick: tickOf(first),
      knownS: edge + 8e-3,
    })
  }
  return out
}

interface FloorResult {
  readonly upNs: Pool
  readonly downNs: Pool
  readonly error: Pool
  readonly bound: Pool
  outside: number
}

/** A calibration per link, with 50 pings a second, then another run on it with the floors and without the marker. */
function runFloors(seeds: number): FloorResult {
  const result: FloorResult = { upNs: new Pool(), downNs: new Pool(), error: new Pool(), bound: new Pool(), outside: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const { upNs, downNs } = calibrate(markerTrace(seed, { durationS: CALIBRATION_S, pingsPerS: 50 }), seed)
    result.upNs.push(upNs)
    result.downNs.push(downNs)
    const later = markerTrace(seed + 1000)
    const log = new PairLog()
    for (const { isUp, i } of inArrivalOrder(later))
      if (isUp) log.push(true, later.frames.d[i] as number, (later.frames.arrivedS[i] as number) - upNs * 1e-9)
      else
        log.push(false, (later.pings.d[i] as number) + later.tickS, (later.pings.writtenS[i] as number) + downNs * 1e-9)
    const { lower, upper } = certify(log, later.frames.d, OSCILLATORS.crystal)
    later.frames.sentS.forEach((sent, i) => {
      if (sent < 15) return
      const half = ((upper[i] as number) - (lower[i] as number) + later.tickS) / 2
      const off = Math.abs(((lower[i] as number) + (upper[i] as number) + later.tickS) / 2 - sent)
      if (off > half + 1e-9) result.outside++
      result.error.push(off * 1e6)
      result.bound.push(half * 1e6)
    })
  }
  return result
}

function calibrate(trace: LinkTrace, seed: number) {
  const log = new PairLog()
  const sink: ConstraintSink = { addPair: (isUpper, tick, ns) => log.push(isUpper, tick * trace.tickS, ns * 1e-9) }
  const all = edges(trace, seed, 0, CALIBRATION_S)
  for (const edge of all) addMarkerEdge(sink, edge, edge)
  const [from, to] = [all[0] as Edge, all[all.length - 1] as Edge]
  const isInside = (d: number): boolean => d >= from.firstNewTick * trace.tickS && d <= to.lastOldTick * trace.tickS
  const ds = Float64Array.from(new Set([...trace.frames.d, ...trace.pings.d].flatMap((d) => [d, d + trace.tickS])))
    .filter(isInside)
    .sort()
  const { lower, upper } = certify(log, ds, OSCILLATORS.crystal)
  const at = new Map([...ds].map((d, i) => [Math.round(d / trace.tickS), i]))
  const side = (column: Float64Array, tick: number): number => {
    const i = at.get(tick)
    return i === undefined ? Number.NaN : (column[i] as number) * 1e9
  }
  const calibration = new FloorCalibration({ lower: (tick) => side(lower, tick), upper: (tick) => side(upper, tick) })
  trace.frames.d.forEach((d, i) => {
    calibration.addUp(Math.round(d / trace.tickS), (trace.frames.arrivedS[i] as number) * 1e9)
  })
  trace.pings.d.forEach((d, i) => {
    calibration.addDown(Math.round(d / trace.tickS), (trace.pings.writtenS[i] as number) * 1e9)
  })
  return calibration.floors
}

function text(results: readonly MarkerResult[], floors: FloorResult): string {
  const cell = (pool: Pool): string => [0.5, 0.99, 1].map((share) => pool.percentile(share).toFixed(1)).join(' / ')
  const table = markdownTable(
    ['map', 'online error p50 / p99 / max', 'online bound', 'two-pass error', 'two-pass bound'],
    results.map((r) => [r.name, cell(r.online), cell(r.onlineBound), cell(r.twoPass), cell(r.twoPassBound)]),
  )
  return `Model A for ${DURATION_S} s; from ${FROM_S} s on an edge every ${EDGE_PAUSE_S * 1e3} ms, sampled every ${SAMPLE_S * 1e6} us, bracketed by the runner within ${BRACKET_S * 1e6} us. us,
at every frame from the tenth edge on.

${table}

Floors from ${CALIBRATION_S} s with a marker and 50 pings a second, certified by the edges alone and derated: up ${cell0(floors.upNs)} us, down ${cell0(floors.downNs)} us (true least delays: 100 and
70 us). Another run of the same link with them and without marker, two-pass: error ${cell(floors.error)}, bound ${cell(floors.bound)} us.
`
}

function cell0(pool: Pool): string {
  return `${(pool.percentile(0.01) / 1e3).toFixed(0)} to ${(pool.percentile(1) / 1e3).toFixed(0)}`
}
