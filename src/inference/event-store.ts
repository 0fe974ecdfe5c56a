import * as P from '../protocol/constants.ts'
import { type HostNs, hostNs } from '../units/units.ts'
import { type Dictionary, dictionaryOf, type EventMessage, eventAt, type InferenceEvent } from './event-message.ts'
import { SequenceRanges } from './sequence-ranges.ts'
import type { BlindStretch, DeviceState, MarkerToggle, Span } from './span.ts'

/** One runner process, from its first message to its end. */
export interface EventSource {
  readonly number: number
  readonly sourceId: string
  readonly firstSeenNs: HostNs
  dictionary: Dictionary | undefined
  /** No event earlier than this is still to come, apart from what was lost. */
  watermarkNs: HostNs
  ended: boolean
}

/** CLOCK_MONOTONIC of the runner's machine to that of this host, ns of the run. */
export type RunnerTime = (ns: bigint) => HostNs

export interface StoredEvents {
  /** Spans whose start arrived. */
  spans: Span[]
  states: DeviceState[]
  toggles: MarkerToggle[]
  events: InferenceEvent[]
}

export interface EventCounts {
  events: number
  duplicates: number
  /** Ends without a start: it was lost, or came before the recording. */
  orphanEnds: number
}

/**
 * Turns event messages, in any order and with repeats, into spans and device states.
 *
 * Sequence numbers show what is missing; a gap fill brings it later. What never comes is a blind stretch: between the
 * watermark before the hole and the receipt of the message behind it nothing is known of that source.
 */
export class EventStore {
  readonly sources: EventSource[] = []
  readonly counts: EventCounts = { events: 0, duplicates: 0, orphanEnds: 0 }
  readonly #originNs: bigint
  readonly #states = new Map<string, SourceState>()
  /** On the same host the runner's clock is the host's. */
  readonly #ownTime: RunnerTime = (ns) => hostNs(Number(ns - this.#originNs))

  constructor(originNs: bigint) {
    this.#originNs = originNs
  }

  /** Takes a message received at `receivedNs`; tells what is new in it. `timeOf` for a runner on another machine. */
  push(message: EventMessage, receivedNs: HostNs, timeOf = this.#ownTime): StoredEvents {
    const out: StoredEvents = { spans: [], states: [], toggles: [], events: [] }
    const state = this.#stateOf(message.sourceId, receivedNs)
    const { source } = state
    const watermarkNs = timeOf(message.watermarkNs)
    if (message.message === P.MESSAGE_DICTIONARY) source.dictionary = dictionaryOf(message) ?? source.dictionary
    if (message.message === P.MESSAGE_END) source.ended = true
    const end = message.firstSequence + (message.message === P.MESSAGE_EVENTS ? message.count : 0)
    this.#noteHole(state, message.firstSequence, receivedNs)
    for (const [from, to] of state.seen.add(message.firstSequence, end))
      for (let sequence = from; sequence < to; sequence++)
        this.#take(eventAt(message, sequence - message.firstSequence), state, out, timeOf)
    this.counts.duplicates += end - message.firstSequence - out.events.length
    if (end >= state.reachedSequence) {
      state.reachedSequence = end
      source.watermarkNs = hostNs(Math.max(source.watermarkNs, watermarkNs))
    }
    return out
  }

  /** Spans that have not ended yet. */
  *openSpans(): Generator<Span> {
    for (const state of this.#states.values()) yield* state.open.values()
  }

  /** Forgets an open span: it was given up. */
  giveUp(span: Span): void {
    this.#states.get(this.sources[span.source]?.sourceId ?? '')?.open.delete(span.spanId)
  }

  /** What is still missing, in time. */
  blindStretches(): BlindStretch[] {
    const blind: BlindStretch[] = []
    for (const state of this.#states.values())
      for (const hole of state.holes) {
        const missing = state.seen.missingWithin(hole.start, hole.end)
        const eventsLost = missing.reduce((sum, [start, end]) => sum + end - start, 0)
        if (eventsLost === 0) continue
        blind.push({ source: state.source.number, startNs: hole.fromNs, endNs: hole.toNs, eventsLost })
      }
    return blind
  }

  /** Sequences of a source that are missing now, [from, to). */
  missing(source: number): [from: number, to: number][] {
    const state = this.#states.get(this.sources[source]?.sourceId ?? '')
    return state?.holes.flatMap((hole) => state.seen.missingWithin(hole.start, hole.end)) ?? []
  }

  #stateOf(sourceId: string, receivedNs: HostNs): SourceState {
    let state = this.#states.get(sourceId)
    if (state === undefined) {
      const number = this.sources.length
      const watermarkNs = hostNs(Number.NEGATIVE_INFINITY)
      const source = { number, sourceId, firstSeenNs: receivedNs, dictionary: undefined, watermarkNs, ended: false }
      this.sources.push(source)
      state = { source, seen: new SequenceRanges(), holes: [], reachedSequence: 0, open: new Map() }
      this.#states.set(sourceId, state)
    }
    return state
  }

  #noteHole(state: SourceState, firstSequence: number, receivedNs: HostNs): void {
    if (firstSequence <= state.reachedSequence) return
    // missing from the very start: nothing is known since before the source was first heard
    const fromNs = state.source.watermarkNs
    state.holes.push({ start: state.reachedSequence, end: firstSequence, fromNs, toNs: receivedNs })
  }

  #take(event: InferenceEvent, state: SourceState, out: StoredEvents, timeOf: RunnerTime): void {
    this.counts.events++
    out.events.push(event)
    const tNs = timeOf(event.tNs)
    const source = state.source.number
    if (event.kind === P.KIND_MARKER) {
      const toNs = hostNs(tNs + event.bracketNs)
      out.toggles.push({ source, level: event.value === 1 ? 1 : 0, fromNs: tNs, toNs })
    } else if (event.edge === P.EDGE_INSTANT) {
      out.states.push({ source, device: event.device, state: event.value, tNs })
    } else if (event.edge === P.EDGE_START) {
      const { spanId, inferenceId, kind, device, model, segment, task } = event
      const early = state.earlyEnds?.get(spanId)
      state.earlyEnds?.delete(spanId)
      const span: Span = {
        ...{ source, spanId, inferenceId, kind, device, model, segment, task },
        startNs: tNs,
        endNs: early?.endNs ?? hostNs(Number.NaN),
        failed: early?.failed ?? false,
      }
      if (early === undefined) state.open.set(spanId, span)
      else this.counts.orphanEnds--
      out.spans.push(span)
    } else {
      this.#end(event, tNs, state)
    }
  }

  #end(event: InferenceEvent, tNs: HostNs, state: SourceState): void {
    const span = state.open.get(event.spanId)
    const failed = event.value === P.VALUE_FAILED
    if (span === undefined) {
      // its start may still come with a gap fill; a bound keeps a hostile stream from filling the memory
      state.earlyEnds ??= new Map()
      if (state.earlyEnds.size < EARLY_ENDS_MAX) state.earlyEnds.set(event.spanId, { endNs: tNs, failed })
      this.counts.orphanEnds++
      return
    }
    span.endNs = tNs
    span.failed = failed
    state.open.delete(event.spanId)
  }
}

const EARLY_ENDS_MAX = 10_000

interface SourceState {
  readonly source: EventSource
  readonly seen: SequenceRanges
  /** Where and when sequences were jumped; parts of them may have been filled since. */
  readonly holes: { start: number; end: number; fromNs: HostNs; toNs: HostNs }[]
  reachedSequence: number
  readonly open: Map<number, Span>
  earlyEnds?: Map<number, { endNs: HostNs; failed: boolean }>
}
