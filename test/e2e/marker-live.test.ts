// The marker line live: the runner's thread toggles, the emulator's pin follows, edges come back over the pty.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { LiveFigures } from '../../src/live/live-meter.ts'
import { recordRun } from '../../src/pipeline/record.ts'
import { compareClock, percentile } from '../../src/truth/compare.ts'
import { CREATED_BY, RUN_ID, recipeOf, scratch } from './testbed.ts'

test('live: the map within 25 us and its bound, the online bound narrower too, no toggle unseen', async () => {
  const path = join(scratch(), 'run')
  let last: LiveFigures | undefined
  const { runJson, error } = await recordRun({
    recipe: recipeOf('demo', { duration: '6 s', 'runner.marker': '{ wire: virtual, every: 50 ms }' }),
    runId: RUN_ID,
    path,
    createdBy: CREATED_BY,
    onStatus: () => undefined,
    onFigures: (figures) => {
      last = figures
    },
    signal: new AbortController().signal,
  })
  assert.is(error, undefined)
  const clock = await compareClock(path, 4)
  const us = (ns: number): string => (ns / 1e3).toFixed(1)
  console.log(
    `live: ${clock.points} points, error p99 ${us(percentile(clock.errorNs, 0.99))}, bound p50 ${us(percentile(clock.boundNs, 0.5))}, online bound ${us(last?.boundNs ?? Number.NaN)} us; ${JSON.stringify(runJson.clock.marker)}`,
  )
  assert.is(clock.outside, 0)
  assert.ok(clock.points > 500)
  assert.ok(percentile(clock.errorNs, 0.99) <= 25e3)
  assert.ok((last?.boundNs ?? Number.NaN) < 40e3)
  const { marker } = runJson.clock
  assert.ok(marker !== null && marker.edges_used > 80)
  // an edge in a frame with a slip or before a lost one has no place
  assert.ok(marker.toggles_unseen + marker.edges_ambiguous <= 0.05 * marker.toggles, JSON.stringify(marker))
  assert.equal([marker.edges_opposite, marker.edges_foreign], [0, 0])
  assert.equal(
    runJson.warnings.filter(({ code }) => code.startsWith('marker')),
    [],
  )
})

test.run()
