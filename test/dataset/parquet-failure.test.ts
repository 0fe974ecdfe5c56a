import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PartWriter } from '../../src/dataset/parquet-writer.ts'
import { appendPowerBlock } from '../../src/dataset/power-block.ts'
import { POWER } from '../../src/dataset/power-table.ts'
import { temporaryPath } from '../../src/dataset/replace-file.ts'
import { duckdb } from './duckdb.ts'
import { errorOf } from './error-of.ts'
import { scratchFolder } from './scratch-folder.ts'
import { seededRandom } from './table-rows.ts'

const folder = scratchFolder()

type PowerWriter = PartWriter<typeof POWER>

function open(path: string): Promise<PowerWriter> {
  return PartWriter.open(POWER, { path, runId: 'r', rails: ['v12'], rowGroupRows: 10_000 })
}

/** Row groups that do not compress. */
async function writeRows(writer: PowerWriter, rows: number): Promise<void> {
  const random = seededRandom(rows)
  for (let first = 0; first < rows; first += 5000) {
    const tNs = Float64Array.from({ length: 5000 }, () => Math.floor(random() * 1e15))
    const watts = [Float32Array.from({ length: 5000 }, random)]
    appendPowerBlock(writer.rows, { tNs, utcAtStartUs: 0, watts, firstIndex: first, flags: 0 })
    await writer.flush()
  }
}

function part(name: string): { path: string; parent: string } {
  const parent = join(folder, name)
  mkdirSync(parent)
  return { path: join(parent, 'part-00000.parquet'), parent }
}

test('while a part is written only its temporary file is there, then only the part', async () => {
  const { path, parent } = part('rename')
  const writer = await open(path)
  await writeRows(writer, 30_000)
  assert.equal(readdirSync(parent), ['.part-00000.parquet.tmp'])
  const { bytes } = await writer.close()
  assert.equal(readdirSync(parent), ['part-00000.parquet'])
  assert.is(readFileSync(path).length, bytes)
})

test('a part written again replaces the old one only when it is whole', async () => {
  const { path, parent } = part('replace')
  const first = await open(path)
  await writeRows(first, 10_000)
  await first.close()
  const before = readFileSync(path)
  const second = await open(path)
  await writeRows(second, 20_000)
  assert.equal(readFileSync(path), before)
  await second.close()
  assert.equal(await duckdb(`select count(*)::int as n from '${path}'`), [{ n: 20_000 }])
  assert.equal(readdirSync(parent), ['part-00000.parquet'])
})

test('an aborted part leaves nothing, and the part before it as it was', async () => {
  const { path, parent } = part('abort')
  const first = await open(path)
  await writeRows(first, 10_000)
  await first.close()
  const before = readFileSync(path)
  for (const rows of [0, 5000, 20_000]) {
    const writer = await open(path)
    await writeRows(writer, rows)
    await writer.abort()
    assert.equal(readdirSync(parent), ['part-00000.parquet'])
    assert.equal(readFileSync(path), before)
    assert.match((await errorOf(writer.flush())).message, /part was aborted/)
  }
})

test('what a killed process left under the temporary name is overwritten', async () => {
  const { path, parent } = part('stale')
  writeFileSync(temporaryPath(path), Buffer.alloc(10_000_000, 1))
  const writer = await open(path)
  await writeRows(writer, 10_000)
  await writer.close()
  assert.equal(readdirSync(parent), ['part-00000.parquet'])
  assert.equal(await duckdb(`select count(*)::int as n from '${path}'`), [{ n: 10_000 }])
})

for (const [errno, device] of [
  ['ENOSPC', '/dev/full'],
  // Address 0 is never mapped, so a write at offset 0 of the process's memory is an input/output error.
  ['EIO', '/proc/self/mem'],
] as const) {
  test(`${errno} is a disk error that names the part, and leaves what was there`, async () => {
    const { path, parent } = part(errno)
    writeFileSync(path, 'the part before')
    symlinkSync(device, temporaryPath(path))
    const writer = await open(path)
    const error = await errorOf(writeRows(writer, 200_000).then(() => writer.close()))
    assert.is(error.code, 'disk')
    assert.match(error.message, `cannot write ${path}: ${errno}`)
    assert.ok(error.hint!.length > 0)
    assert.equal(readdirSync(parent), ['part-00000.parquet'])
    assert.is(readFileSync(path, 'utf8'), 'the part before')
    assert.is(await errorOf(writer.flush()), error)
    assert.is(await errorOf(writer.close()), error)
  })
}

test('a folder that cannot be made is a disk error', async () => {
  const { path, parent } = part('not-a-folder')
  writeFileSync(join(parent, 'file'), '')
  const error = await errorOf(open(join(parent, 'file', 'part-00000.parquet')))
  assert.is(error.code, 'disk')
  assert.match(error.message, /cannot create .*part-00000\.parquet: (ENOTDIR|EEXIST)/)
  assert.not.ok(readdirSync(parent).includes('part-00000.parquet'), path)
})

test('on a full file system the temporary file goes and an earlier part stays', async () => {
  const mounted = join(folder, 'small')
  mkdirSync(mounted)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mounted], { stdio: 'pipe' })
  } catch (error) {
    console.log(
      `skipped on a small tmpfs: mounting one needs root (${String((error as Error).message).split('\n')[0]})`,
    )
    return
  }
  try {
    const path = join(mounted, 'part-00000.parquet')
    const first = await open(path)
    await writeRows(first, 10_000)
    await first.close()
    const before = readFileSync(path)
    const second = await open(path)
    const error = await errorOf(writeRows(second, 300_000).then(() => second.close()))
    assert.is(error.code, 'disk')
    assert.match(error.message, `${path}: ENOSPC`)
    assert.equal(readdirSync(mounted), ['part-00000.parquet'])
    assert.equal(readFileSync(path), before)
    const third = await open(join(mounted, 'part-00001.parquet'))
    await writeRows(third, 10_000)
    assert.is((await third.close()).rows, 10_000)
  } finally {
    execFileSync('umount', [mounted])
  }
})

test('a row group that parquet-wasm dropped is noticed', async () => {
  const { path, parent } = part('dropped')
  const writer = await open(path)
  await writeRows(writer, 20_000)
  // As if a row group of 10 000 had been accepted and lost.
  writer.rows.commit(10_000)
  writer.rows.takeSealed()
  const error = await errorOf(writer.close())
  assert.is(error.code, 'internal')
  assert.match(error.message, /expected 30000 rows in \d row groups, saw 20000 in 2/)
  assert.equal(readdirSync(parent), [])
})

test.run()
