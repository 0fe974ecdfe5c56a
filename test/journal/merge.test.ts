import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { encodeStreamStart, STREAM_END } from '../../src/journal/encode.ts'
import { JournalMerge } from '../../src/journal/merge.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { compareRecords, type JournalRecord } from '../../src/journal/record.ts'
import { recoverJournal } from '../../src/journal/recover.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs } from '../../src/units/units.ts'
import {
  batchExtents,
  IDENTITY,
  openWriter,
  plain,
  readMerged,
  sampleRecords,
  withFolder,
  writeJournal,
} from './sample-journal.ts'

const SOURCES = ['clock', 'runner-1', 'runner-2', 'serial']

function sampleRun(perSource: number, seed: number): JournalRecord[] {
  return SOURCES.flatMap((source, i) => sampleRecords(source, perSource, seed + i))
}

test('sources are merged by stamp, source and sequence', () =>
  withFolder(async (folder) => {
    const records = sampleRun(300, 41)
    await writeJournal(folder, records, 20, { fileBytesMax: 20000 })
    assert.equal(readMerged(folder).records, [...records].sort(compareRecords))
  }))

test('equal stamps keep the order of source and sequence', () =>
  withFolder(async (folder) => {
    const records = sampleRun(50, 42).map((record) => ({
      ...record,
      stampNs: hostNs(Math.floor(record.sequence / 10)),
    }))
    await writeJournal(folder, records, 7)
    assert.equal(readMerged(folder).records, [...records].sort(compareRecords))
  }))

test('records appended out of order within a source are put in order', () =>
  withFolder(async (folder) => {
    const random = seededRandom(43)
    const records = sampleRun(300, 43).map((record) => ({
      ...record,
      stampNs: hostNs(record.stampNs - Math.floor(random() * 9e6)),
    }))
    assert.not.equal(
      records.filter((record) => record.source === 'serial'),
      records.filter((record) => record.source === 'serial').sort(compareRecords),
    )
    await writeJournal(folder, records, 20)
    assert.equal(readMerged(folder).records, [...records].sort(compareRecords))
  }))

test('batches shuffled within and across files give the same run', () =>
  withFolder(async (folder) => {
    const records = sampleRun(300, 44)
    const ordered = join(folder, 'ordered')
    await writeJournal(ordered, records, 12, { fileBytesMax: 15000 })
    for (let seed = 0; seed < 10; seed++) {
      const shuffled = join(folder, `shuffled-${seed}`)
      shuffleBatches(ordered, shuffled, seededRandom(seed))
      assert.not.equal(
        batchExtents(shuffled).map((extent) => extent.records[0]?.sequence),
        batchExtents(ordered).map((extent) => extent.records[0]?.sequence),
      )
      const merged = readMerged(shuffled)
      assert.equal(merged.records, [...records].sort(compareRecords))
      assert.equal([merged.faults.gaps, merged.faults.duplicateRecords, merged.faults.bytesDropped], [0, 0, 0])
    }
  }))

test('disorder beyond the look-back is an error; recover tells the look-back that reads it', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    for (const stamp_s of [0, 1, 30, 20, 19.5, 40]) {
      writer.append(1, hostNs(stamp_s * 1e9), Uint8Array.of(stamp_s))
      writer.flush()
    }
    await writer.close()
    const { disorderNs } = recoverJournal(folder)
    assert.is(disorderNs, 10.5e9)
    assert.throws(
      () => readMerged(folder),
      (error: JoulespanError) =>
        error.code === 'journal' &&
        /at most 10000000000 ns out of order, saw record 4 of serial 10500000000 ns behind/.test(error.message),
    )
    const journal = new JournalReader(folder)
    const merged = [...new JournalMerge(journal, { lookBackNs: disorderNs }).take()]
    assert.equal(
      merged.map((record) => record.stampNs / 1e9),
      [0, 1, 19.5, 20, 30, 40],
    )
    journal.close()
  }))

test('a record exactly at the edge of the look-back still finds its place', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    for (const stampNs of [50, 100, 150, 50, 51]) {
      writer.append(1, hostNs(stampNs), Uint8Array.of(1))
      writer.flush()
    }
    await writer.close()
    const journal = new JournalReader(folder)
    const merged = [...new JournalMerge(journal, { lookBackNs: 100 }).take()]
    assert.equal(
      merged.map((record) => [record.stampNs, record.sequence]),
      [
        [50, 0],
        [50, 3],
        [51, 4],
        [100, 1],
        [150, 2],
      ],
    )
    journal.close()
  }))

