import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PendingRecords } from '../../src/journal/pending-records.ts'

test('columns grow and are handed out in pieces of bounded payload, at least one record', () => {
  const pending = new PendingRecords()
  for (let i = 0; i < 1000; i++) pending.add(i, -i, 1 + (i % 9), i, new Uint8Array(300).fill(i))
  assert.equal([pending.count, pending.payloadBytes, pending.firstStampNs], [1000, 300_000, 0])
  assert.is(pending.peek(0).count, 1)
  assert.is(pending.peek(899).count, 2)
  const columns = pending.peek(900)
  assert.is(columns.count, 3)
  assert.equal([...columns.sequence], [0n, 1n, 2n])
  assert.equal([...columns.stampNs], [0n, -1n, -2n])
  assert.equal([...columns.payloadOffsets], [0, 300, 600, 900])
})

test('offsets start from 0 again when records are added behind a part that was taken', () => {
  const pending = new PendingRecords()
  for (let i = 0; i < 4; i++) pending.add(i, i, i + 1, i, Uint8Array.of(i, i))
  pending.drop(3)
  assert.equal([pending.count, pending.payloadBytes, pending.firstStampNs], [1, 2, 3])
  pending.add(4, 4, 5, 4, Uint8Array.of(4))
  const columns = pending.peek(100)
  assert.equal([...columns.payloadOffsets], [0, 2, 3])
  assert.equal([...columns.payload.subarray(0, 3)], [3, 3, 4])
  assert.equal(
    [[...columns.sequence], [...columns.kind], [...columns.crc]],
    [
      [3n, 4n],
      [4, 5],
      [3, 4],
    ],
  )
  pending.drop(2)
  assert.equal([pending.count, pending.payloadBytes, pending.firstStampNs], [0, 0, undefined])
})

test.run()
