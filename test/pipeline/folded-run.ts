// A run folder with one sensor and one device, made from a list of starts and a power as a function of time.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PartWriter } from '../../src/dataset/parquet-writer.ts'
import { appendPowerBlock } from '../../src/dataset/power-block.ts'
import { partPath, type RunFolder, runFolder } from '../../src/dataset/run-folder.ts'
import { type RunJson, writeRunJson } from '../../src/dataset/run-json.ts'
import { TABLES } from '../../src/dataset/schema.ts'
import type { StageRow } from '../../src/dataset/stages-table.ts'

const RUN_ID = '20260101T000000Z-folded-0001'

export interface FoldedRun {
  readonly startsNs: readonly number[]
  readonly durationNs: number
  readonly periodNs: number
  readonly samples: number
  /** Mean power of the sample whose cell begins at `ns`. */
  watts(ns: number): number
  readonly segment?: (i: number) => number
}

export async function writeFoldedRun(run: FoldedRun): Promise<RunFolder> {
  const path = mkdtempSync(join(tmpdir(), 'joulespan-folded-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  const folder = runFolder(path)
  const options = (table: keyof typeof TABLES) => ({
    path: partPath(folder, table, 0),
    runId: RUN_ID,
    rails: ['v12'],
  })
  const power = await PartWriter.open(TABLES.power, options('power'))
  const tNs = Float64Array.from({ length: run.samples }, (_, i) => Math.round((i + 0.5) * run.periodNs))
  const watts = Float32Array.from({ length: run.samples }, (_, i) => run.watts(i * run.periodNs))
  appendPowerBlock(power.rows, { tNs, utcAtStartUs: 0, watts: [watts], firstIndex: 0, flags: 0 })
  await power.close()
  const stages = await PartWriter.open(TABLES.stages, options('stages'))
  const inferences = await PartWriter.open(TABLES.inferences, options('inferences'))
  for (const [i, startNs] of run.startsNs.entries()) {
    const { kind, device, span_id, segment, ...common } = stageRow(run, i, startNs)
    stages.rows.appendRow({ kind, device, span_id, segment, ...common })
    inferences.rows.appendRow({ ...common, inference_id: i, task: 'task', queue_ns: 0 })
  }
  for (const writer of [stages, inferences]) await writer.close()
  const events = await PartWriter.open(TABLES.events, options('events'))
  await events.close()
  await writeRunJson(folder, runJson(run))
  return folder
}

function stageRow(run: FoldedRun, i: number, startNs: number): StageRow {
  return {
    ...{ run_id: RUN_ID, span_id: i, inference_id: i, kind: 'stage', task: 'task', model: 'm' },
    ...{ segment: run.segment?.(i) ?? 0, device: 'tpu0', start_time: 0 },
    ...{ start_ns: startNs, end_ns: startNs + run.durationNs, duration_ns: run.durationNs },
    ...{ method: 'unresolved', reason: 'shorter than two samples', n_samples: 0, coverage: 1, overlap: 0, flags: 0 },
    align_bound_ns: 1000,
  }
}

/** Only what a profile reads is filled in. */
function runJson(run: FoldedRun): RunJson {
  const calibration = [{ name: 'v12', current: { timeConstantNs: 0 } }]
  return {
    ...{ format: 'joulespan.run', version: 1, run_id: RUN_ID, created_by: 'joulespan test', closed_reason: 'done' },
    start: { time: '', origin_mono_ns: '0', origin_utc_ns: '0' },
    duration_ns: run.samples * run.periodNs,
    recipe: { sensor: { settleNs: 0 } },
    rails: ['v12'],
    ...{
      calibration,
      warnings: [],
      powers: [],
      overlap: {},
      counts: {},
      energy: {},
      clock: {},
      link: {},
      host: {},
      firmware: null,
      parts: {},
    },
  } as unknown as RunJson
}
