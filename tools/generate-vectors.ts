// Writes protocol/vectors: for every wire contract good and broken bytes, and beside them what a decoder must answer. With
// --check it only says which are stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as P from '../src/protocol/constants.ts'
import {
  type EventFields,
  encodeDictionary,
  encodeEnd,
  encodeEvents,
  encodeHeartbeat,
  encodeMessage,
  encodePowers,
  type PowerFields,
} from '../test/support/encode-event.ts'
import { encodeCommand, encodeRaw, encodeSample, type SampleFields } from '../test/support/encode-frame.ts'

const root = new URL('../protocol/vectors/', import.meta.url)

frameVectors()
commandVectors()
eventVectors()
powerVectors()

function frameVectors(): void {
  const first = sample({ sequence: 7, flags: 1 })
  const second = sample({ sequence: 8, first_index: 128, tick: 1000 + 128 * 52, flags: 16, tx_tick: 7000 })
  const pings = [
    { id: 3, rx_tick: 4_294_967_295 },
    { id: 255, rx_tick: 0 },
    { id: 0, rx_tick: 1234567 },
  ]
  const one = encodeSample(first)
  const two = encodeSample(second)
  const good = (fields: SampleFields) => ({
    ...fields,
    kind: 1,
    flags: fields.flags | (fields.pings.length << 5),
  })

  frame('two-samples', 'two sample frames back to back', [one, two], [good(first), good(second)])
  const extreme = sample({
    boot_id: 65535,
    sequence: 65535,
    first_index: 4_294_967_295,
    tick: 4_294_967_295,
    tx_tick: 4_294_967_295,
    mode: 2,
    channels: 0x3f,
    flags: 31,
    marker_edges: 255,
    marker_offset: 131,
    counts: Array.from({ length: 132 }, (_, i) => (i % 3 === 0 ? 1023 : i % 3 === 1 ? 0 : 0x2a5)),
    pings,
  })
  frame('extremes', 'largest values, six channels, three ping reports', [encodeSample(extreme)], [good(extreme)])
  const smallest = sample({ counts: [0xa5, 0x4a, 0x3a5, 0x14a], mode: 0, channels: 2 })
  frame('smallest', 'four samples that look like syncs', [encodeSample(smallest)], [good(smallest)])
  const body = [1, 1, 2, 3, ...[0, 36, 244, 0], 8, 0, 1, 7, 1, 63, 1, 1, 0, 78, 97, 188, 0]
  const identity = [...body, ...Buffer.from('JS-0007\0\0\0\0\0', 'latin1')]
  const reply = [0x43, 2, 1, 0, 0, 0, 9, 9]
  frame(
    'identity-and-reply',
    'an identity frame and a reply with a payload',
    [encodeRaw(2, 5, 0, identity), encodeRaw(3, 5, 1, reply)],
    [
      { kind: 2, boot_id: 5, sequence: 0, body: hex(identity) },
      { kind: 3, boot_id: 5, sequence: 1, body: hex(reply) },
    ],
  )

  frame('garbage-before', 'bytes that are no frame before one', [bytes(1, 2, 0xa5, 3), one], [good(first)], {
    bad: [{ offset: 0, reason: 'garbage' }],
  })
  frame('torn-tail', 'a frame and half of the next', [one, two.slice(0, 90)], [good(first)], { rest: 90 })
  frame('sync-at-end', 'a frame and a lone first sync byte', [one, bytes(0xa5)], [good(first)], { rest: 1 })
  const flipped = one.slice()
  flipped[60] = (flipped[60] as number) ^ 0x10
  frame(
    'flipped-bit',
    'one bit of a count flipped: that frame is lost, the next is whole',
    [flipped, two],
    [good(second)],
    {
      bad: [
        { offset: 0, reason: 'crc' },
        { offset: 1, reason: 'garbage' },
      ],
    },
  )
  const lost = Uint8Array.from([...one.slice(0, 50), ...one.slice(51)])
  frame('lost-byte', 'one byte lost: that frame is lost, the next is whole', [lost, two], [good(second)], {
    bad: [
      { offset: 0, reason: 'crc' },
      { offset: 1, reason: 'garbage' },
    ],
  })
  const longer = one.slice()
  longer[3] = 240
  frame('length-grown', 'a damaged length claims the next frame', [longer, two, one], [good(second), good(first)], {
    bad: [
      { offset: 0, reason: 'crc' },
      { offset: 1, reason: 'garbage' },
    ],
  })
  const impossible = one.slice()
  impossible[3] = 241
  frame('length-impossible', 'a length no frame has', [impossible, two], [good(second)], {
    bad: [
      { offset: 0, reason: 'length' },
      { offset: 1, reason: 'garbage' },
    ],
  })
  const future = one.slice()
  future[2] = 0x21
  frame('version-2', 'a protocol version not known', [future, two], [good(second)], {
    bad: [
      { offset: 0, reason: 'version' },
      { offset: 1, reason: 'garbage' },
    ],
  })
  const badBody = [...encodeSample(first).slice(8, -2)]
  badBody[14] = 127
  frame(
    'body-rule',
    'a sample count that is no multiple of 4, with a right CRC',
    [encodeRaw(1, 9, 9, badBody), two],
    [good(second)],
    {
      bad: [
        { offset: 0, reason: 'body' },
        { offset: 1, reason: 'garbage' },
      ],
    },
  )
}

