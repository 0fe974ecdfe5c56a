import type { Frame, SampleFrame } from '../framing/frame.ts'
import * as P from '../protocol/constants.ts'
import { PERIOD_TICKS } from '../protocol/sampling.ts'
import { type HostNs, type SampleIndex, sampleIndex, type Ticks, ticks } from '../units/units.ts'
import { markerEdgeOf } from './marker-edge.ts'
import type { PingLedger } from './ping-ledger.ts'
import type { MarkerEdge, SampleBlock, SampleGap, TickPair } from './sample-block.ts'
import { unwrapNear } from './unwrap.ts'

export interface LinkCounts {
  samples: number
  framesLost: number
  samplesLost: number
  overruns: number
  slips: number
  boots: number
  /** Whole frames whose index or tick contradict the frames around them; dropped. */
  inconsistent: number
}

export interface Tracked {
  blocks: SampleBlock[]
  gaps: SampleGap[]
  pairs: TickPair[]
  edges: MarkerEdge[]
}

const TICKS_PER_NS = 2e-3

/**
 * Gives every sample its identity and every stamp its place on the tick line.
 *
 * Device index and timer are 32-bit counters of one boot; a new boot id starts an epoch, whose indices continue after all
 * earlier ones. Within an epoch tick and index obey one line until sampling is restarted (`anchor`) or a conversion was
 * missed (`slip`); a frame that breaks the line without saying so is dropped unless the next one agrees with it.
 */
export class SampleTracker {
  readonly counts: LinkCounts = {
    samples: 0,
    framesLost: 0,
    samplesLost: 0,
    overruns: 0,
    slips: 0,
    boots: 0,
    inconsistent: 0,
  }
  readonly #pings: PingLedger
  #epoch = -1
  #bootId = -1
  #sequence = -1
  #arrivalNs = 0 as HostNs
  #tick = 0
  /** Device index, unwrapped, plus this is the sample index of the run. */
  #base = 0
  #line: Line | undefined
  #suspect: SampleFrame | undefined
  /** Of the frame before: it has its place once the next one has not slipped. */
  #heldEdge: MarkerEdge | undefined
  #next = 0

  constructor(pings: PingLedger) {
    this.#pings = pings
  }

