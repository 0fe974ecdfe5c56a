import { readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { RecordBatchReader, tableFromIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { encodeStreamStart, STREAM_END } from '../../src/journal/encode.ts'
import { recordCrc } from '../../src/journal/record.ts'
import { BATCH_AGE_MAX_NS, type JournalWriter, type JournalWriterOptions } from '../../src/journal/writer.ts'
import { hostNs } from '../../src/units/units.ts'
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

test('what is written is read by this reader and by apache-arrow alike', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 500, 2)
    await writeJournal(folder, records, 80)
    const read = readInFileOrder(folder)
    assert.equal(read.records, records)
    assert.is(read.faults.bytesDropped + read.faults.badRecords + read.faults.gaps, 0)

    const table = tableFromIPC(readFileSync(join(folder, 'serial-00000.arrows')))
    assert.is(table.batches.length, 7)
    const rows = table.toArray().map((row) => row.toJSON())
    records.forEach((record, i) => {
      const row = rows[i]
      assert.equal(
        { ...row, payload: Uint8Array.from(row.payload) },
        {
          sequence: BigInt(record.sequence),
          stamp_ns: BigInt(record.stampNs),
          kind: record.kind,
          source: 'serial',
          payload: record.payload,
          crc32: recordCrc(record.sequence, record.stampNs, record.kind, record.payload),
        },
      )
    })
  }))

test('the schema is that of protocol/journal.md', () =>
  withFolder(async (folder) => {
    await writeJournal(folder, sampleRecords('serial', 1, 3), 1)
    const { schema } = tableFromIPC(readFileSync(join(folder, 'serial-00000.arrows')))
    assert.equal(
      schema.fields.map((field) => `${field.name} ${field.type} ${field.nullable}`),
      [
        'sequence Uint64 false',
        'stamp_ns Int64 false',
        'kind Uint8 false',
        'source Utf8 false',
        'payload Binary false',
        'crc32 Uint32 false',
      ],
    )
    assert.equal(
      [...schema.metadata],
      [
        ['joulespan.journal', '1'],
        ['run_id', IDENTITY.runId],
        ['source', 'serial'],
        ['origin_mono_ns', '9007199254740993'],
        ['origin_utc_ns', '1795466401123456789'],
      ],
    )
    for (const field of schema.fields) assert.equal([...field.metadata.keys()], ['unit', 'description'])
    assert.is(schema.fields[1]?.metadata.get('unit'), 'ns')
    assert.match(schema.fields[2]?.metadata.get('description') as string, '1 serial_in, 2 serial_out, 3 event')
  }))

test('a flush is one write, and none when nothing waits', () =>
  withFolder(async (folder) => {
    const writes: number[] = []
    const writer = openWriter(folder, 'serial', { write: (...args) => writes.push(args[3]) && nativeWrite(...args) })
    writeRecords(writer, sampleRecords('serial', 80, 4), 80)
    writer.flush()
    assert.is(writes.length, 2, 'the start of the stream and one batch')
    assert.is(writes[0] as number, batchExtents(folder)[0]?.start)
    await writer.close()
    assert.equal(writes.slice(2), [8], 'the end of the stream')
  }))

test('append copies the payload', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    const reused = Uint8Array.of(1, 2, 3)
    assert.is(writer.append(1, hostNs(5), reused), 0)
    reused.fill(9)
    assert.is(writer.append(1, hostNs(6), reused), 1)
    assert.is(writer.pendingRecords, 2)
    await writer.close()
    assert.is(writer.pendingRecords, 0)
    assert.equal(
      readInFileOrder(folder).records.map((record) => [...record.payload]),
      [
        [1, 2, 3],
        [9, 9, 9],
      ],
    )
  }))

test('due follows the stamp of the oldest pending record', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    assert.is(writer.due(hostNs(1e12)), false)
    writer.append(1, hostNs(1e9), Uint8Array.of(1))
    writer.append(1, hostNs(9e9), Uint8Array.of(1))
    assert.is(writer.due(hostNs(1e9 + BATCH_AGE_MAX_NS - 50e6 - 1)), false)
    assert.is(writer.due(hostNs(1e9 + BATCH_AGE_MAX_NS - 50e6)), true)
    writer.flush()
    assert.is(writer.due(hostNs(1e12)), false)
    await writer.close()
  }))