function sample(fields: Partial<SampleFields>): SampleFields {
  return {
    boot_id: 42,
    sequence: 0,
    first_index: 0,
    tick: 1000,
    tx_tick: 0,
    mode: 1,
    channels: 1,
    flags: 0,
    marker_edges: 0,
    marker_offset: 255,
    counts: Array.from({ length: 128 }, (_, i) => (i * 37 + 500) % 1024),
    pings: [],
    ...fields,
  }
}

function frame(name: string, description: string, parts: Uint8Array[], frames: unknown[], rest: object = {}): void {
  write('frame', name, parts, { description, frames, bad: [], rest: 0, ...rest })
}

function commandVectors(): void {
  const ping = encodeCommand(0x50, [7])
  const configure = encodeCommand(0x43, [1, 3])
  const good = { command: 0x50, payload: '07' }
  const write2 = (name: string, description: string, parts: Uint8Array[], commands: unknown[], more: object = {}) =>
    write('command', name, parts, { description, commands, bad: [], rest: 0, ...more })

  write2('ping-configure', 'two commands back to back', [ping, configure], [good, { command: 0x43, payload: '0103' }])
  write2('no-payload', 'a command without payload', [encodeCommand(0x53, [])], [{ command: 0x53, payload: '' }])
  const longest = Array.from({ length: 200 }, (_, i) => i)
  write2('longest', 'the longest payload', [encodeCommand(0x57, longest)], [{ command: 0x57, payload: hex(longest) }])
  write2('garbage-before', 'bytes that are no command before one', [bytes(0, 0x50, 0xff), ping], [good], {
    bad: [{ offset: 0, reason: 'garbage' }],
  })
  write2('torn', 'a command cut short', [configure.slice(0, 5)], [], { rest: 5 })
  const broken = configure.slice()
  broken[3] = 2
  write2('bad-crc', 'a damaged command before a whole one', [broken, ping], [good], {
    bad: [
      { offset: 0, reason: 'crc' },
      { offset: 1, reason: 'garbage' },
    ],
  })
  write2('length-impossible', 'a length no command has', [bytes(0xc5, 0x57, 201), ping], [good], {
    bad: [
      { offset: 0, reason: 'length' },
      { offset: 1, reason: 'garbage' },
    ],
  })
}

function eventVectors(): void {
  const header = { source_id: 0xfedcba9876543210n, first_sequence: 0n, watermark_ns: 123_456_789_012_345n }
  const id = 'fedcba9876543210'
  const start = event({ t_ns: 123_456_789_100_001n, kind: 2, edge: 0 })
  const end = event({ t_ns: 123_456_791_600_077n, kind: 2, edge: 1 })
  const state = event({
    t_ns: 5n,
    span_id: 0,
    inference_id: 0xffffffff,
    kind: 6,
    edge: 2,
    model: 0xffff,
    task: 0xffff,
    value: 2,
  })
  const dictionary = {
    tasks: [{ name: 'camera', model: 0 }],
    models: [{ name: 'naïve', segments: 2 }],
    devices: [{ name: 'tpu0' }],
  }
  const told = (message: number, first: number, count: number, more: object = {}) => ({
    message,
    source_id: id,
    first_sequence: first,
    watermark_ns: '123456789012345',
    count,
    ...more,
  })
  const named = (list: EventFields[]) => ({ events: list.map((e) => ({ ...e, t_ns: String(e.t_ns) })) })
  const events = (name: string, description: string, parts: Uint8Array[], messages: unknown[], more: object = {}) =>
    write('event', name, parts, { description, messages, bad: [], rest: 0, ...more })

  const two = encodeEvents(header, [start, end])
  const heartbeat = encodeHeartbeat({ ...header, first_sequence: 2n })
  const dictionaryBytes = encodeDictionary({ ...header, first_sequence: 2n }, dictionary)
  const dictionaryCount = Buffer.byteLength(JSON.stringify(dictionary))
  events(
    'a-run',
    'dictionary, events, heartbeat, a state and the end of the stream',
    [
      dictionaryBytes,
      two,
      heartbeat,
      encodeEvents({ ...header, first_sequence: 2n }, [state]),
      encodeEnd({ ...header, first_sequence: 3n }),
    ],
    [
      told(3, 2, dictionaryCount, { dictionary }),
      told(1, 0, 2, named([start, end])),
      told(2, 2, 0),
      told(1, 2, 1, named([state])),
      told(4, 3, 0),
    ],
  )
  events('empty', 'a message without events', [encodeEvents(header, [])], [told(1, 0, 0, { events: [] })])
  events('torn', 'a log cut in the middle of a message', [heartbeat, two.slice(0, 70)], [told(2, 2, 0)], { rest: 70 })
  const cases: [name: string, description: string, at: number, value: number, reason: string][] = [
    ['bad-magic', 'another magic', 3, 0x32, 'magic'],
    ['bad-version', 'a version not known', 4, 3, 'version'],
    ['bad-crc', 'a flipped bit in an event', 50, 0x80, 'crc'],
    ['bad-count', 'more events than a message holds', 34, 1, 'length'],
  ]
  for (const [name, description, at, value, reason] of cases) {
    const broken = two.slice()
    broken[at] = (broken[at] as number) === value ? value ^ 1 : value
    events(name, description, [heartbeat, broken], [told(2, 2, 0)], { bad: [{ offset: 40, reason }] })
  }
  const toggle = {
    ...event({ t_ns: 123_456_789_200_000n, span_id: 0, inference_id: 0xffffffff, kind: 7, edge: 2, value: 1 }),
    ...{ device: 0xffff, model: 0xffff, segment: 0xffff, task: 0xffff, bracket_ns: 2345 },
  }
  events(
    'marker',
    'a toggle of the marker line between two events: version 2',
    [encodeEvents(header, [start, toggle, end])],
    [told(1, 0, 3, named([start, toggle, end]))],
  )
  const early = encodeMessage(
    'JSE1',
    1,
    header,
    1,
    Buffer.from(encodeEvents(header, [toggle]).slice(P.EVENT_HEADER_BYTES)),
    1,
  )
  events('marker-in-version-1', 'a marker event in a message of version 1', [heartbeat, early], [told(2, 2, 0)], {
    bad: [{ offset: 40, reason: 'body' }],
  })
  const noLevel = encodeEvents(header, [{ ...toggle, value: 2 }])
  events('marker-level', 'a marker event with a level that is none', [heartbeat, noLevel], [told(2, 2, 0)], {
    bad: [{ offset: 40, reason: 'body' }],
  })
  const oddKind = encodeEvents(header, [event({ kind: 9 })])
  events('bad-kind', 'a kind of event not known, with a right CRC', [heartbeat, oddKind], [told(2, 2, 0)], {
    bad: [{ offset: 40, reason: 'body' }],
  })
}

