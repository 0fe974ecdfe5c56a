import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeStreamStart } from '../../src/journal/encode.ts'
import { recoverJournal } from '../../src/journal/recover.ts'
import {
  batchExtents,
  IDENTITY,
  openWriter,
  readInFileOrder,
  sampleRecords,
  withFolder,
  writeJournal,
  writeRecords,
} from './sample-journal.ts'

test('a whole journal is left as it is', () =>
  withFolder(async (folder) => {
    const records = [...sampleRecords('a', 30, 51), ...sampleRecords('b', 60, 52)]
    await writeJournal(folder, records, 10, { fileBytesMax: 5000 })
    const before = snapshot(folder)
    const recovery = recoverJournal(folder)
    assert.equal(snapshot(folder), before)
    assert.ok(recovery.files.length > 3)
    assert.ok(recovery.files.every((file) => file.repair === 'none' && file.bytesCut === 0))
    assert.equal([recovery.torn, recovery.recordsKept, recovery.bytesDropped, recovery.disorderNs], [0, 90, 0, 0])
    assert.is(recovery.lastStampNs, Math.max(...records.map((record) => record.stampNs)))
  }))

test('torn tails are cut off and streams are ended, wherever the crash was; again changes nothing', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 30, 53)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    const extents = batchExtents(folder)
    const start = extents[0]?.start as number
    for (let cut = start; cut < bytes.length; cut += cut > bytes.length - 30 ? 1 : 17) {
      writeFileSync(path, bytes.subarray(0, cut))
      const whole = extents.filter((extent) => extent.end <= cut)
      const end = whole.at(-1)?.end ?? start
      const recovery = recoverJournal(folder)
      assert.equal(recovery.files, [
        { path, source: 'serial', records: 10 * whole.length, bytesCut: cut - end, repair: 'ended' },
      ])
      assert.equal([recovery.torn, recovery.bytesDropped], [cut === end ? 0 : 1, cut - end], `cut at ${cut}`)
      assert.is(recovery.lastStampNs, records[10 * whole.length - 1]?.stampNs)
      const repaired = readFileSync(path)
      assert.is(repaired.length, end + 8)
      assert.is(tableFromIPC(repaired).numRows, 10 * whole.length)

      const again = recoverJournal(folder)
      assert.equal(readFileSync(path), repaired)
      assert.equal([again.files[0]?.repair, again.torn, again.bytesDropped], ['none', 0, 0])
    }
  }))

test('a file torn in its very start becomes an empty stream when another file tells the run', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 30, 54)
    await writeJournal(folder, records, 10)
    const start = encodeStreamStart('serial', IDENTITY)
    for (const size of [0, 1, 7, 500, start.length - 1]) {
      const torn = join(folder, 'serial-00001.arrows')
      writeFileSync(torn, start.subarray(0, size))
      const recovery = recoverJournal(folder)
      assert.equal(
        recovery.files.map((file) => [file.repair, file.bytesCut]),
        [
          ['none', 0],
          ['restarted', size],
        ],
      )
      const repaired = readFileSync(torn)
      assert.is(tableFromIPC(repaired).numRows, 0)
      assert.equal(recoverJournal(folder).files[1]?.repair, 'none')
      assert.equal(readFileSync(torn), repaired)
    }
    assert.equal(readInFileOrder(folder).records, records)
  }))

test('a lone file torn in its very start stays as it is and is told', () =>
  withFolder((folder) => {
    const path = join(folder, 'serial-00000.arrows')
    writeFileSync(path, encodeStreamStart('serial', IDENTITY).subarray(0, 100))
    for (let i = 0; i < 2; i++) {
      const recovery = recoverJournal(folder)
      assert.equal([recovery.files[0]?.repair, recovery.torn, recovery.bytesDropped], ['impossible', 1, 100])
      assert.is(recovery.lastStampNs, undefined)
      assert.is(statSync(path).size, 100)
    }
  }))

test('batches behind a damaged one are kept', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 40, 55)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    const extents = batchExtents(folder)
    bytes.fill(0, extents[1]?.start, (extents[1]?.start as number) + 100)
    writeFileSync(path, bytes.subarray(0, bytes.length - 20))
    const damaged = (extents[1]?.end as number) - (extents[1]?.start as number)
    const torn = bytes.length - 20 - (extents[2]?.end as number)
    const recovery = recoverJournal(folder)
    assert.equal([recovery.recordsKept, recovery.bytesDropped, recovery.torn], [20, damaged + torn, 1])
    assert.is(recovery.files[0]?.bytesCut, torn)
    assert.equal(readInFileOrder(folder).records, [...records.slice(0, 10), ...records.slice(20, 30)])
    const before = snapshot(folder)
    assert.equal([recoverJournal(folder).recordsKept, recoverJournal(folder).bytesDropped], [20, damaged])
    assert.equal(snapshot(folder), before)
  }))

test('bytes behind the end of a stream are cut off', () =>
  withFolder(async (folder) => {
    await writeJournal(folder, sampleRecords('serial', 10, 56), 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(33, 7)]))
    assert.equal(recoverJournal(folder).files[0]?.bytesCut, 33)
    assert.equal(readFileSync(path), bytes)
  }))

test('a recovered source goes on', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 40, 57)
    const writer = openWriter(folder, 'serial')
    writeRecords(writer, records.slice(0, 25), 10)
    writer.append(1, (records[25] as (typeof records)[number]).stampNs, Uint8Array.of(1))
    await writer.abandon()
    recoverJournal(folder)
    const resumed = openWriter(folder, 'serial')
    assert.is(resumed.nextSequence, 25)
    writeRecords(resumed, records.slice(25), 10)
    await resumed.close()
    const read = readInFileOrder(folder)
    assert.equal(read.records, records)
    assert.is(read.faults.gaps, 0)
  }))

test('an empty folder has nothing to recover', () =>
  withFolder((folder) => {
    mkdirSync(join(folder, 'journal'))
    const recovery = recoverJournal(join(folder, 'journal'))
    assert.equal([recovery.files.length, recovery.recordsKept, recovery.lastStampNs], [0, 0, undefined])
  }))

test.run()

function snapshot(folder: string): [string, string][] {
  return readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString('hex')])
}
