// A host that dies loses at most its last second, and says so.
import { cpSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { readJournalIdentity } from '../../src/journal/identity.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { recoverRun } from '../../src/pipeline/recover-run.ts'
import { readTrueSpans } from '../../src/truth/read-truth.ts'
import { seededRandom } from '../../src/units/random.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { CREATED_BY, emulate, joulespan, recipeOf, scratch } from './testbed.ts'

const KILLS = 20
const SECOND = 1e9

test(`kill -9 of a recording host at ${KILLS} seeded instants: every inference up to the last second is recovered`, async () => {
  const random = seededRandom(20)
  const instants = Array.from({ length: KILLS }, () => 2.5 + 4 * random())
  const queue = [...instants.entries()]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await killOnce(...next)
  }
  await Promise.all([work(), work()])
})

async function killOnce(number: number, afterS: number): Promise<void> {
  const runs = scratch()
  let killedNs = 0n
  await joulespan(
    ['record', 'pipelines/one-tpu.yaml', '--duration', '6 s', '--runs', runs, '--seed', String(number)],
    (child) => {
      setTimeout(() => {
        killedNs = process.hrtime.bigint()
        child.kill('SIGKILL')
      }, afterS * 1e3)
    },
  )
  const [run] = readdirSync(runs)
  const path = join(runs, run as string)
  // the emulator notices that its host is gone and writes what it knows
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const recovered = await recoverRun(path, CREATED_BY)
  const first = digest(path)
  await recoverRun(path, CREATED_BY)
  assert.equal(digest(path), first, 'a second recover changes nothing')

  const originNs = readJournalIdentity(runFolder(path).journal)?.originMonoNs ?? 0n
  const killed = Number(killedNs - originNs)
  const reached = recovered.runJson.duration_ns ?? 0
  assert.ok(reached > killed - SECOND, `the journal reaches ${reached} ns, the kill came at ${killed} ns`)
  assert.ok(
    recovered.runJson.warnings.some(({ code }) => code === 'not-closed'),
    'run.json says that the run was cut off',
  )
  const rows = await duckdb(
    `select inference_id, energy_j, end_ns, reason from '${join(path, 'inferences', '*.parquet')}'`,
  )
  const known = new Map(rows.map((row) => [Number(row.inference_id), row]))
  const truth = readTrueSpans(runFolder(path).truth).filter(({ kind }) => kind === 2)
  const startOf = startTimes(runFolder(path).truth)
  for (const { inferenceId, spanId } of truth) {
    // 10 ms is longer than any stage of this recipe
    if (Number(startOf.get(spanId)) - Number(originNs) > killed - SECOND - 10e6) continue
    const row = known.get(inferenceId)
    assert.ok(row !== undefined, `kill ${number}: inference ${inferenceId} is missing`)
    assert.ok(row.energy_j !== null || row.reason === 'clock not aligned', `inference ${inferenceId}: ${row.reason}`)
  }
}

function startTimes(truth: string): Map<number, string> {
  const lines = readFileSync(join(truth, 'stages.csv'), 'utf8').trim().split('\n').slice(1)
  return new Map(lines.map((line) => line.split(',')).map((cells) => [Number(cells[0]), cells[6] as string]))
}

function digest(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(parquet|json|arrows)$/.test(name),
  )
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(path, name)).toString('base64')]))
}

test('the journal cut at every byte of its last 2 s: exactly the whole batches before the cut are read', async () => {
  const run = await emulate(recipeOf('one-tpu', { duration: '1 s', 'sensor.mode': 'accurate' }))
  const copy = join(scratch(), 'cut')
  cpSync(run.path, copy, { recursive: true })
  const file = join(runFolder(copy).journal, 'serial-00000.arrows')
  const [sizes, counts] = batchEnds(copy, file)
  const whole = statSync(file).size
  const lastStampNs = Number(run.runJson.duration_ns)
  const from = sizes[counts.findIndex(({ stampNs }) => stampNs > lastStampNs - 2 * SECOND)] ?? 0
  assert.ok(whole - from > 30_000, `${whole - from} bytes in the last 2 s`)
  for (let size = whole - 1; size >= from; size--) {
    truncateSync(file, size)
    const kept = sizes.filter((end) => end <= size).length
    assert.is(countRecords(copy), kept === 0 ? 0 : (counts[kept - 1] as BatchEnd).records, `cut at ${size} of ${whole}`)
  }
})

test('recovered after a cut in any batch of the last 2 s, the dataset holds what the journal still says', async () => {
  const run = await emulate(recipeOf('one-tpu', { duration: '1 s' }))
  const random = seededRandom(5)
  for (const source of ['serial', 'events'])
    for (let k = 0; k < 4; k++) {
      const copy = join(scratch(), 'cut')
      cpSync(run.path, copy, { recursive: true })
      const file = join(runFolder(copy).journal, `${source}-00000.arrows`)
      truncateSync(file, Math.floor(statSync(file).size * (1 - 0.4 * random())))
      const recovered = await recoverRun(copy, CREATED_BY)
      assert.ok(recovered.runJson.counts.inferences <= run.runJson.counts.inferences)
      for (const e of Object.values(recovered.runJson.energy)) assert.ok(e.conservation_error < 1e-9)
      const first = digest(copy)
      await recoverRun(copy, CREATED_BY)
      assert.equal(digest(copy), first)
    }
})

interface BatchEnd {
  /** Records of the source up to the end of this batch. */
  readonly records: number
  readonly stampNs: number
}

/** Where the batches of a file end, found by cutting at message boundaries: Arrow messages begin with 0xFFFFFFFF. */
function batchEnds(path: string, file: string): [sizes: number[], ends: BatchEnd[]] {
  const bytes = readFileSync(file)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const journal = new JournalReader(runFolder(path).journal)
  const source = journal.sources().find((s) => s.source === 'serial')
  const sizes: number[] = []
  const ends: BatchEnd[] = []
  let records = 0
  let isSchema = true
  for (let at = 0; at + 8 <= bytes.length && view.getUint32(at, true) === 0xffffffff; ) {
    const metadata = view.getInt32(at + 4, true)
    if (metadata === 0) break
    const body = isSchema ? 0 : bodyLength(view, at + 8)
    at += 8 + metadata + body
    if (!isSchema) {
      const batch = source?.nextBatch() ?? []
      records += batch.length
      sizes.push(at)
      ends.push({ records, stampNs: batch.at(-1)?.stampNs ?? 0 })
    }
    isSchema = false
  }
  journal.close()
  return [sizes, ends]
}

/** Field 3 of the flatbuffer Message: bodyLength, int64. */
function bodyLength(view: DataView, start: number): number {
  const table = start + view.getUint32(start, true)
  const vtable = table - view.getInt32(table, true)
  return Number(view.getBigInt64(table + view.getUint16(vtable + 4 + 2 * 3, true), true))
}

function countRecords(path: string): number {
  const journal = new JournalReader(runFolder(path).journal)
  const source = journal.sources().find((s) => s.source === 'serial')
  let records = 0
  for (let batch = source?.nextBatch(); batch !== undefined; batch = source?.nextBatch()) records += batch.length
  journal.close()
  return records
}

test.run()
