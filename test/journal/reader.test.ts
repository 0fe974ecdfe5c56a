import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { encodeStreamStart, STREAM_END } from '../../src/journal/encode.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import type { JournalRecord } from '../../src/journal/record.ts'
import { seededRandom } from '../../src/units/random.ts'
import {
  type BatchExtent,
  batchExtents,
  IDENTITY,
  openWriter,
  plain,
  readInFileOrder,
  sampleRecords,
  withFolder,
  writeJournal,
  writeRecords,
} from './sample-journal.ts'

/** Rounds of the fuzz tests. */
const FUZZ_ROUNDS = Number(process.env.JOULESPAN_FUZZ ?? 300)
const BIT_FLIPS = 10_000

test('a cut at any byte of the last three batches leaves the whole batches before it', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 50, 21)
    await writeJournal(folder, records, 10)
    const extents = batchExtents(folder)
    const path = extents[0]?.path as string
    const size = readFileSync(path).length
    const fd = openSync(path, 'r+')
    for (let cut = size - 1; cut >= (extents[2]?.start as number); cut--) {
      ftruncateSync(fd, cut)
      const whole = extents.filter((extent) => extent.end <= cut)
      const { records: read, faults } = readInFileOrder(folder)
      assert.equal(
        read,
        whole.flatMap((extent) => extent.records),
        `cut at ${cut}`,
      )
      const torn = cut - (whole.at(-1)?.end as number)
      assert.equal(
        [faults.tornFiles, faults.bytesDropped, faults.badRecords, faults.gaps],
        [torn > 0 ? 1 : 0, torn, 0, 0],
      )
      if (torn > 0) assert.equal([faults.places[0]?.file, faults.places[0]?.offset], [path, cut - torn])
    }
    closeSync(fd)
  }))

test('a cut in the start of the stream leaves no record and counts its bytes', () =>
  withFolder(async (folder) => {
    await writeJournal(folder, sampleRecords('serial', 3, 22), 3)
    const path = join(folder, 'serial-00000.arrows')
    const start = batchExtents(folder)[0]?.start as number
    const fd = openSync(path, 'r+')
    for (let cut = start; cut >= 0; cut--) {
      ftruncateSync(fd, cut)
      const { records, faults } = readInFileOrder(folder)
      assert.equal([records.length, faults.bytesDropped], [0, cut === start ? 0 : cut])
    }
    closeSync(fd)
  }))

test('a tail of zeros, as a power loss leaves it, is dropped', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 20, 23)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    bytes.fill(0, batchExtents(folder)[1]?.start)
    writeFileSync(path, bytes)
    const read = readInFileOrder(folder)
    assert.equal(read.records, records.slice(0, 10))
    assert.is(read.faults.bytesDropped, bytes.length - (batchExtents(folder)[0]?.end as number))
    writeFileSync(path, bytes.fill(0))
    assert.equal(readInFileOrder(folder).faults.bytesDropped, bytes.length)
  }))

test(`no flipped bit of ${BIT_FLIPS} makes a wrong record, and every loss is counted`, () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 24, 24)
    await writeJournal(folder, records, 6, { fileBytesMax: 4800 })
    const extents = batchExtents(folder)
    const files = [...new Set(extents.map((extent) => extent.path))].map((path) => ({
      path,
      bytes: readFileSync(path),
    }))
    assert.is(files.length, 2)
    const random = seededRandom(25)
    const outcomes = { refused: 0, harmless: 0, 'bad record': 0, 'lost batch': 0 }
    for (let i = 0; i < BIT_FLIPS; i++) {
      const file = files[i % 2] as (typeof files)[number]
      const at = Math.floor(random() * file.bytes.length)
      const fd = openSync(file.path, 'r+')
      const byte = file.bytes[at] as number
      writeSync(fd, Uint8Array.of(byte ^ (1 << Math.floor(random() * 8))), 0, 1, at)
      outcomes[checkFlipped(folder, records, extents, file.path, at)]++
      writeSync(fd, Uint8Array.of(byte), 0, 1, at)
      closeSync(fd)
    }
    assert.equal(readInFileOrder(folder).records, records, 'all flips were undone')
    for (const [outcome, count] of Object.entries(outcomes)) assert.ok(count > 100, `${outcome}: ${count}`)
  }))

