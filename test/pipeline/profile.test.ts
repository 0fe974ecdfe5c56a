import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readParquet } from '../../src/dataset/read-table.ts'
import { profileRun, writeProfile } from '../../src/pipeline/profile.ts'
import { seededRandom } from '../../src/units/random.ts'
import { writeFoldedRun } from './folded-run.ts'

const PERIOD_NS = 25_000
const SAMPLES = 140_000
const IDLE_W = 3

/** 1 W for the first half of its duration, 2 W for the second, point sampled in the middle of the cell, noise on top. */
function powerOf(startsNs: readonly number[], durationNs: number, random: () => number) {
  let next = 0
  return (cellNs: number): number => {
    const ns = cellNs + PERIOD_NS / 2
    while (next + 1 < startsNs.length && (startsNs[next + 1] as number) <= ns) next++
    const since = ns - (startsNs[next] as number)
    const level = since < 0 || since >= durationNs ? 0 : since < durationNs / 2 ? 1 : 2
    return IDLE_W + level + 0.1 * (random() + random() - 1)
  }
}

async function profileOf(startsNs: readonly number[], durationNs: number, bins = 40) {
  const random = seededRandom(8)
  const watts = powerOf(startsNs, durationNs, random)
  const folder = await writeFoldedRun({ startsNs, durationNs, periodNs: PERIOD_NS, samples: SAMPLES, watts })
  return { folder, profile: await profileRun(folder, { bins }) }
}

function randomStarts(count: number): number[] {
  const random = seededRandom(4)
  return Array.from({ length: count }, (_, i) => Math.round((i + 1) * 2e6 + random() * 5e5))
}

test('an inference shorter than two samples has a shape and an energy when there are many of it', async () => {
  const durationNs = 40_000
  const { profile } = await profileOf(randomStarts(1500), durationNs)
  assert.is(profile.folded, 1500)
  assert.is(profile.short, 1500)
  const trueJ = (1.5 * durationNs) / 1e9
  const off = Math.abs(profile.integralJ - trueJ)
  assert.ok(off < 3 * profile.integralSeJ, `integral ${profile.integralJ}, true ${trueJ}, se ${profile.integralSeJ}`)
  // a plain sum over so few samples scatters far more than the profile's mean
  assert.ok(profile.integralSeJ < 0.05 * trueJ, `se ${profile.integralSeJ}`)
  const inside = profile.byPhase.map(({ from, watts, seW }) => Math.abs(watts - (from < 0.4999 ? 1 : 2)) / seW)
  assert.ok(Math.max(...inside) < 5, `bins off by up to ${Math.max(...inside)} s.e.`)
  const outside = profile.byTime.filter(({ from, to }) => to < 0 || from > durationNs)
  for (const { watts, seW } of outside) assert.ok(Math.abs(watts) < 5 * seW, `outside ${watts} +- ${seW}`)
  assert.not(profile.isLocked)
  assert.ok(profile.uniformity.p > 1e-3)
})

test('a loop that is locked to the sampling is called so; one that is not, is not', async () => {
  // every start 10 us behind a sample: a multiple of the period apart
  const locked = Array.from({ length: 500 }, (_, i) => (i + 1) * 160 * PERIOD_NS + PERIOD_NS / 2 + 10_000)
  const { profile } = await profileOf(locked, 1_000_000)
  assert.ok(profile.isLocked, JSON.stringify(profile.uniformity))
  assert.ok(profile.uniformity.v > 0.95)
  // the same, 50 ns off each time: slowly all phases come by
  const free = Array.from({ length: 500 }, (_, i) => (i + 1) * (160 * PERIOD_NS + 50) + 10_000)
  const { profile: other } = await profileOf(free, 1_000_000)
  assert.not(other.isLocked)
  assert.ok(Math.abs(other.integralJ - 1.5e-3) < 3 * other.integralSeJ + 1e-6, `${other.integralJ}`)
})

test('what is not alone, not measured or not asked for is left out and counted', async () => {
  const startsNs = [...randomStarts(300), 100_900_000, 9e9].sort((a, b) => a - b)
  const { folder, profile } = await profileOf(startsNs, 500_000)
  assert.ok(profile.overlapping >= 1)
  assert.is(profile.notMeasured, 1)
  assert.is(profile.folded + profile.overlapping + profile.notMeasured, startsNs.length)
  const message = await profileRun(folder, { bins: 10, model: 'other' }).catch((error) => error.message)
  assert.match(message, /expected one model of m, saw other/)
  const segment = await profileRun(folder, { bins: 10, segment: 7 }).catch((error) => error.message)
  assert.match(segment, /expected a segment of m among 0, saw 7/)
})

test('the table holds both axes', async () => {
  const { folder, profile } = await profileOf(randomStarts(200), 500_000, 25)
  const path = join(folder.path, 'profile.parquet')
  await writeProfile(path, profile)
  const rows = (await readParquet(path)).toArray().map((row) => row.toJSON())
  assert.is(rows.length, 50)
  assert.equal(
    rows.filter(({ axis }) => axis === 'phase').map(({ power_w }) => power_w),
    profile.byPhase.map(({ watts }) => watts),
  )
  assert.is(rows[0]?.from, -300_000)
})

test.run()