  push(frame: Frame, out: Tracked = { blocks: [], gaps: [], pairs: [], edges: [] }): Tracked {
    if (frame.bootId !== this.#bootId) this.#startEpoch(frame)
    const follows = frame.sequence === ((this.#sequence + 1) & 0xffff)
    if (!follows) this.counts.framesLost += (frame.sequence - this.#sequence - 1) & 0xffff
    const previousArrivalNs = this.#arrivalNs
    const tick = this.#unwrapTick(frame.tick, frame.arrivalNs)
    if (frame.kind === P.FRAME_KIND_SAMPLE) {
      if (follows && frame.flags & P.FLAG_TX_TICK_VALID)
        out.pairs.push(this.#pair('up', unwrapNear(frame.txTick, tick), previousArrivalNs))
      for (const ping of frame.pings) this.#answer(ping.id, unwrapNear(ping.rxTick, tick), out)
      if (follows && this.#heldEdge !== undefined && !(frame.flags & P.FLAG_SLIP)) out.edges.push(this.#heldEdge)
      this.#heldEdge = undefined
      this.#place(frame, tick, out)
    } else if (isPong(frame)) {
      const view = new DataView(frame.payload.buffer, frame.payload.byteOffset)
      this.#answer(view.getUint8(0), unwrapNear(view.getUint32(1, true), tick), out)
    }
    this.#sequence = frame.sequence
    this.#arrivalNs = frame.arrivalNs
    this.#tick = tick
    return out
  }

  /** Samples with an index below this have been seen or are gone for good. */
  get next(): SampleIndex {
    return sampleIndex(this.#next)
  }

  #startEpoch(frame: Frame): void {
    this.#epoch++
    this.counts.boots++
    this.#bootId = frame.bootId
    this.#sequence = (frame.sequence - 1) & 0xffff
    this.#arrivalNs = frame.arrivalNs
    this.#tick = frame.tick
    this.#line = undefined
    this.#suspect = undefined
    this.#heldEdge = undefined
    if (this.#epoch > 0) this.#pings.forget()
  }

  /** The timer wraps every 36 minutes: after a long silence the arrival times tell how often. */
  #unwrapTick(raw: number, arrivalNs: HostNs): number {
    return unwrapNear(raw, this.#tick + (arrivalNs - this.#arrivalNs) * TICKS_PER_NS)
  }

  #answer(id: number, tick: number, out: Tracked): void {
    const writtenNs = this.#pings.take(id)
    if (writtenNs !== undefined) out.pairs.push(this.#pair('down', tick, writtenNs))
  }

  #pair(kind: TickPair['kind'], tick: number, hostNs: HostNs): TickPair {
    return { kind, epoch: this.#epoch, tick: ticks(tick), hostNs }
  }

  #place(frame: SampleFrame, tick: number, out: Tracked): void {
    const index = this.#unwrapIndex(frame, tick)
    const period = PERIOD_TICKS[frame.mode] as number
    const line = this.#line
    const first = this.#base + index
    const onLine = line !== undefined && line.period === period && tick - line.tick === (index - line.index) * period
    const says = (frame.flags & (P.FLAG_ANCHOR | P.FLAG_SLIP)) !== 0
    const backwards = line !== undefined && first < this.#next
    if (line !== undefined && ((!onLine && !says) || backwards)) {
      const suspect = this.#suspect
      this.#suspect = frame
      if (suspect === undefined || !continues(suspect, frame)) {
        this.counts.inconsistent++
        return
      }
      // two frames agree on a numbering that started again: a boot whose id was not counted up
      if (backwards) {
        this.#startEpoch(frame)
        this.#place(frame, frame.tick, out)
        return
      }
    }
    this.#suspect = undefined
    if (!onLine) this.#line = { tick, index, period }
    this.#report(frame, first, line === undefined, out)
    out.blocks.push(this.#block(frame, first, tick as Ticks, period))
    this.#heldEdge = markerEdgeOf(frame, this.#epoch, tick)
    this.#next = first + frame.counts.length
    this.counts.samples += frame.counts.length
  }

  #unwrapIndex(frame: SampleFrame, tick: number): number {
    const line = this.#line
    if (line === undefined) {
      // the first boot is joined where it stands; a later one counts from 0, so what was lost at its start shows as a gap
      this.#base = this.#epoch === 0 ? -frame.firstIndex : this.#next
      return frame.firstIndex
    }
    return unwrapNear(frame.firstIndex, line.index + (tick - line.tick) / line.period)
  }

  #report(frame: SampleFrame, first: number, newEpoch: boolean, out: Tracked): void {
    if (frame.flags & P.FLAG_SLIP) this.counts.slips++
    if (frame.flags & P.FLAG_OVERRUN) this.counts.overruns++
    if (first <= this.#next) return
    const cause = newEpoch
      ? 'reset'
      : frame.flags & P.FLAG_OVERRUN
        ? 'overrun'
        : frame.flags & P.FLAG_SLIP
          ? 'slip'
          : frame.flags & P.FLAG_ANCHOR
            ? 'stopped'
            : 'link'
    if (cause !== 'stopped') this.counts.samplesLost += first - this.#next
    out.gaps.push({ first: sampleIndex(this.#next), end: sampleIndex(first), cause })
  }

  #block(frame: SampleFrame, first: number, tick: Ticks, periodTicks: number): SampleBlock {
    return {
      epoch: this.#epoch,
      bootId: frame.bootId,
      frameSequence: frame.sequence,
      first: sampleIndex(first),
      tick,
      periodTicks,
      channels: frame.channels,
      counts: frame.counts,
      frameFlags: frame.flags,
      arrivalNs: frame.arrivalNs,
    }
  }
}

/** tick = tick of `index` + (i - index) * period, until sampling restarts. */
interface Line {
  readonly tick: number
  readonly index: number
  readonly period: number
}

function isPong(frame: Frame): frame is Extract<Frame, { kind: typeof P.FRAME_KIND_REPLY }> {
  return (
    frame.kind === P.FRAME_KIND_REPLY &&
    frame.command === P.COMMAND_PING &&
    frame.status === P.STATUS_OK &&
    frame.payload.length === P.PING_REPORT_BYTES
  )
}

function continues(a: SampleFrame, b: SampleFrame): boolean {
  const samples = (b.firstIndex - a.firstIndex) >>> 0
  return (
    a.mode === b.mode &&
    a.channels === b.channels &&
    samples >= a.counts.length &&
    (b.tick - a.tick) >>> 0 === (samples * (PERIOD_TICKS[b.mode] as number)) >>> 0
  )
}
