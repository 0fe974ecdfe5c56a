import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { encodeRunJson, type RunJson, readRunJson, writeRunJson } from '../../src/dataset/run-json.ts'
import { errorOf } from './error-of.ts'
import { scratchFolder } from './scratch-folder.ts'

const RUN: RunJson = {
  format: 'joulespan.run',
  version: 1,
  run_id: '20261123T204001Z-mobilenetv2-4tpu-7k3f',
  created_by: 'joulespan 0.1.0',
  closed_reason: 'done',
  start: { time: '2026-11-23T20:40:01.123Z', origin_mono_ns: '1234567890123', origin_utc_ns: '1795466401123456789' },
  duration_ns: 60_000_000_000,
  host: { name: 'lab1', os: 'Linux 6.1', cpu: 'x86-64', node: '20.20.2' },
  recipe: { zebra: 1, apple: [{ b: 1, a: null }, 'x'] },
  rails: ['v3_3', 'v12'],
  calibration: [{ input: 0, kind: 'current' }],
  runner: { name: 'joulespan-runner', backend: 'cpu', tflite: '2.18.0', threads: 1 },
  firmware: { hardware: 'ATmega328P', version: '1.0.0', serial: 'JS0001', f_cpu_hz: 16_000_000 },
  clock: {
    epochs: 1,
    bound_p99_ns: 91_000,
    bound_max_ns: 120_000,
    rate_ppm: -412.5,
    pings_sent: 600,
    pings_answered: 599,
    suspends: 0,
    marker: null,
    runner: null,
  },
  link: { bytes: 1, frames: 2, frames_lost: 0, frames_bad: { crc: 0 }, samples: 3, samples_lost: 0, resets: 0 },
  counts: { inferences: 1, stages: 2, events: 3, events_lost: 0, methods: {}, reasons: {}, unresolved: 0 },
  energy: {
    v12: {
      measured_j: 10,
      idle_j: 4,
      idle_unowned_j: 1,
      attributed_j: 5,
      load_j: 0.5,
      unattributed_j: 0.25,
      uncovered_j: 0.25,
      gap_s: 0,
      conservation_error: 0,
    },
  },
  powers: [],
  overlap: { lag_ns: null, lag_sd_ns: null, scatter: { v12: 0 } },
  warnings: [{ code: 'gap', message: 'a gap of 3 ms' }],
  parts: { power: [{ rows: 3, row_groups: 1, bytes: 100, sha256: 'ab' }] },
}

const folder = runFolder(join(scratchFolder(), RUN.run_id))

test('what is written is read back', async () => {
  await writeRunJson(folder, RUN)
  assert.equal(await readRunJson(folder), RUN)
  assert.equal(readdirSync(folder.path), ['run.json'])
  await writeRunJson(folder, { ...RUN, closed_reason: null, firmware: null, duration_ns: null })
  assert.is((await readRunJson(folder)).closed_reason, null)
})

test('the order in which a document was put together leaves no trace; that of lists stays', () => {
  const text = encodeRunJson(RUN)
  assert.is(encodeRunJson(reversed(RUN) as RunJson), text)
  assert.match(text, /^\{\n {2}"format": "joulespan.run",\n {2}"version": 1,\n {2}"run_id"/)
  assert.equal(JSON.parse(text).rails, ['v3_3', 'v12'])
  assert.equal(Object.keys(JSON.parse(text).recipe), ['apple', 'zebra'])
})

test('a document that is not a run is refused with what was seen', async () => {
  mkdirSync(folder.path, { recursive: true })
  const { counts: _, link: __, ...partial } = RUN
  for (const [text, message] of [
    ['{"format": "joul', /expected JSON, saw '.+' in .+run\.json/],
    ['null', /expected a JSON object, saw null/],
    ['{}', /expected format 'joulespan.run', saw 'undefined'/],
    [JSON.stringify({ ...RUN, version: 2 }), /expected run.json version 1, saw 2/],
    [JSON.stringify(partial), /expected counts, link, saw none/],
  ] as const) {
    writeFileSync(folder.runJson, text)
    const error = await errorOf(readRunJson(folder))
    assert.is(error.code, 'dataset')
    assert.match(error.message, message)
  }
})

test('a run.json that is not there is a disk error with its path', async () => {
  const error = await errorOf(readRunJson(runFolder(join(folder.path, 'nowhere'))))
  assert.is(error.code, 'disk')
  assert.match(error.message, /cannot read .*nowhere\/run\.json: ENOENT/)
})

test('a value JSON cannot hold leaves the document before it', async () => {
  await writeRunJson(folder, RUN)
  const before = readFileSync(folder.runJson)
  const bad = { ...RUN, recipe: 1n } as unknown as RunJson
  const refused = await writeRunJson(folder, bad).then(
    () => false,
    () => true,
  )
  assert.ok(refused)
  assert.equal(readFileSync(folder.runJson), before)
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  )
}

test.run()
