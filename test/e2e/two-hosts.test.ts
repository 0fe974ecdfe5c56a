// A runner on another machine: its clock is an hour ahead and 200 ppm fast, and only questions and answers over its own socket
// tell. What its times are on this host only the test knows.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { decodeEventMessage, eventAt } from '../../src/inference/event-message.ts'
import { JournalReader } from '../../src/journal/reader.ts'
import { recordRun } from '../../src/pipeline/record.ts'
import * as P from '../../src/protocol/constants.ts'
import { compareEnergies } from '../../src/truth/compare.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { alterRun } from '../support/altered-run.ts'
import { CREATED_BY, finalise, RUN_ID, recipeOf, rms, scratch } from './testbed.ts'

const OFFSET_NS = 3_600_000_000_000n
const RATE_PPM = 200
let run = ''

test('every event within the stated bound of where it truly was, energies as good as ever', async () => {
  run = join(scratch(), 'run')
  const { runJson, error } = await recordRun({
    recipe: recipeOf('demo', { duration: '6 s', 'runner.host': 'remote' }),
    runId: RUN_ID,
    path: run,
    createdBy: CREATED_BY,
    onStatus: () => undefined,
    onFigures: () => undefined,
    signal: new AbortController().signal,
    runnerArguments: ['--clock-offset-ns', String(OFFSET_NS), '--clock-rate-ppm', String(RATE_PPM)],
  })
  assert.is(error, undefined)
  const { runner } = runJson.clock
  assert.ok(runner !== null && runner.exchanges > 100)
  const { offNs, events } = await eventErrors(run, Number(runJson.start.origin_mono_ns))
  const worstNs = Math.max(...offNs)
  const sorted = offNs.slice().sort((a, b) => a - b)
  console.log(
    `two hosts: ${runner.exchanges} exchanges, ${events} events, off by p50 ${us(sorted[offNs.length >> 1])}, p99 ${us(sorted[Math.floor(0.99 * offNs.length)])}, max ${us(worstNs)} us; bound p99 ${us(runner.bound_p99_ns)}, max ${us(runner.bound_max_ns)} us`,
  )
  assert.ok(events > 1000)
  assert.ok(worstNs <= (runner.bound_max_ns ?? 0))
  assert.ok((runner.bound_p99_ns ?? Number.NaN) < 1.5e6)
  const energies = await compareEnergies(run)
  const reasons = await duckdb(
    `select reason, count(*) as n, min(start_ns) as first from '${join(run, 'inferences', '*.parquet')}' where energy_j is null group by reason`,
  )
  console.log(
    `energies: ${energies.inferences} inferences, rms of z ${rms(energies.z).toFixed(2)}, mean ${(100 * (energies.meanJ / energies.trueMeanJ - 1)).toFixed(2)} % off; without: ${reasons.map(({ reason, n, first }) => `${n} ${reason} from ${Number(first) / 1e9} s`).join(', ') || 'none'}; ${runJson.warnings.map(({ message }) => message).join('; ') || 'no warnings'}`,
  )
  assert.is(runJson.counts.unresolved, 0)
  assert.ok(energies.inferences > 100)
  assert.ok(rms(energies.z) < 1.5)
  assert.ok(Math.abs(energies.meanJ / energies.trueMeanJ - 1) < 0.01)
  const [bounds] = await duckdb(
    `select min(align_bound_ns) as least from '${join(run, 'inferences', '*.parquet')}' where energy_j is not null`,
  )
  assert.ok(Number(bounds?.least) > Number(runJson.clock.runner?.bound_p99_ns) / 20, 'both bounds are in the rows')
})

test('a replay gives the same figures', async () => {
  const out = join(scratch(), 'again')
  await alterRun(run, out, (record) => record)
  const again = await finalise(out)
  const first = await finalise(run)
  assert.equal(again.runJson, first.runJson)
})

test('taken for a runner of this host, nothing falls on the samples', async () => {
  const out = join(scratch(), 'local')
  await alterRun(run, out, (record) => {
    if (record.kind !== P.JOURNAL_RECIPE) return record
    const told = JSON.parse(Buffer.from(record.payload).toString())
    told.recipe.runner.host = 'local'
    return { ...record, payload: Buffer.from(JSON.stringify(told)) }
  })
  const { runJson } = await finalise(out)
  assert.is(runJson.clock.runner, null)
  assert.is(runJson.counts.unresolved, runJson.counts.inferences)
})

test('a remote runner that did not tell its clock: a warning, and no span is aligned', async () => {
  const out = join(scratch(), 'mute')
  await alterRun(run, out, (record) => (record.kind === P.JOURNAL_RUNNER_CLOCK ? undefined : record))
  const { runJson } = await finalise(out)
  assert.ok(runJson.warnings.some(({ code }) => code === 'runner-unaligned'))
  assert.is(runJson.counts.unresolved, runJson.counts.inferences)
})

/** Distances of the dataset's events from where they were on this host's clock. */
async function eventErrors(path: string, originNs: number): Promise<{ offNs: number[]; events: number }> {
  const trueNs = new Map<number, number>()
  const journal = new JournalReader(runFolder(path).journal)
  const source = journal.sources().find(({ source: name }) => name === 'events')
  for (let batch = source?.nextBatch(); batch !== undefined; batch = source?.nextBatch())
    for (const { payload } of batch) {
      const answer = decodeEventMessage(payload)
      if (answer.kind !== 'message' || answer.message.message !== P.MESSAGE_EVENTS) continue
      for (let i = 0; i < answer.message.count; i++) {
        const { sequence, tNs } = eventAt(answer.message, i)
        trueNs.set(sequence, Number(tNs - OFFSET_NS) / (1 + RATE_PPM * 1e-6) - originNs)
      }
    }
  journal.close()
  const rows = await duckdb(`select sequence, t_ns from '${join(path, 'events', '*.parquet')}'`)
  const offNs = rows.map(({ sequence, t_ns }) => Math.abs(Number(t_ns) - (trueNs.get(Number(sequence)) ?? Number.NaN)))
  return { offNs, events: rows.length }
}

function us(ns: number | null | undefined): string {
  return ns === null || ns === undefined ? 'none' : (ns / 1e3).toFixed(1)
}

test.run()
