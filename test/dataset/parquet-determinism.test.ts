import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Part, PartWriter } from '../../src/dataset/parquet-writer.ts'
import { appendPowerBlock } from '../../src/dataset/power-block.ts'
import { POWER } from '../../src/dataset/power-table.ts'
import { TABLE_NAMES, TABLES } from '../../src/dataset/schema.ts'
import { scratchFolder } from './scratch-folder.ts'
import { makeRows } from './table-rows.ts'

const folder = scratchFolder()
const RAILS = ['v12', 'v3_3']

async function writeTable(name: keyof typeof TABLES, path: string, flushEvery: number): Promise<Part> {
  const writer = await PartWriter.open(TABLES[name], { path, runId: 'r', rails: RAILS, rowGroupRows: 400 })
  const rows = makeRows(TABLES[name], RAILS, 1000, 7)
  for (const [i, { row }] of rows.entries()) {
    writer.rows.appendRow(row as never)
    if (i % flushEvery === 0) await writer.flush()
  }
  return writer.close()
}

async function writePower(path: string, blockSamples: number): Promise<Part> {
  const samples = 10_000
  const tNs = Float64Array.from({ length: samples }, (_, i) => i * 13_000)
  const v12 = Float32Array.from({ length: samples }, (_, i) => (i * 7919) % 301)
  const writer = await PartWriter.open(POWER, { path, runId: 'r', rails: ['v12'], rowGroupRows: 3000 })
  for (let first = 0; first < samples; first += blockSamples) {
    const end = Math.min(first + blockSamples, samples)
    const watts = [v12.subarray(first, end)]
    const block = { tNs: tNs.subarray(first, end), utcAtStartUs: 0, watts, firstIndex: first, flags: 0 }
    appendPowerBlock(writer.rows, block)
    await writer.flush()
  }
  return writer.close()
}

for (const name of TABLE_NAMES) {
  test(`${name}: equal rows give equal bytes`, async () => {
    const paths = [1, 2, 3].map((n) => join(folder, name, `part-0000${n}.parquet`))
    const parts = [
      await writeTable(name, paths[0]!, 1),
      await writeTable(name, paths[1]!, 333),
      await writeTable(name, paths[2]!, 5000),
    ]
    assert.equal(readFileSync(paths[1]!), readFileSync(paths[0]!))
    assert.equal(readFileSync(paths[2]!), readFileSync(paths[0]!))
    assert.is(new Set(parts.map(({ sha256 }) => sha256)).size, 1)
  })
}

test('power: the size of the blocks leaves no trace', async () => {
  const parts = []
  for (const samples of [1, 140, 2999, 10_000])
    parts.push(await writePower(join(folder, `p${samples}.parquet`), samples))
  assert.is(new Set(parts.map(({ sha256 }) => sha256)).size, 1)
})

test('another process gives the same bytes, and the hash is that of the file', async () => {
  const path = join(folder, 'here.parquet')
  const { sha256 } = await writePower(path, 500)
  const seen = execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ', 1)[0]
  assert.is(seen, sha256)
  if (process.env.JOULESPAN_DETERMINISM_CHILD !== undefined) {
    console.log(`hash of the child: ${sha256}`)
    return
  }
  const environment = { ...process.env, JOULESPAN_DETERMINISM_CHILD: '1', TZ: 'Asia/Kathmandu' }
  const args = [...process.execArgv, new URL(import.meta.url).pathname]
  const output = execFileSync(process.execPath, args, { env: environment, encoding: 'utf8' })
  assert.match(output, `hash of the child: ${sha256}`)
})

test.run()