test('records missing between whole batches are counted as gaps', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 50, 26)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    const extents = batchExtents(folder)
    const without = (lost: number[]): Buffer =>
      Buffer.concat([
        bytes.subarray(0, extents[0]?.start),
        ...extents.filter((_, i) => !lost.includes(i)).map((extent) => bytes.subarray(extent.start, extent.end)),
        STREAM_END,
      ])
    for (const [lost, gaps] of [
      [[0], 1],
      [[1, 2], 1],
      [[0, 2], 2],
      [[4], 0],
    ] as const) {
      writeFileSync(path, without([...lost]))
      const { faults } = readInFileOrder(folder)
      assert.equal(
        [faults.gaps, faults.recordsMissing],
        [gaps, lost[0] === 4 ? 0 : 10 * lost.length],
        `batches ${lost} lost`,
      )
    }
  }))

test('a batch that stands there twice is read once', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 20, 27)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    const [first] = batchExtents(folder) as [BatchExtent]
    writeFileSync(path, Buffer.concat([bytes.subarray(0, first.end), bytes.subarray(first.start)]))
    const read = readInFileOrder(folder)
    assert.equal(read.records, records)
    assert.is(read.faults.duplicateRecords, 10)
  }))

test('what is no journal of this run gives one clear error', () =>
  withFolder(async (folder) => {
    await writeJournal(folder, sampleRecords('serial', 20, 28), 10)
    const good = readFileSync(join(folder, 'serial-00000.arrows'))
    const version2 = Buffer.from(good)
    const versionAt = version2.indexOf('joulespan.journal')
    version2[version2.lastIndexOf('1', versionAt)] = '2'.charCodeAt(0)
    const cases: [string, Uint8Array, RegExp][] = [
      [
        'x-00000.arrows',
        Buffer.from('sequence,stamp_ns\n1,2\n'),
        /expected a joulespan journal, saw no Arrow stream in .*x-00000/,
      ],
      ['x-00000.arrows', tableToIPC(tableFromArrays({ a: [1] }), 'file'), /saw no Arrow stream/],
      [
        'x-00000.arrows',
        tableToIPC(tableFromArrays({ a: [1] })),
        /saw a stream without 'joulespan.journal' in its schema/,
      ],
      ['x-00000.arrows', good, /expected source 'x' as in the file name, saw 'serial'/],
      [
        'serial-00001.arrows',
        encodeStreamStart('serial', { ...IDENTITY, runId: 'other' }),
        /expected run_id 2026\S+, saw other in/,
      ],
      [
        'serial-00001.arrows',
        encodeStreamStart('serial', { ...IDENTITY, originUtcNs: 1n }),
        /expected origin_utc_ns 17\d+, saw 1 in/,
      ],
      ['serial.arrows', good, /expected journal files named <source>-<number>.arrows, saw "serial.arrows"/],
      ['serial-000001.arrows', good, /saw "serial-000001.arrows"/],
    ]
    for (const [name, bytes, pattern] of cases) {
      const mixed = join(folder, String(Math.random()))
      mkdirSync(mixed)
      writeFileSync(join(mixed, 'serial-00000.arrows'), good)
      writeFileSync(join(mixed, name), bytes)
      assert.throws(() => readInFileOrder(mixed), isJournalError(pattern))
    }
    assert.throws(() => readInFileOrder(folder, { runId: 'mine' }), isJournalError(/expected run_id mine, saw 2026/))
    assert.throws(
      () => new JournalReader(join(folder, 'absent')),
      isJournalError(/expected a journal folder at .*ENOENT/),
    )
  }))

test('another version of the journal is refused by its number', () =>
  withFolder(async (folder) => {
    const start = Buffer.from(encodeStreamStart('serial', IDENTITY))
    const key = start.indexOf('joulespan.journal')
    const value = [...start.keys()].find(
      (i) => start.readUInt32LE(i) === 1 && start.toString('latin1', i + 4, i + 6) === '1\0',
    )
    assert.ok(key > 0 && value !== undefined)
    start[(value as number) + 4] = '7'.charCodeAt(0)
    writeFileSync(join(folder, 'serial-00000.arrows'), start)
    assert.throws(() => readInFileOrder(folder), isJournalError(/expected journal version 1, saw 7 in .*serial-00000/))
  }))

test('a folder without journal files is an empty journal', () =>
  withFolder((folder) => {
    writeFileSync(join(folder, 'notes.txt'), 'not looked at')
    const journal = new JournalReader(folder)
    assert.equal([journal.identity(), journal.sources().length], [undefined, 0])
  }))

