// The short form of test/accuracy/energy-main.ts: one board of each pipeline against its truth.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describe, isJudged, passes } from '../accuracy/accuracy-row.ts'
import { isolatedRuns, makeRuns, overlapRuns } from '../accuracy/energy-runs.ts'
import { isolatedRows, rms, testbedRows } from '../accuracy/energy-testbed.ts'

test('inferences that overlap: figures are right within their uncertainty, and joules are all accounted for', async () => {
  const wanted = overlapRuns({ demo: 2, 'eight-independent': 2, 'two-models': 1, 'two-rails': 1 })
  const runs = await makeRuns(wanted, { atOnce: 2 })
  const all = testbedRows(runs).filter((row) => isJudged(row) && !row.figure.startsWith('rms (mean'))
  for (const row of all) assert.ok(row.figure.startsWith('means within') || passes(row), describe(row))
  const means = runs.flatMap(({ meanZ }) => meanZ)
  // 24 task means: three of them beyond 2 u would be odd, one beyond 4 impossible
  assert.ok(means.filter((z) => Math.abs(z) > 2).length <= 3 && means.every((z) => Math.abs(z) < 4), String(means))
  for (const { scenario, unresolved } of runs) assert.is(unresolved, 0, scenario)
})

test('stages locked in phase: no figure that the truth contradicts', async () => {
  const [run] = await makeRuns(overlapRuns({ 'four-tpu-pipeline': 1 }), { atOnce: 1 })
  assert.ok(rms(run?.stageZ ?? []) < 1.4, `rms z ${rms(run?.stageZ ?? [])} of ${run?.stageZ.length} stages`)
  assert.ok(Math.abs(run?.meanZ[0] ?? 9) < 3)
})

test('one inference of 10 ms and 2 W at a time is known to 2 % on 12 V, its mean to 1 %', async () => {
  const rows = isolatedRows(await makeRuns(isolatedRuns(12, 1), { atOnce: 1 }), { randomRel: 0.02, meanRel: 0.01 })
  for (const row of rows) if (isJudged(row)) assert.ok(passes(row), describe(row))
})

test.run()