test('files end before their limit, every one a whole stream', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 600, 5)
    await writeJournal(folder, records, 20, { fileBytesMax: 16000 })
    const names = readdirSync(folder).sort()
    assert.ok(names.length >= 5, `${names.length} files`)
    assert.is(names[0], 'serial-00000.arrows')
    assert.is(names.at(-1), `serial-${String(names.length - 1).padStart(5, '0')}.arrows`)
    let rows = 0
    for (const name of names) {
      assert.ok(statSync(join(folder, name)).size <= 16000)
      rows += tableFromIPC(readFileSync(join(folder, name))).numRows
    }
    assert.is(rows, 600)
    assert.equal(readInFileOrder(folder).records, records)
  }))

test('a batch larger than the file limit gets a file of its own', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 60, 6)
    await writeJournal(folder, records, 20, { fileBytesMax: 100 })
    assert.is(readdirSync(folder).length, 3)
    assert.equal(readInFileOrder(folder).records, records)
  }))

test('a restarted source goes on in the next file with the next sequence', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 90, 7)
    const first = openWriter(folder, 'serial')
    writeRecords(first, records.slice(0, 40), 10)
    await first.abandon()
    const torn = join(folder, 'serial-00000.arrows')
    const cut = batchExtents(folder)[3]?.end as number
    writeFileSync(torn, readFileSync(torn).subarray(0, cut - 5))

    const second = openWriter(folder, 'serial')
    assert.is(second.path, join(folder, 'serial-00001.arrows'))
    assert.is(second.nextSequence, 30, 'the torn batch was never readable')
    writeRecords(second, records.slice(30), 30)
    await second.close()
    const empty = openWriter(folder, 'serial')
    assert.is(empty.nextSequence, 90)
    await empty.close()
    const afterEmpty = openWriter(folder, 'serial')
    assert.is(afterEmpty.path, join(folder, 'serial-00003.arrows'))
    assert.is(afterEmpty.nextSequence, 90, 'looks through a file without records')
    await afterEmpty.close()

    const read = readInFileOrder(folder)
    assert.equal(read.records, records)
    assert.is(read.faults.tornFiles, 1)
    assert.is(read.faults.gaps, 0)
  }))

test('a source is not continued under another run or origin', () =>
  withFolder(async (folder) => {
    await writeJournal(folder, sampleRecords('serial', 3, 8), 3)
    const other = { ...IDENTITY, runId: 'another' }
    assert.throws(
      () => openWriter(folder, 'serial', { identity: other }),
      isJournalError(/expected run_id another, saw 2026/),
    )
    const rebooted = { ...IDENTITY, originMonoNs: 1n }
    assert.throws(
      () => openWriter(folder, 'serial', { identity: rebooted }),
      isJournalError(/origin_mono_ns 1, saw 9007/),
    )
    assert.equal(readdirSync(folder), ['serial-00000.arrows'])
  }))

test('a disk that takes few bytes at a time gives the same file', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 100, 9)
    const slow = join(folder, 'slow')
    await writeJournal(join(folder, 'fast'), records, 30)
    await writeJournal(slow, records, 30, { write: (fd, b, o, n, at) => nativeWrite(fd, b, o, Math.min(n, 7), at) })
    assert.equal(
      readFileSync(join(slow, 'serial-00000.arrows')),
      readFileSync(join(folder, 'fast', 'serial-00000.arrows')),
    )
  }))

test('a disk that refuses at any byte loses nothing once it takes again', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 24, 10)
    const whole = join(folder, 'whole')
    await writeJournal(whole, records, 4, { fileBytesMax: 3000 })
    const files = readdirSync(whole).map((name) => readFileSync(join(whole, name)))
    assert.ok(files.length >= 3, 'the refusal also meets the ends and starts of files')
    const total = files.reduce((sum, file) => sum + file.length, 0)
    const fileEnd = (files[0] as Buffer).length
    const atTheEnd = Array.from({ length: 24 }, (_, i) => fileEnd - 12 + i)
    const beyond = Array.from({ length: 40 }, (_, i) => fileEnd + Math.floor(((i + 1) / 41) * (total - fileEnd)))
    for (const refuseAt of [...atTheEnd, ...beyond]) {
      const retried = join(folder, `refused-at-${refuseAt}`)
      const disk = new RefusingDisk(refuseAt)
      const writer = openWriter(retried, 'serial', { fileBytesMax: 3000, write: disk.write })
      const refusals = await writeThroughRefusals(writer, records)
      assert.is(refusals, 1, `refused at ${refuseAt}`)
      const names = readdirSync(retried)
      assert.equal(
        names.map((name) => readFileSync(join(retried, name))),
        files,
        `refused at ${refuseAt}`,
      )
    }
  }))

