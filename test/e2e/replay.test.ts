// The dataset is a pure function of the journal.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { TABLE_NAMES } from '../../src/dataset/schema.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import type { JournalRecord } from '../../src/journal/record.ts'
import { JournalWriter } from '../../src/journal/writer.ts'
import { seededRandom } from '../../src/units/random.ts'
import { emulate, finalise, recipeOf, scratch } from './testbed.ts'

// parts of 5 s: windows, look-ahead and what is carried from one to the next are all in play
const recipe = recipeOf('demo', { part: '5 s', duration: '25 s', 'testbed.seed': 11, 'testbed.faults': '[drop:1e-5]' })
const run = await emulate(recipe)

test('a second pass gives the same bytes', async () => {
  const out = join(scratch(), 'again')
  await finalise(run.path, out)
  assert.equal(tablesOf(out), tablesOf(run.path))
})

test('records shuffled as far as their stamps allow, batches and files cut elsewhere: the same bytes', async () => {
  for (const seed of [1, 2, 3]) {
    const shuffled = join(scratch(), 'shuffled')
    shuffleJournal(run.path, shuffled, seed)
    await finalise(shuffled)
    assert.equal(tablesOf(shuffled), tablesOf(run.path), `shuffle ${seed}`)
  }
})

test('there are several parts, and joined they hold every sample once', async () => {
  assert.ok((run.runJson.parts.power?.length ?? 0) >= 5)
  const rows = (run.runJson.parts.power ?? []).reduce((sum, part) => sum + part.rows, 0)
  const { samples } = run.runJson.link
  // a gap is one row
  assert.ok(
    rows >= samples && rows <= samples + run.runJson.link.frames_lost + 1,
    `${rows} rows for ${samples} samples`,
  )
})

function tablesOf(path: string): Record<string, string> {
  const files = TABLE_NAMES.flatMap((table) => readdirSync(join(path, table)).map((part) => join(table, part)))
  return Object.fromEntries([...files, 'summary.parquet'].sort().map((file) => [file, sha256(join(path, file))]))
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** The same records, out of order within 200 ms, in other batches and small files. */
function shuffleJournal(from: string, to: string, seed: number): void {
  const random = seededRandom(seed)
  const journal = new JournalReader(runFolder(from).journal)
  const identity = journal.identity()
  if (identity === undefined) throw new Error('no identity')
  for (const source of journal.sources()) {
    const records: JournalRecord[] = []
    for (let batch = source.nextBatch(); batch !== undefined; batch = source.nextBatch()) records.push(...batch)
    // the writer numbers its records anew, so records of one stamp must stay in their order; all others may move
    const jitterNs = new Map<number, number>()
    for (const { stampNs } of records) if (!jitterNs.has(stampNs)) jitterNs.set(stampNs, 200e6 * random())
    const keyed = records.map((record) => ({ record, key: record.stampNs + (jitterNs.get(record.stampNs) ?? 0) }))
    keyed.sort((x, y) => x.key - y.key || x.record.sequence - y.record.sequence)
    const folder = runFolder(to).journal
    const writer = new JournalWriter({ folder, source: source.source, identity, fileBytesMax: 200_000 })
    for (const { record } of keyed) {
      writer.append(record.kind, record.stampNs, record.payload)
      if (random() < 0.05) writer.flush()
    }
    writer.flush()
    void writer.close()
  }
  journal.close()
}

test.run()
