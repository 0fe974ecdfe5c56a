import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeEventMessage, type EventMessage } from '../../src/inference/event-message.ts'
import { EventStore } from '../../src/inference/event-store.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs } from '../../src/units/units.ts'
import { type EventFields, encodeEnd, encodeEvents, encodeHeartbeat } from '../support/encode-event.ts'

const ORIGIN = 1_000_000_000_000_000n

test('starts and ends become spans on the run’s clock', () => {
  const store = new EventStore(ORIGIN)
  const { spans } = store.push(events(0, [edge(1, 0, 100), edge(1, 1, 350)], 400), hostNs(500))
  assert.equal(
    spans.map((s) => [s.startNs, s.endNs, s.failed]),
    [[100, 350, false]],
  )
  assert.equal([...store.openSpans()], [])
  assert.is(store.sources[0]?.watermarkNs, 400)
})

test('a hole is blind from the watermark before it to the receipt behind it, until it is filled', () => {
  const store = new EventStore(ORIGIN)
  store.push(events(0, [edge(1, 0, 100)], 150), hostNs(160))
  const late = store.push(events(3, [edge(2, 1, 400)], 450), hostNs(470))
  assert.equal(late.spans, [])
  assert.equal(store.blindStretches(), [{ source: 0, startNs: 150, endNs: 470, eventsLost: 2 }])
  const filled = store.push(events(1, [edge(1, 1, 200), edge(2, 0, 300)], 150), hostNs(480))
  assert.equal(store.blindStretches(), [])
  assert.equal(
    filled.spans.map((s) => [s.spanId, s.startNs, s.endNs]),
    [[2, 300, 400]],
  )
  assert.is(store.counts.orphanEnds, 0)
})

test('a heartbeat shows what was lost at the tail', () => {
  const store = new EventStore(ORIGIN)
  store.push(events(0, [edge(1, 0, 100)], 150), hostNs(160))
  store.push(message(encodeHeartbeat({ source_id: 9n, first_sequence: 4n, watermark_ns: ORIGIN + 300n })), hostNs(310))
  assert.equal(
    store.blindStretches().map((b) => b.eventsLost),
    [3],
  )
})

test('any order and any repetition gives the same spans', () => {
  const messages = Array.from({ length: 40 }, (_, i) =>
    events(i * 2, [edge(i, 0, 1000 * i), edge(i - 1, 1, 1000 * i + 10)], 1000 * i + 10),
  )
  const random = seededRandom(4)
  const expected = spansOf(messages)
  for (let round = 0; round < 50; round++) {
    const shuffled = [...messages, ...messages.slice(3, 9)].sort(() => random() - 0.5)
    assert.equal(spansOf(shuffled), expected)
  }
})

test('a restarted runner is a new source', () => {
  const store = new EventStore(ORIGIN)
  store.push(events(0, [edge(1, 0, 100)], 150), hostNs(160))
  store.push(message(encodeEnd({ source_id: 10n, first_sequence: 0n, watermark_ns: ORIGIN })), hostNs(200))
  assert.equal(
    store.sources.map((s) => s.ended),
    [false, true],
  )
})

function spansOf(messages: EventMessage[]): unknown {
  const store = new EventStore(ORIGIN)
  const spans = messages.flatMap((m) => store.push(m, hostNs(1)).spans)
  assert.equal(store.blindStretches(), [])
  return spans.map((s) => [s.spanId, s.startNs, s.endNs]).sort((a, b) => (a[0] as number) - (b[0] as number))
}

function events(first: number, list: EventFields[], watermark: number): EventMessage {
  const header = { source_id: 9n, first_sequence: BigInt(first), watermark_ns: ORIGIN + BigInt(watermark) }
  return message(encodeEvents(header, list))
}

function message(bytes: Uint8Array): EventMessage {
  const answer = decodeEventMessage(bytes)
  if (answer.kind !== 'message') throw new Error(`not a message: ${answer.kind}`)
  return answer.message
}

function edge(spanId: number, which: number, t: number): EventFields {
  const rest = { inference_id: 0, kind: 2, device: 0, model: 0, segment: 0, task: 0, value: 0 }
  return { t_ns: ORIGIN + BigInt(t), span_id: spanId >>> 0, edge: which, ...rest }
}

test.run()