test('the error of a refusing disk tells path, errno, free space and what waits', () =>
  withFolder(async (folder) => {
    const disk = new RefusingDisk(3000)
    const writer = openWriter(folder, 'serial', { write: disk.write })
    for (const record of sampleRecords('serial', 40, 11)) writer.append(record.kind, record.stampNs, record.payload)
    try {
      writer.flush()
      assert.unreachable()
    } catch (error) {
      assert.instance(error, JoulespanError)
      assert.is((error as JoulespanError).code, 'disk')
      const text = (error as JoulespanError).message
      assert.match(text, /cannot write journal file .*serial-00000\.arrows: EIO/)
      assert.match(text, /; \d+ bytes free; 40 records are kept for the next flush$/)
    }
    assert.is(writer.pendingRecords, 40)
    const lost = await writer.abandon()
    assert.is(lost, 40)
    assert.is(await writer.abandon(), 0)
    assert.is(readInFileOrder(folder).faults.bytesDropped, 0, 'the part-written batch was cut off')
  }))

test('a close that the disk refuses can be taken back: what comes then goes into the next file', () =>
  withFolder(async (folder) => {
    const records = sampleRecords('serial', 20, 15)
    for (const bytesOfEnd of [0, 3]) {
      const own = join(folder, `end-cut-at-${bytesOfEnd}`)
      let isRefusing = false
      const writer = openWriter(own, 'serial', {
        write: (fd, bytes, offset, length, position) => {
          if (!isRefusing) return nativeWrite(fd, bytes, offset, length, position)
          if (length === STREAM_END.length && bytesOfEnd > 0)
            return nativeWrite(fd, bytes, offset, bytesOfEnd, position)
          throw new Error('EIO')
        },
      })
      writeRecords(writer, records.slice(0, 10), 10)
      isRefusing = true
      let isRefused = false
      await writer.close().catch(() => {
        isRefused = true
      })
      assert.ok(isRefused)
      isRefusing = false
      writeRecords(writer, records.slice(10), 10)
      await writer.close()
      const rows = readdirSync(own).map((name) => tableFromIPC(readFileSync(join(own, name))).numRows)
      assert.equal(rows, [10, 10])
      assert.equal(readInFileOrder(own).records, records)
    }
  }))

test('what other Arrow readers see of a live file are its whole batches', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    writeRecords(writer, sampleRecords('serial', 50, 12), 25)
    let rows = 0
    for (const batch of RecordBatchReader.from(readFileSync(writer.path))) rows += batch.numRows
    assert.is(rows, 50)
    await writer.abandon()
  }))

test('calls of sync while one runs share the next one; close makes all durable', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial', { fileBytesMax: 3000 })
    const records = sampleRecords('serial', 100, 13)
    writeRecords(writer, records.slice(0, 50), 10)
    const first = writer.sync()
    await Promise.resolve()
    const second = writer.sync()
    const third = writer.sync()
    assert.is(second, third)
    assert.is.not(first, second)
    writeRecords(writer, records.slice(50), 10)
    await Promise.all([first, second])
    await Promise.all([writer.close(), writer.close()])
    await writer.sync()
    assert.equal(readInFileOrder(folder).records, records)
  }))

test('a backlog is written in batches of bounded size', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    const payload = new Uint8Array(1024 * 1024).fill(7)
    for (let i = 0; i < 10; i++) writer.append(1, hostNs(i), payload)
    writer.flush()
    await writer.close()
    assert.equal(
      batchExtents(folder).map((extent) => extent.records.length),
      [4, 4, 2],
    )
  }))

test('append refuses records once too many wait for the disk', () =>
  withFolder(async (folder) => {
    const disk = new RefusingDisk(encodeStreamStart('serial', IDENTITY).length)
    const writer = openWriter(folder, 'serial', { pendingBytesMax: 1000, write: disk.write })
    for (let i = 0; i < 10; i++) writer.append(1, hostNs(i), new Uint8Array(100))
    const isFull = (error: JoulespanError) =>
      error.code === 'disk' && /10 records \(1000 bytes\) already wait/.test(error.message)
    assert.throws(() => writer.append(1, hostNs(10), new Uint8Array(1)), isFull)
    assert.throws(() => writer.flush(), /EIO/)
    writer.flush()
    assert.is(writer.append(1, hostNs(10), new Uint8Array(1)), 10)
    await writer.close()
    assert.is(readInFileOrder(folder).records.length, 11)
  }))