test('a live journal is read to its end again and again', () =>
  withFolder(async (folder) => {
    const live = new JournalReader(folder, { follow: true })
    const records = sampleRecords('serial', 400, 29)
    const writer = openWriter(folder, 'serial', { fileBytesMax: 9000 })
    const read: JournalRecord[] = []
    for (let i = 0; i < records.length; i += 8) {
      writeRecords(writer, records.slice(i, i + 8), 8)
      if (i % 24 === 0) read.push(...readOn(live))
      if (i === 0) assert.is(read.length, 8)
      if (i === 0) assert.equal(live.identity(), IDENTITY)
    }
    await writer.close()
    read.push(...readOn(live))
    const restarted = openWriter(folder, 'serial')
    const more = sampleRecords('serial', 410, 29).slice(400)
    writeRecords(restarted, more, 5)
    read.push(...readOn(live))
    assert.equal(read, [...records, ...more])
    assert.is(live.faults().bytesDropped, 0)
    await restarted.abandon()
    live.close()
  }))

test('a live journal may show any part of a batch at any moment', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 120, 30)
    const written = join(folder, 'written')
    const shown = join(folder, 'shown')
    mkdirSync(shown)
    await writeJournal(written, records, 10, { fileBytesMax: 6000 })
    const live = new JournalReader(shown, { follow: true })
    const random = seededRandom(31)
    const read: JournalRecord[] = []
    for (const name of [...new Set(batchExtents(written).map((extent) => extent.path.slice(written.length + 1)))]) {
      const bytes = readFileSync(join(written, name))
      for (let at = 0; at < bytes.length; ) {
        const end = Math.min(bytes.length, at + 1 + Math.floor(random() ** 3 * 900))
        appendFileSync(join(shown, name), bytes.subarray(at, end))
        at = end
        read.push(...readOn(live))
        assert.equal([live.faults().bytesDropped, live.faults().gaps], [0, 0])
      }
    }
    assert.equal(read, records)
    live.close()
  }))

test('settle() makes the unfinished end of a live journal final', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 20, 32)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const cut = (batchExtents(folder)[1]?.end as number) - 3
    writeFileSync(path, readFileSync(path).subarray(0, cut))
    const live = new JournalReader(folder, { follow: true })
    assert.equal(readOn(live), records.slice(0, 10))
    assert.is(live.faults().tornFiles, 0)
    live.settle()
    assert.equal(readOn(live), [])
    assert.equal(readOn(live), [])
    assert.equal(
      [live.faults().tornFiles, live.faults().bytesDropped],
      [1, cut - (batchExtents(folder)[0]?.end as number)],
    )
    live.close()
  }))

test('damage in a live file costs its batch once whole batches stand behind it', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 30, 33)
    await writeJournal(folder, records, 10)
    const path = join(folder, 'serial-00000.arrows')
    const bytes = readFileSync(path)
    const extents = batchExtents(folder)
    bytes.fill(0x55, extents[1]?.start, (extents[1]?.start as number) + 40)
    writeFileSync(path, bytes.subarray(0, extents[1]?.end))
    const live = new JournalReader(folder, { follow: true })
    assert.equal(readOn(live), records.slice(0, 10))
    assert.is(live.faults().bytesDropped, 0, 'not yet: it could be a write in progress')
    appendFileSync(path, bytes.subarray(extents[1]?.end))
    assert.equal(readOn(live), records.slice(20))
    assert.equal([live.faults().damagedStretches, live.faults().recordsMissing], [1, 10])
    live.close()
  }))

test('memory holds one batch per source, not the run', () =>
  withFolder(async (folder) => {
    await writeJournal(folder, sampleRecords('serial', 3000, 34), 10)
    const journal = new JournalReader(folder)
    const [source] = journal.sources()
    let largest = 0
    for (let batch = source?.nextBatch(); batch !== undefined; batch = source?.nextBatch()) {
      largest = Math.max(largest, ...batch.map((record) => record.payload.buffer.byteLength))
    }
    assert.ok(largest < 4000, `the payloads of a batch share ${largest} bytes`)
    journal.close()
  }))

