// Forty boards: is the stated uncertainty of the mean what it says?
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareClock, compareEnergies, percentile } from '../../src/truth/compare.ts'
import { emulate, recipeOf, rms } from './testbed.ts'

const SEEDS = 40

test(`${SEEDS} boards of the demo: (mean - truth) / u is about 1, and every map within its bound`, async () => {
  const z: number[] = []
  const rowZ: number[] = []
  const queue = Array.from({ length: SEEDS }, (_, i) => 1000 + i)
  const work = async (): Promise<void> => {
    for (let seed = queue.shift(); seed !== undefined; seed = queue.shift()) {
      const { path, runJson, summary } = await emulate(recipeOf('demo', { 'testbed.seed': seed }))
      const energies = await compareEnergies(path)
      const clock = await compareClock(path)
      const total = summary.find(({ task }) => task === null)
      const u = Number(total?.energy_mean_u_j)
      z.push((energies.meanJ - energies.trueMeanJ) / u)
      rowZ.push(...energies.z)
      assert.is(clock.outside, 0, `seed ${seed}: ${clock.outside} of ${clock.points} points outside the bound`)
      assert.is(runJson.link.frames_lost, 0, `seed ${seed}`)
      assert.ok((runJson.energy.v12?.conservation_error ?? 1) <= 1e-9, `seed ${seed}`)
      assert.ok(percentile(clock.errorNs, 0.99) < 100e3, `seed ${seed}`)
    }
  }
  await Promise.all([work(), work()])
  const spread = rms(z)
  const within = z.filter((value) => Math.abs(value) <= 2).length
  console.log(
    `rms of (mean - truth) / u over ${SEEDS} boards: ${spread.toFixed(2)}; ${within} within 2 u; rows: ${rms(rowZ).toFixed(2)}`,
  )
  assert.ok(spread >= 0.7 && spread <= 1.3, `rms ${spread}`)
  assert.ok(within >= 0.9 * SEEDS, `${within} of ${SEEDS} within 2 u`)
})

test.run()
