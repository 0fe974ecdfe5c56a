import { interval, map, merge, type Observable, Subject, share, takeUntil, tap } from 'rxjs'
import type { StoredEvents } from '../inference/event-store.ts'
import { type LiveFigures, LiveMeter, type LiveOptions } from '../live/live-meter.ts'
import type { SerialOutput } from './serial-branch.ts'

/** How often provisional figures are made, ms: with LiveMeter's lag they stay within 250 ms of the last sample. */
const FIGURES_MS = 120

/**
 * Where the two branches meet while a run is going on: samples from one side, events from the other, figures out. Streams of
 * blocks, never of samples.
 */
export class LiveFusion {
  readonly #serial = new Subject<SerialOutput>()
  readonly #events = new Subject<StoredEvents>()
  readonly #done = new Subject<void>()
  readonly figures$: Observable<LiveFigures>

  constructor(options: LiveOptions, watermarkNs: () => number) {
    const meter = new LiveMeter(options)
    const samples$ = this.#serial.pipe(
      tap(({ pairs, edges, blocks }) => {
        for (const pair of pairs) meter.addPair(pair)
        for (const edge of edges) meter.addEdge(edge)
        for (const block of blocks) meter.addBlock(block)
      }),
    )
    const spans$ = this.#events.pipe(
      tap(({ spans, states, toggles }) => {
        for (const span of spans) meter.addSpan(span)
        for (const state of states) meter.addState(state)
        for (const toggle of toggles) meter.addToggle(toggle)
      }),
    )
    // both sides only feed the meter; its own clock asks for figures
    merge(samples$, spans$).pipe(takeUntil(this.#done)).subscribe()
    this.figures$ = interval(FIGURES_MS).pipe(
      map(() => meter.advance(watermarkNs())),
      takeUntil(this.#done),
      share(),
    )
  }

  pushSerial(output: SerialOutput): void {
    this.#serial.next(output)
  }

  pushEvents(stored: StoredEvents): void {
    this.#events.next(stored)
  }

  close(): void {
    this.#done.next()
  }
}