test('memory holds the look-back, not the run', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    for (let i = 0; i < 5000; i++) {
      writer.append(1, hostNs(i * 1e6), Uint8Array.of(1))
      if (i % 10 === 9) writer.flush()
    }
    await writer.close()
    const journal = new JournalReader(folder)
    const [source] = journal.sources()
    let batchesRead = 0
    const nextBatch = source?.nextBatch.bind(source)
    Object.assign(source as object, { nextBatch: () => ++batchesRead && nextBatch?.() })
    let taken = 0
    for (const _ of new JournalMerge(journal, { lookBackNs: 100e6 }).take()) {
      taken++
      const ahead = batchesRead * 10 - taken
      assert.ok(ahead <= 120, `${ahead} records read ahead of ${taken}`)
    }
    assert.is(taken, 5000)
    journal.close()
  }))

test('taking a live journal piece by piece gives the run as taking it whole', () =>
  withFolder(async (folder) => {
    const records = sampleRun(400, 45)
    const journal = new JournalReader(folder, { follow: true })
    const merge = new JournalMerge(journal)
    const taken: JournalRecord[] = []
    const writers = new Map(
      SOURCES.slice(0, 3).map((source) => [source, openWriter(folder, source, { fileBytesMax: 20000 })]),
    )
    const arriving = records.sort(compareRecords)
    arriving.forEach((record, i) => {
      const isLate = record.source === 'serial' && !writers.has('serial')
      if (isLate) writers.set('serial', openWriter(folder, 'serial'))
      writers.get(record.source)?.append(record.kind, record.stampNs, record.payload)
      if (i % 37 === 0) {
        for (const writer of writers.values()) writer.flush()
        // Now and then less than what is on disk.
        const settledNs = (arriving[i % 2 === 0 ? i + 1 : Math.max(0, i - 20)] as JournalRecord).stampNs
        taken.push(...[...merge.take(settledNs)].map(plain))
        assert.ok(taken.every((record) => record.stampNs < settledNs))
        assert.equal(taken, arriving.slice(0, taken.length))
        assert.ok(arriving.slice(taken.length).every((later) => later.stampNs >= settledNs))
      }
    })
    for (const writer of writers.values()) await writer.close()
    journal.settle()
    taken.push(...[...merge.take()].map(plain))
    assert.equal(taken, arriving)
    assert.equal(readMerged(folder).records, arriving)
    journal.close()
  }))

test('a consumer that stops in the middle goes on where it stopped', () =>
  withFolder(async (folder) => {
    const records = sampleRun(50, 46).sort(compareRecords)
    await writeJournal(folder, records, 10)
    const journal = new JournalReader(folder)
    const merge = new JournalMerge(journal)
    const taken: JournalRecord[] = []
    while (taken.length < records.length) {
      for (const record of merge.take()) {
        taken.push(plain(record))
        if (taken.length % 7 === 0) break
      }
    }
    assert.equal(taken, records)
    journal.close()
  }))

test('a record that comes later than a live journal was vouched for is an error', () =>
  withFolder(async (folder) => {
    const journal = new JournalReader(folder, { follow: true })
    const merge = new JournalMerge(journal)
    const a = openWriter(folder, 'a')
    const b = openWriter(folder, 'b')
    a.append(1, hostNs(100), Uint8Array.of(1))
    a.flush()
    assert.is([...merge.take(200)].length, 1)
    b.append(1, hostNs(99), Uint8Array.of(1))
    b.flush()
    assert.throws(
      () => [...merge.take(300)],
      (error: unknown) =>
        error instanceof JoulespanError &&
        /expected no record before 100 ns any more, saw record 0 of b at 99 ns/.test(error.message),
    )
    for (const writer of [a, b]) await writer.close()
    journal.close()
  }))

test.run()

/** Writes the batches of a journal in another order, each source over files of its own. */
function shuffleBatches(from: string, to: string, random: () => number): void {
  mkdirSync(to)
  const extents = batchExtents(from)
  for (const source of SOURCES) {
    const own = extents.filter((extent) => basename(extent.path).startsWith(`${source}-0`))
    const batches: Uint8Array[] = own.map((extent) => readFileSync(extent.path).subarray(extent.start, extent.end))
    for (let i = batches.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      ;[batches[i], batches[j]] = [batches[j] as Uint8Array, batches[i] as Uint8Array]
    }
    const perFile = Math.ceil(batches.length / 4)
    for (let file = 0; file * perFile < batches.length; file++) {
      const bytes = [
        encodeStreamStart(source, IDENTITY),
        ...batches.slice(file * perFile, (file + 1) * perFile),
        STREAM_END,
      ]
      writeFileSync(join(to, `${source}-${String(file).padStart(5, '0')}.arrows`), Buffer.concat(bytes))
    }
  }
}