function event(fields: Partial<EventFields>): EventFields {
  return {
    t_ns: 1n,
    span_id: 17,
    inference_id: 4,
    kind: 2,
    edge: 0,
    device: 3,
    model: 0,
    segment: 3,
    task: 0,
    value: 0,
    ...fields,
  }
}

function powerVectors(): void {
  const header = { source_id: 1n, first_sequence: 10n, watermark_ns: 999n }
  const idle = power({ type: 0, kind: 6, duration_ns: 0, watts_start: 0.40625, watts_end: 0.40625, span_id: 0 })
  const phase = power({ t_ns: 1000n, duration_ns: 2_000_000, watts_start: 1.125, watts_end: 1.25 })
  const message = { message: 1, source_id: '0000000000000001', first_sequence: 10, watermark_ns: '999', count: 2 }
  const records = [idle, phase].map((r) => ({ ...r, t_ns: String(r.t_ns) }))
  write('power', 'idle-and-phase', [encodePowers(header, [idle, phase])], {
    description: 'an idle level and a phase',
    messages: [{ ...message, records }],
    bad: [],
    rest: 0,
  })
  const toggle = power({ t_ns: 1234n, duration_ns: 0, watts_start: 0, watts_end: 0, span_id: 0, type: 2, kind: 7 })
  const marker = { ...toggle, inference_id: 0xffffffff, device: 0xffff, model: 0xffff, segment: 1 }
  write('power', 'marker', [encodePowers(header, [phase, marker])], {
    description: 'a phase and a toggle of the marker line: version 2',
    messages: [{ ...message, records: [phase, marker].map((r) => ({ ...r, t_ns: String(r.t_ns) })) }],
    bad: [],
    rest: 0,
  })
}

function power(fields: Partial<PowerFields>): PowerFields {
  return {
    t_ns: 5n,
    duration_ns: 1000,
    watts_start: 0.5,
    watts_end: 0.5,
    span_id: 9,
    inference_id: 2,
    device: 1,
    model: 0,
    segment: 1,
    type: 1,
    kind: 2,
    ...fields,
  }
}

function write(folder: string, name: string, parts: Uint8Array[], expected: unknown): void {
  mkdirSync(new URL(`${folder}/`, root), { recursive: true })
  put(new URL(`${folder}/${name}.bin`, root), Buffer.concat(parts))
  put(new URL(`${folder}/${name}.json`, root), Buffer.from(`${JSON.stringify(expected, null, 1)}\n`))
}

function put(url: URL, content: Buffer): void {
  if (!process.argv.includes('--check')) writeFileSync(url, content)
  else if (!existsSync(url) || !readFileSync(url).equals(content)) {
    console.error(`${url.pathname} is stale: run \`npm run vectors\``)
    process.exitCode = 1
  }
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

function hex(values: number[]): string {
  return Buffer.from(values).toString('hex')
}
