import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeEventMessage, dictionaryOf, type EventMessage, eventAt } from '../../src/inference/event-message.ts'
import { seededRandom } from '../../src/units/random.ts'

const vectors = new URL('../../protocol/vectors/event/', import.meta.url)

for (const file of readdirSync(vectors).filter((name) => name.endsWith('.bin'))) {
  test(`vector ${file}`, () => {
    const bytes = readFileSync(new URL(file, vectors))
    const expected = JSON.parse(readFileSync(new URL(file.replace('.bin', '.json'), vectors), 'utf8'))
    const { messages, bad, rest } = decodeAll(bytes)
    assert.equal(
      messages.map(asVector),
      expected.messages.map(({ dictionary, ...rest }: Record<string, unknown>) => ({
        ...rest,
        ...(dictionary === undefined ? {} : { devices: (dictionary as { devices: unknown }).devices }),
      })),
    )
    assert.equal(bad, expected.bad)
    assert.is(rest, expected.rest)
  })
}

test('random and mutated bytes: no crash, no message that was not sent', () => {
  const rounds = Number(process.env.JOULESPAN_FUZZ ?? 20_000)
  const random = seededRandom(3)
  const good = readFileSync(new URL('a-run.bin', vectors))
  for (let round = 0; round < rounds; round++) {
    const bytes = Uint8Array.from(good)
    for (let n = Math.floor(random() * 4); n >= 0; n--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    for (const message of decodeAll(bytes.subarray(0, Math.ceil(random() * bytes.length))).messages)
      assert.ok(message.sourceId === 'fedcba9876543210', 'a damaged header passed its CRC')
    decodeAll(Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)))
  }
})

function decodeAll(bytes: Uint8Array): { messages: EventMessage[]; bad: object[]; rest: number } {
  const messages: EventMessage[] = []
  let at = 0
  while (at < bytes.length) {
    const answer = decodeEventMessage(bytes, at)
    if (answer.kind === 'not yet') return { messages, bad: [], rest: bytes.length - at }
    if (answer.kind === 'bad') return { messages, bad: [{ offset: at, reason: answer.reason }], rest: 0 }
    messages.push(answer.message)
    at = answer.end
  }
  return { messages, bad: [], rest: 0 }
}

function asVector(m: EventMessage): object {
  const head = {
    message: m.message,
    source_id: m.sourceId,
    first_sequence: m.firstSequence,
    watermark_ns: String(m.watermarkNs),
    count: m.count,
  }
  if (m.message === 3) return { ...head, devices: dictionaryOf(m)?.devices }
  if (m.message !== 1) return head
  const events = Array.from({ length: m.count }, (_, i) => {
    const e = eventAt(m, i)
    return {
      t_ns: String(e.tNs),
      span_id: e.spanId,
      inference_id: e.inferenceId,
      kind: e.kind,
      edge: e.edge,
      device: e.device,
      model: e.model,
      segment: e.segment,
      task: e.task,
      value: e.value,
      ...(e.kind === 7 ? { bracket_ns: e.bracketNs } : {}),
    }
  })
  return { ...head, events }
}

test.run()
