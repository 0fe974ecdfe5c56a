// A real disk without room: a small tmpfs, which needs the right to mount one.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { openWriter, readInFileOrder, sampleRecords, withFolder } from './sample-journal.ts'

test('a full disk loses nothing once there is room again', () =>
  withSmallDisk(async (disk) => {
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(400 * 1024))
    const folder = join(disk, 'journal')
    const records = sampleRecords('serial', 2000, 61)
    const writer = openWriter(folder, 'serial', { fileBytesMax: 60_000 })
    let refusals = 0
    for (const [i, record] of records.entries()) {
      writer.append(record.kind, record.stampNs, record.payload)
      if (i % 20 !== 19) continue
      try {
        writer.flush()
      } catch (error) {
        refusals++
        assert.instance(error, JoulespanError)
        assert.is((error as JoulespanError).code, 'disk')
        assert.match(
          (error as JoulespanError).message,
          /ENOSPC.*; \d+ bytes free; \d+ records are kept for the next flush/,
        )
        const seen = readInFileOrder(folder)
        assert.equal(seen.records, records.slice(0, seen.records.length))
        if (refusals === 5) rmSync(filler)
      }
    }
    assert.is(refusals, 5, 'the disk was full for five flushes')
    await writer.close()
    const read = readInFileOrder(folder)
    assert.equal(read.records, records)
    assert.equal([read.faults.bytesDropped, read.faults.gaps], [0, 0])
    assert.ok(tableFromIPC(readFileSync(join(folder, 'serial-00000.arrows'))).numRows > 0)
  }))

test('a journal that does not even start leaves no file', () =>
  withSmallDisk((disk) => {
    mkdirSync(join(disk, 'journal'))
    assert.throws(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(1024 * 1024)), /ENOSPC/)
    assert.throws(
      () => openWriter(join(disk, 'journal'), 'serial'),
      (error: JoulespanError) => error.code === 'disk' && /ENOSPC.*; 0 bytes free/.test(error.message),
    )
    assert.equal(readdirSync(join(disk, 'journal')), [])
    rmSync(join(disk, 'filler'))
  }))

test.run()

/** Gives the test a disk of 512 KiB; says why when it can not. */
async function withSmallDisk(use: (disk: string) => void | Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'joulespan-test', folder], { stdio: 'pipe' })
    } catch (error) {
      console.log(`skipped: no small disk to fill (${(error as Error).message.trim().split('\n').at(-1)})`)
      return
    }
    try {
      await use(folder)
    } finally {
      execFileSync('umount', [folder])
    }
  })
}