test(`random bytes as files, ${FUZZ_ROUNDS} rounds`, () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 40, 35)
    const originals = new Map(records.map((record) => [record.sequence, record]))
    await writeJournal(join(folder, 'good'), records, 8)
    const good = readFileSync(join(folder, 'good', 'serial-00000.arrows'))
    const fuzzed = join(folder, 'fuzzed')
    mkdirSync(fuzzed)
    const random = seededRandom(36)
    const outcomes = { refused: 0, read: 0, kept: 0 }
    for (let round = 0; round < FUZZ_ROUNDS; round++) {
      const bytes = mangled(good, round % 4, random)
      writeFileSync(join(fuzzed, 'serial-00000.arrows'), bytes)
      try {
        const read = readInFileOrder(fuzzed)
        for (const record of read.records) assert.equal(record, originals.get(record.sequence), `round ${round}`)
        outcomes.read++
        if (read.records.length > 0) outcomes.kept++
      } catch (error) {
        assert.ok(isJournalError(/expected/)(error), `round ${round}: ${error}`)
        outcomes.refused++
      }
    }
    for (const [outcome, count] of Object.entries(outcomes)) assert.ok(count > 0, outcome)
  }))

test('a copy under another number is another file of the source', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 10, 37)
    await writeJournal(folder, records, 10)
    copyFileSync(join(folder, 'serial-00000.arrows'), join(folder, 'serial-00007.arrows'))
    const read = readInFileOrder(folder)
    assert.equal([read.records.length, read.faults.duplicateRecords], [10, 10])
  }))

test.run()

/** What one flipped bit at byte `at` of a file did; asserts that it did nothing else. */
function checkFlipped(
  folder: string,
  records: readonly JournalRecord[],
  extents: readonly BatchExtent[],
  path: string,
  at: number,
): 'refused' | 'harmless' | 'bad record' | 'lost batch' {
  const where = `bit flipped in byte ${at} of ${path}`
  const hit = extents.find((extent) => extent.path === path && extent.start <= at && at < extent.end)
  let read: ReturnType<typeof readInFileOrder>
  try {
    read = readInFileOrder(folder, { runId: IDENTITY.runId })
  } catch (error) {
    assert.ok(isJournalError(/expected/)(error), `${where}: ${error}`)
    assert.is(hit, undefined, `${where} is in a batch, the file must stay readable`)
    return 'refused'
  }
  const { faults } = read
  const kept = new Set(read.records.map((record) => record.sequence))
  assert.equal(
    read.records,
    records.filter((record) => kept.has(record.sequence)),
    where,
  )
  const lost = records.length - kept.size
  const lostAtEnd = records.length - 1 - (read.records.at(-1)?.sequence ?? -1)
  assert.is(faults.recordsMissing + lostAtEnd, lost, where)
  if (hit !== undefined && faults.bytesDropped > 0) {
    // A damaged last batch is a torn tail together with the end of the stream behind it.
    const bytes = hit.end - hit.start + faults.tornFiles * STREAM_END.length
    assert.equal([lost, faults.bytesDropped, faults.badRecords], [hit.records.length, bytes, 0], where)
    return 'lost batch'
  }
  if (hit === undefined) {
    assert.ok(lost === 0 || faults.bytesDropped > 0, where)
    return lost === 0 ? 'harmless' : 'refused'
  }
  assert.is(faults.badRecords, lost, where)
  return lost === 0 ? 'harmless' : 'bad record'
}

/** 0: noise; 1: noise behind a good start; 2: a stretch overwritten by noise; 3: pieces in a wrong order. */
function mangled(good: Buffer, how: number, random: () => number): Buffer {
  const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => random() * 256))
  const at = Math.floor(random() * good.length)
  const length = Math.floor(random() * 400)
  if (how === 0) return noise(length)
  if (how === 1) return Buffer.concat([good.subarray(0, at), noise(length)])
  if (how === 2) return Buffer.concat([good.subarray(0, at), noise(length), good.subarray(at + length)])
  return Buffer.concat([good.subarray(0, at), good.subarray(Math.floor(random() * at)), good.subarray(at)])
}

function readOn(journal: JournalReader): JournalRecord[] {
  const records: JournalRecord[] = []
  for (const source of journal.sources()) {
    for (let batch = source.nextBatch(); batch !== undefined; batch = source.nextBatch())
      records.push(...batch.map(plain))
  }
  return records
}

function isJournalError(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof JoulespanError && error.code === 'journal' && pattern.test(error.message)
}
