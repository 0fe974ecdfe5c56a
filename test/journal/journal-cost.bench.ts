// What the journal costs: one batch in the ingest thread (four a second), and reading and merging a run.
// Run alone: node --import tsx test/journal/journal-cost.bench.ts
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { JournalMerge } from '../../src/journal/merge.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { JournalWriter } from '../../src/journal/writer.ts'
import { hostNs } from '../../src/units/units.ts'

/** 250 ms of an Arduino Uno: serial reads of about one frame. */
const RECORDS_PER_BATCH = 80
const PAYLOAD_BYTES = 190
const BATCHES_PER_RUN = 2000
const RUNS = 5
const SOURCES = ['board-0', 'board-1', 'runner']

export interface JournalCost {
  /** 80 appends. */
  readonly append_us: number
  /** Encoding a batch of 80 records and writing it to the page cache. */
  readonly flush_us: number
  /** One fdatasync of four such batches, on the disk of the temporary folder. */
  readonly sync_ms: number
  readonly read_merge_mb_per_s: number
  readonly read_merge_records_per_s: number
}

/** Medians of five runs. */
export async function measureJournalCost(): Promise<JournalCost> {
  const runs: JournalCost[] = []
  for (let i = 0; i < RUNS; i++) runs.push(await measureOnce())
  return {
    append_us: median(runs.map((run) => run.append_us)),
    flush_us: median(runs.map((run) => run.flush_us)),
    sync_ms: median(runs.map((run) => run.sync_ms)),
    read_merge_mb_per_s: median(runs.map((run) => run.read_merge_mb_per_s)),
    read_merge_records_per_s: median(runs.map((run) => run.read_merge_records_per_s)),
  }
}

async function measureOnce(): Promise<JournalCost> {
  const folder = mkdtempSync(join(tmpdir(), 'joulespan-journal-cost-'))
  try {
    const writing = await write(folder)
    return { ...writing, ...read(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function write(folder: string): Promise<Pick<JournalCost, 'append_us' | 'flush_us' | 'sync_ms'>> {
  const identity = { runId: 'bench', originMonoNs: 0n, originUtcNs: 0n }
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(0x5a)
  const append_us: number[] = []
  const flush_us: number[] = []
  const sync_ms: number[] = []
  for (const source of SOURCES) {
    const writer = new JournalWriter({ folder, source, identity })
    for (let batch = 0; batch < BATCHES_PER_RUN; batch++) {
      const start = performance.now()
      for (let i = 0; i < RECORDS_PER_BATCH; i++)
        writer.append(1, hostNs((batch * RECORDS_PER_BATCH + i) * 3e6), payload)
      const appended = performance.now()
      writer.flush()
      const flushed = performance.now()
      append_us.push(1000 * (appended - start))
      flush_us.push(1000 * (flushed - appended))
      if (batch % 100 !== 3) continue
      await writer.sync()
      sync_ms.push(performance.now() - flushed)
    }
    await writer.close()
  }
  return { append_us: median(append_us), flush_us: median(flush_us), sync_ms: median(sync_ms) }
}

function read(folder: string): Pick<JournalCost, 'read_merge_mb_per_s' | 'read_merge_records_per_s'> {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  const journal = new JournalReader(folder)
  let records = 0
  const start = performance.now()
  for (const record of new JournalMerge(journal).take()) records += record.payload.length === PAYLOAD_BYTES ? 1 : 0
  const seconds = (performance.now() - start) / 1000
  journal.close()
  if (records !== SOURCES.length * BATCHES_PER_RUN * RECORDS_PER_BATCH) throw new Error(`read ${records} records`)
  return { read_merge_mb_per_s: bytes / 1e6 / seconds, read_merge_records_per_s: records / seconds }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const cost = await measureJournalCost()
  for (const [name, value] of Object.entries(cost)) console.log(`${name}\t${Number(value.toPrecision(4))}`)
}
