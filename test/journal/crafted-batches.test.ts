// Batches that no crash and no flipped bit makes, but another program could.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Field, Float64, Schema, Table, tableToIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeBatch, encodeStreamStart, STREAM_END } from '../../src/journal/encode.ts'
import { FaultLog } from '../../src/journal/faults.ts'
import { FlatTable } from '../../src/journal/flatbuffer.ts'
import { PendingRecords, type RecordColumns } from '../../src/journal/pending-records.ts'
import { recordCrc } from '../../src/journal/record.ts'
import { JOURNAL_COLUMNS, journalSchema } from '../../src/journal/schema.ts'
import { SourceReader } from '../../src/journal/source-reader.ts'
import { IDENTITY, readInFileOrder, readMerged, withFolder } from './sample-journal.ts'

const PAYLOAD = Uint8Array.of(42)

test('a batch of another source is not taken for this one', () =>
  withFolder((folder) => {
    writeFile(folder, 0, [batchOf('other', [0, 1]), batchOf('serial', [0, 1])])
    const { records, faults } = readInFileOrder(folder)
    assert.equal(
      records.map((record) => [record.source, record.sequence]),
      [
        ['serial', 0],
        ['serial', 1],
      ],
    )
    assert.is(faults.damagedStretches, 1)
  }))

test('a stamp or sequence beyond 2^53 is a bad record, although its checksum is right', () =>
  withFolder((folder) => {
    const good = columnsOf([0, 1, 2])
    const tooLate = { ...good, stampNs: BigInt64Array.of(0n, 2n ** 60n, 2n), crc: good.crc.slice() }
    tooLate.crc[1] = crcOf(1n, 2n ** 60n)
    writeFile(folder, 0, [encodeBatch('serial', tooLate)])
    assert.equal(sequencesAndBad(folder), [[0, 2], 1])
    const tooMany = { ...good, sequence: BigUint64Array.of(0n, 1n, 2n ** 63n), crc: good.crc.slice() }
    tooMany.crc[2] = crcOf(2n ** 63n, 2n)
    writeFile(folder, 0, [encodeBatch('serial', tooMany)])
    assert.equal(sequencesAndBad(folder), [[0, 1], 1])
  }))

test('a batch whose columns are shorter than its rows is damage, not a crash', () =>
  withFolder((folder) => {
    const good = columnsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const short of [
      { crc: good.crc.slice(0, 2) },
      { kind: good.kind.slice(0, 2) },
      { sequence: good.sequence.slice(0, 2) },
      { stampNs: good.stampNs.slice(0, 2) },
    ]) {
      writeFile(folder, 0, [encodeBatch('serial', { ...good, ...short }), batchOf('serial', [10, 11])])
      const { records, faults } = readInFileOrder(folder)
      assert.equal([records.map((record) => record.sequence), faults.damagedStretches], [[10, 11], 1])
      assert.match(faults.places[0]?.detail as string, /a column of \d+ bytes instead of \d+/)
    }
  }))

test('payload offsets that run backwards or out of the batch make bad records', () =>
  withFolder((folder) => {
    const good = columnsOf([0, 1, 2, 3])
    const backwards = encodeBatch('serial', { ...good, payloadOffsets: Int32Array.of(0, 1, 4, 3, 4) })
    writeFile(folder, 0, [backwards])
    assert.equal(sequencesAndBad(folder), [[0, 3], 2])
    const outside = encodeBatch('serial', { ...good, payloadOffsets: Int32Array.of(0, 1, 2, 3, 400) })
    writeFile(folder, 0, [outside])
    assert.equal(sequencesAndBad(folder), [[0, 1, 2], 1])
  }))

test('what looks like a message within damage is not one', () =>
  withFolder((folder) => {
    const damaged = batchOf('serial', [0, 1]).slice()
    for (let at = 0; at + 8 <= damaged.length; at += 8) damaged.set([0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0], at)
    writeFile(folder, 0, [damaged, batchOf('serial', [2, 3])])
    const { records, faults } = readInFileOrder(folder)
    assert.equal([records.map((record) => record.sequence), faults.damagedStretches], [[2, 3], 1])
    assert.is(faults.bytesDropped, damaged.length)
  }))

