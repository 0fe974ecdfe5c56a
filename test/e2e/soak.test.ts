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
/** Of the live heap from the first half to the second; a leak of one byte a sample would be 11 MiB. */
const HEAP_GROWTH_MAX_MIB = 3
/** Resident memory also holds what the allocator keeps: over 40 minutes it moves by some 5 MiB up and down, without a trend. */
const RESIDENT_RATIO_MAX = 1.06

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
  const leastHeap = new Array<number>(MINUTES).fill(Number.POSITIVE_INFINITY)
  const leastResident = leastHeap.slice()
  const { runJson } = await finaliseRun({
    run,
    out: runFolder(join(scratch(), 'again')),
    createdBy: CREATED_BY,
    onWindow: (untilS) => {
      collect()
      const minute = Math.min(MINUTES - 1, Math.floor((untilS - 1e-9) / 60))
      const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
      leastHeap[minute] = Math.min(leastHeap[minute] as number, (heapUsed + arrayBuffers) / MIB)
      leastResident[minute] = Math.min(leastResident[minute] as number, rss / MIB)
    },
  })
  assert.is(runJson.link.samples_lost, 0)
  assert.ok(runJson.link.samples > 38_000 * 60 * MINUTES)
  const words = `resident ${rounded(leastResident)}; live heap ${rounded(leastHeap)}`
  console.log(`least memory by minute, MiB: ${words}`)
  const [heapBefore, heapAfter] = halves(leastHeap)
  assert.ok(heapAfter <= heapBefore + HEAP_GROWTH_MAX_MIB, words)
  const [before, after] = halves(leastResident)
  assert.ok(after <= RESIDENT_RATIO_MAX * before, words)
})

/** Least of minutes 2 to 5, and of all later ones. */
function halves(byMinute: readonly number[]): [number, number] {
  return [Math.min(...byMinute.slice(1, 5)), Math.min(...byMinute.slice(5))]
}

function rounded(values: readonly number[]): string {
  return values.map((value) => value.toFixed(0)).join(' ')
}

test.run()
