// Ten minutes of stream through the host: memory must not grow with the length of a run.
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { finaliseRun } from '../../src/pipeline/finalise-run.ts'
import { CREATED_BY, joulespan, scratch } from './testbed.ts'

const MINUTES = 10
const MIB = 2 ** 20
/** A leak of one byte a sample would be 2.2 MiB a minute. */
const SLOPE_MAX_MIB_PER_MINUTE = 1

// without a collection before each reading, what is read is how lazy the collector is
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test(`${MINUTES} minutes of stream: no slope in the least resident memory after the first minute`, async () => {
  const made = await joulespan([
    ...['emulate', 'pipelines/one-tpu.yaml', '--duration', `${60 * MINUTES} s`, '--set', 'part=10 s'],
    ...['--runs', scratch(), '--json'],
  ])
  assert.is(made.code, 0, made.stderr)
  const run = runFolder(JSON.parse(made.stdout).run_dir)
  const leastMiB = new Array<number>(MINUTES).fill(Number.POSITIVE_INFINITY)
  const { runJson } = await finaliseRun({
    run,
    out: runFolder(join(scratch(), 'again')),
    createdBy: CREATED_BY,
    onWindow: (untilS) => {
      collect()
      const minute = Math.min(MINUTES - 1, Math.floor((untilS - 1e-9) / 60))
      leastMiB[minute] = Math.min(leastMiB[minute] as number, process.memoryUsage.rss() / MIB)
    },
  })
  assert.is(runJson.link.samples_lost, 0)
  assert.ok(runJson.link.samples > 38_000 * 60 * MINUTES)
  const slope = slopeOf(leastMiB.slice(1))
  const words = leastMiB.map((mib) => mib.toFixed(0)).join(' ')
  console.log(`least resident memory by minute, MiB: ${words}; slope ${slope.toFixed(2)} MiB a minute`)
  assert.ok(slope <= SLOPE_MAX_MIB_PER_MINUTE, `${slope} MiB a minute: ${words}`)
})

/** Median of the slopes of all pairs (Theil and Sen): one late collection does not tilt it. */
function slopeOf(values: readonly number[]): number {
  const slopes = values.flatMap((late, j) => values.slice(0, j).map((early, i) => (late - early) / (j - i)))
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] as number
}

test.run()
