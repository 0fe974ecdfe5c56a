import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type BadBytes, Deframer } from '../../src/framing/deframer.ts'
import type { Frame } from '../../src/framing/frame.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs } from '../../src/units/units.ts'
import { encodeSample, type SampleFields } from '../support/encode-frame.ts'

const vectors = new URL('../../protocol/vectors/frame/', import.meta.url)

for (const file of readdirSync(vectors).filter((name) => name.endsWith('.bin'))) {
  test(`vector ${file}`, () => {
    const bytes = readFileSync(new URL(file, vectors))
    const expected = JSON.parse(readFileSync(new URL(file.replace('.bin', '.json'), vectors), 'utf8'))
    const { frames, bad, rest } = deframe([bytes])
    assert.equal(frames.map(asVector), expected.frames.map(withoutBody))
    assert.equal(bad, expected.bad)
    assert.is(rest, expected.rest)
  })
}

test('the same bytes cut anywhere give the same frames and the same refusals', () => {
  const bytes = Buffer.concat(
    ['garbage-before', 'flipped-bit', 'length-grown', 'body-rule'].map((name) =>
      readFileSync(new URL(`${name}.bin`, vectors)),
    ),
  )
  const whole = deframe([bytes])
  for (let cut = 1; cut < bytes.length; cut++) {
    const parts = deframe([bytes.subarray(0, cut), bytes.subarray(cut)])
    assert.equal(parts.frames.map(asVector), whole.frames.map(asVector), `cut at ${cut}`)
    assert.equal(parts.bad, whole.bad, `cut at ${cut}`)
  }
  assert.equal(deframe([...bytes].map((byte) => Uint8Array.of(byte))).frames.map(asVector), whole.frames.map(asVector))
})

test('any single flipped, lost or inserted byte loses at most one frame and is counted', () => {
  const stream = Buffer.concat([0, 1, 2, 3].map((sequence) => encodeSample(sampleFields(sequence))))
  const random = seededRandom(1)
  for (let at = 0; at < stream.length; at++) {
    const flipped = Buffer.from(stream)
    flipped[at] = (flipped[at] as number) ^ (1 << Math.floor(random() * 8))
    const lost = Buffer.concat([stream.subarray(0, at), stream.subarray(at + 1)])
    const noise = Buffer.of(Math.floor(random() * 256))
    const inserted = Buffer.concat([stream.subarray(0, at), noise, stream.subarray(at)])
    for (const [fault, bytes] of Object.entries({ flipped, lost, inserted })) {
      const deframer = new Deframer()
      // a whole frame behind, so that a damaged last frame is refused rather than waited for
      const frames = [...deframer.push(bytes, hostNs(0)), ...deframer.push(encodeSample(sampleFields(4)), hostNs(1))]
      frames.push(...deframer.push(encodeSample(sampleFields(5)), hostNs(2)))
      const sequences = frames.map((frame) => frame.sequence)
      const kept = sequences.filter((sequence) => sequence < 4).length
      assert.ok(kept >= 3, `${fault} byte at ${at} left ${sequences}`)
      const refused = Object.values(deframer.counts.bad).reduce((sum, n) => sum + n, 0)
      if (kept < 4 || fault === 'inserted') assert.ok(refused > 0, `${fault} byte at ${at} was not counted`)
    }
  }
})

test('random and mutated bytes: no crash, no frame that was not sent', () => {
  const rounds = Number(process.env.JOULESPAN_FUZZ ?? 20_000)
  const random = seededRandom(2)
  const frame = encodeSample(sampleFields(1))
  const deframer = new Deframer()
  let accepted = 0
  for (let round = 0; round < rounds; round++) {
    const bytes = random() < 0.5 ? mutate(frame, random) : randomBytes(Math.floor(random() * 40), random)
    for (const answer of deframer.push(bytes, hostNs(round)))
      if (answer.kind !== 1 || !sameCounts(answer.counts, sampleFields(1).counts)) accepted++
    assert.ok(deframer.pending <= 250)
  }
  // a CRC of 16 bits lets a wrong frame pass about once in 65536 candidates
  assert.ok(accepted <= 2 + rounds / 20_000, `${accepted} wrong frames in ${rounds} rounds`)
})

function deframe(parts: Uint8Array[]): { frames: Frame[]; bad: BadBytes[]; rest: number } {
  const deframer = new Deframer()
  const bad: BadBytes[] = []
  const frames = parts.flatMap((part) => deframer.push(part, hostNs(5), (b) => bad.push(b)))
  return { frames, bad, rest: deframer.pending }
}

function asVector(frame: Frame): object {
  const header = { kind: frame.kind, boot_id: frame.bootId, sequence: frame.sequence }
  if (frame.kind !== 1) return header
  return {
    ...header,
    first_index: frame.firstIndex,
    tick: frame.tick,
    tx_tick: frame.txTick,
    mode: frame.mode,
    channels: frame.channels,
    flags: frame.flags,
    marker_edges: frame.markerEdges,
    marker_offset: frame.markerOffset,
    counts: [...frame.counts],
    pings: frame.pings.map((p) => ({ id: p.id, rx_tick: p.rxTick })),
  }
}

function withoutBody(frame: Record<string, unknown>): object {
  const { body: _, ...rest } = frame
  return Object.fromEntries(ORDER.filter((key) => key in rest).map((key) => [key, rest[key]]))
}

const ORDER = [
  'kind',
  'boot_id',
  'sequence',
  'first_index',
  'tick',
  'tx_tick',
  'mode',
  'channels',
  'flags',
  'marker_edges',
  'marker_offset',
  'counts',
  'pings',
]

function sampleFields(sequence: number): SampleFields {
  return {
    boot_id: 1,
    sequence,
    first_index: sequence * 128,
    tick: sequence * 128 * 52,
    tx_tick: 0,
    mode: 1,
    channels: 1,
    flags: 0,
    marker_edges: 0,
    marker_offset: 255,
    counts: Array.from({ length: 128 }, (_, i) => (i * 7 + 512) % 1024),
    pings: [],
  }
}

function sameCounts(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => value === b[i])
}

function mutate(frame: Uint8Array, random: () => number): Uint8Array {
  const bytes = Uint8Array.from(frame)
  for (let n = 1 + Math.floor(random() * 4); n > 0; n--)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return bytes.subarray(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length)
}

function randomBytes(length: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256))
}

test.run()