test('a stream that calls itself a journal but has other columns is none', () =>
  withFolder((folder) => {
    const { metadata } = journalSchema('serial', IDENTITY)
    const fields = JOURNAL_COLUMNS.map((column) => new Field(column.name, column.type, false))
    fields[1] = new Field('stamp_ns', new Float64(), false)
    writeFileSync(join(folder, 'serial-00000.arrows'), tableToIPC(new Table(new Schema(fields, metadata)), 'stream'))
    assert.throws(
      () => readInFileOrder(folder),
      /expected a joulespan journal, saw the columns sequence uint64, stamp_ns type 3,/,
    )
  }))

test('metadata that counts more than it holds is refused before it is walked', () => {
  // Root at 8; its vtable at 0 has one field, a vector at 16 that counts 2^31 - 1.
  const view = new DataView(new ArrayBuffer(24))
  view.setUint16(4, 6, true)
  view.setUint16(6, 8, true)
  view.setUint16(8, 4, true)
  view.setUint32(0, 12, true)
  view.setInt32(12, 8, true)
  view.setUint32(16, 4, true)
  view.setUint32(20, 2 ** 31 - 1, true)
  const table = FlatTable.root(view)
  for (const read of [() => table.tables(0), () => table.int64Pairs(0), () => table.text(0)]) {
    assert.throws(
      read,
      (error: Error) => error instanceof RangeError && /counts 2147483647 elements/.test(error.message),
    )
  }
})

test('equal stamps far apart in the file keep the order of sequence at the very edge of the look-back', () =>
  withFolder((folder) => {
    const stamps = [0, 0, 10e9]
    const batches = [1, 2, 0].map((sequence) => batchOf('serial', [sequence], [stamps[sequence] as number]))
    writeFile(folder, 0, batches)
    assert.equal(
      readMerged(folder).records.map((record) => record.sequence),
      [0, 1, 2],
    )
  }))

test('what a writer adds to a file just before it starts the next is not missed', () =>
  withFolder((folder) => {
    const start = Buffer.concat([encodeStreamStart('serial', IDENTITY), batchOf('serial', [0])])
    writeFileSync(join(folder, 'serial-00000.arrows'), start)
    let listings = 0
    const reader = new SourceReader('serial', {
      faults: new FaultLog(),
      isFinal: false,
      checkIdentity: () => undefined,
      get folder() {
        if (++listings === 2) {
          writeFile(folder, 0, [batchOf('serial', [0]), batchOf('serial', [1])])
          writeFile(folder, 1, [batchOf('serial', [2])])
        }
        return folder
      },
    })
    const sequences = [0, 1, 2].map(() => reader.nextBatch()?.[0]?.sequence)
    assert.equal(sequences, [0, 1, 2])
    assert.is(reader.nextBatch(), undefined)
    reader.close()
  }))

test.run()

/** Columns of records with kind 1, one byte of payload and, unless told, the sequence as stamp. */
function columnsOf(sequences: number[], stampsNs = sequences): RecordColumns {
  const pending = new PendingRecords()
  sequences.forEach((sequence, i) => {
    const stampNs = stampsNs[i] as number
    pending.add(sequence, stampNs, 1, recordCrc(sequence, stampNs, 1, PAYLOAD), PAYLOAD)
  })
  return pending.peek(1e6)
}

function batchOf(source: string, sequences: number[], stampsNs = sequences): Uint8Array {
  return encodeBatch(source, columnsOf(sequences, stampsNs))
}

function writeFile(folder: string, number: number, batches: Uint8Array[]): void {
  const bytes = Buffer.concat([encodeStreamStart('serial', IDENTITY), ...batches, STREAM_END])
  writeFileSync(join(folder, `serial-0000${number}.arrows`), bytes)
}

function crcOf(sequence: bigint, stampNs: bigint): number {
  const head = Buffer.alloc(17)
  head.writeBigUInt64LE(sequence, 0)
  head.writeBigInt64LE(stampNs, 8)
  head.writeUInt8(1, 16)
  return crc32(Buffer.concat([head, PAYLOAD]))
}

function sequencesAndBad(folder: string): [number[], number] {
  const { records, faults } = readInFileOrder(folder)
  return [records.map((record) => record.sequence), faults.badRecords]
}