test('a backlog that goes out piece by piece while more comes in keeps every record', () =>
  withFolder(async (folder) => {
    let isRefusing = false
    const write: JournalWriterOptions['write'] = (...args) => {
      if (isRefusing) throw new Error('EIO')
      isRefusing = true
      return nativeWrite(...args)
    }
    const writer = openWriter(folder, 'serial', { write })
    const payloadOf = (i: number): Uint8Array => new Uint8Array(600_000).fill(i)
    for (let i = 0; i < 40; i++) {
      writer.append(1, hostNs(i), payloadOf(i))
      isRefusing = i % 10 !== 9
      try {
        writer.flush()
      } catch (error) {
        assert.is((error as JoulespanError).code, 'disk')
      }
    }
    for (isRefusing = false; writer.pendingRecords > 0; isRefusing = false) {
      try {
        writer.flush()
      } catch (error) {
        assert.is((error as JoulespanError).code, 'disk')
      }
    }
    isRefusing = false
    await writer.close()
    const { records } = readInFileOrder(folder)
    assert.equal(
      records.map((record) => [record.sequence, record.payload[0], record.payload.at(-1), record.payload.length]),
      Array.from({ length: 40 }, (_, i) => [i, i, i, 600_000]),
    )
  }))

test('abandon waits for a close that is under way', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    writeRecords(writer, sampleRecords('serial', 10, 14), 10)
    const closing = writer.close()
    assert.is(await writer.abandon(), 0)
    await closing
    assert.is(readInFileOrder(folder).records.length, 10)
  }))

test('a record that can not be stored is a bug of the caller', () =>
  withFolder(async (folder) => {
    const writer = openWriter(folder, 'serial')
    const bytes = Uint8Array.of(1)
    assert.throws(() => writer.append(0, hostNs(1), bytes), /kind of 1 to 255, saw 0/)
    assert.throws(() => writer.append(256, hostNs(1), bytes), /saw 256/)
    assert.throws(() => writer.append(1, hostNs(0.5), bytes), /stamp of whole ns/)
    assert.throws(() => writer.append(1, hostNs(2 ** 53), bytes), /below 2\^53/)
    assert.throws(() => writer.append(1, hostNs(1), new Uint8Array(16 * 1024 * 1024 + 1)), /at most 16777216 bytes/)
    await writer.close()
    assert.throws(() => writer.append(1, hostNs(1), bytes), /append to the closed journal/)
    assert.throws(() => writer.flush(), /flush of the closed journal/)
    assert.throws(() => openWriter(folder, '../serial'), isJournalError(/expected a source name/))
  }))

test('two writers of one source do not share a file', () =>
  withFolder(async (folder) => {
    const first = openWriter(folder, 'serial')
    const second = openWriter(folder, 'serial')
    assert.is.not(first.path, second.path)
    writeFileSync(join(folder, 'serial-00002.arrows'), '')
    const third = openWriter(folder, 'serial')
    assert.is(third.path, join(folder, 'serial-00003.arrows'))
    for (const writer of [first, second, third]) await writer.abandon()
  }))

test.run()

function nativeWrite(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
  return writeSync(fd, bytes, offset, length, position)
}

/** Takes `bytes` bytes, then fails with EIO once, then takes all. */
class RefusingDisk {
  #left: number
  #hasRefused = false

  constructor(bytes: number) {
    this.#left = bytes
  }

  readonly write = (fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number => {
    if (this.#hasRefused) return nativeWrite(fd, bytes, offset, length, position)
    if (this.#left === 0) {
      this.#hasRefused = true
      throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO', errno: -5 })
    }
    const taken = nativeWrite(fd, bytes, offset, Math.min(length, this.#left), position)
    this.#left -= taken
    return taken
  }
}

async function writeThroughRefusals(writer: JournalWriter, records: ReturnType<typeof sampleRecords>): Promise<number> {
  let refusals = 0
  const retry = (step: () => void): void => {
    try {
      step()
    } catch (error) {
      assert.is((error as JoulespanError).code, 'disk')
      refusals++
      step()
    }
  }
  for (let i = 0; i < records.length; i += 4) {
    for (const record of records.slice(i, i + 4)) writer.append(record.kind, record.stampNs, record.payload)
    retry(() => writer.flush())
  }
  await writer.close().catch((error: JoulespanError) => {
    assert.is(error.code, 'disk')
    refusals++
    return writer.close()
  })
  return refusals
}

function isJournalError(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof JoulespanError && error.code === 'journal' && pattern.test(error.message)
}
