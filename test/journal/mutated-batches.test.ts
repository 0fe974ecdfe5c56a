// The batch decoder against bytes that are not what a writer wrote. JOULESPAN_FUZZ sets the number of rounds.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readBatchLayout } from '../../src/journal/batch-layout.ts'
import { decodeBatch } from '../../src/journal/decode.ts'
import { encodeBatch } from '../../src/journal/encode.ts'
import { PendingRecords } from '../../src/journal/pending-records.ts'
import { type JournalRecord, recordCrc } from '../../src/journal/record.ts'
import { seededRandom } from '../../src/units/random.ts'
import { sampleRecords } from './sample-journal.ts'

const ROUNDS = Number(process.env.JOULESPAN_FUZZ ?? 100_000)

test(`mutated and random batches, ${ROUNDS} rounds: refused or read, and every record read is one that was written`, () => {
  const random = seededRandom(38)
  const records = sampleRecords('serial', 6, 39)
  const good = message(records)
  const known = new Set(records.map(keyOf))
  const outcomes = { refused: 0, damaged: 0, whole: 0 }
  const bytes = new Uint8Array(good.length)
  for (let round = 0; round < ROUNDS; round++) {
    bytes.set(good)
    mutate(bytes, random)
    const read = decode(bytes)
    if (read === undefined) outcomes.refused++
    else if (read.bad > 0) outcomes.damaged++
    else outcomes.whole++
    for (const record of read?.records ?? [])
      assert.ok(known.has(keyOf(record)), `round ${round}: a record nobody wrote`)
  }
  for (const [outcome, count] of Object.entries(outcomes)) assert.ok(count > 0, outcome)
})

/** Undefined when the message is refused; anything but a RangeError is a defect. */
function decode(bytes: Uint8Array): { records: readonly JournalRecord[]; bad: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const metadataBytes = view.getInt32(4, true)
    const layout = readBatchLayout(new DataView(bytes.buffer, 8, metadataBytes))
    const body = bytes.subarray(8 + metadataBytes, 8 + metadataBytes + layout.bodyBytes)
    if (body.length < layout.bodyBytes) return undefined
    const { records, bad } = decodeBatch(body, layout, 'serial')
    return { records, bad: bad.length }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function mutate(bytes: Uint8Array, random: () => number): void {
  const at = Math.floor(random() * bytes.length)
  const stretch = random() < 0.1 ? Math.floor(random() * 200) : 1
  for (let i = at; i < Math.min(bytes.length, at + stretch); i++)
    bytes[i] = stretch === 1 ? (bytes[i] as number) ^ (1 << Math.floor(random() * 8)) : Math.floor(random() * 256)
}

function message(records: readonly JournalRecord[]): Uint8Array {
  const pending = new PendingRecords()
  for (const { kind, stampNs, payload, sequence } of records)
    pending.add(sequence, stampNs, kind, recordCrc(sequence, stampNs, kind, payload), payload)
  return Uint8Array.from(encodeBatch('serial', pending.peek(1e6)))
}

function keyOf({ sequence, stampNs, kind, payload }: JournalRecord): string {
  return `${sequence} ${stampNs} ${kind} ${Buffer.from(payload).toString('latin1')}`
}

test.run()
