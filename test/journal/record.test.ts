import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareRecords, type JournalRecord, recordCrc } from '../../src/journal/record.ts'
import { hostNs } from '../../src/units/units.ts'

/** CRC-32 bit by bit (reflected polynomial 0xEDB88320), written apart from zlib. */
function bitwiseCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

function checkedBytes(sequence: bigint, stampNs: bigint, kind: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(17)
  head.writeBigUInt64LE(sequence, 0)
  head.writeBigInt64LE(stampNs, 8)
  head.writeUInt8(kind, 16)
  return Buffer.concat([head, payload])
}

test('the bitwise crc is the zlib one', () => {
  assert.is(bitwiseCrc(Buffer.from('123456789')), 0xcbf43926)
})

test('crc32 covers sequence, stamp, kind and payload in this order', () => {
  const stamps = [0, 1, -1, -4294967296, -4294967297, 4294967295, 4294967296, 2 ** 53 - 1, -(2 ** 53 - 1)]
  const payload = Uint8Array.of(1, 2, 255)
  for (const stampNs of stamps) {
    const expected = bitwiseCrc(checkedBytes(4294967301n, BigInt(stampNs), 10, payload))
    assert.is(recordCrc(4294967301, stampNs, 10, payload), expected, `stamp ${stampNs}`)
  }
  for (const length of [1023, 1024, 1025, 9000]) {
    const long = new Uint8Array(length).fill(length)
    assert.is(recordCrc(7, 8, 9, long), bitwiseCrc(checkedBytes(7n, 8n, 9, long)), `${length} bytes of payload`)
  }
  assert.is(recordCrc(0, 0, 1, new Uint8Array(0)), bitwiseCrc(checkedBytes(0n, 0n, 1, new Uint8Array(0))))
})

test('the order of the run is stamp, source, sequence', () => {
  const at = (stampNs: number, source: string, sequence: number): JournalRecord => ({
    sequence,
    stampNs: hostNs(stampNs),
    kind: 1,
    source,
    payload: new Uint8Array(0),
  })
  const ordered = [
    at(-1, 'b', 9),
    at(5, 'Z', 0),
    at(5, 'a', 3),
    at(5, 'a', 4),
    at(5, 'a-1', 0),
    at(5, 'b', 0),
    at(6, 'a', 1),
  ]
  assert.equal([...ordered].reverse().sort(compareRecords), ordered)
})

test.run()
