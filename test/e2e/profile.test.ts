// Profiles of runs on the virtual testbed: the integral of the profile is the mean energy of the table.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { profileRun } from '../../src/pipeline/profile.ts'
import { emulate, joulespan, recipeOf } from './testbed.ts'

test('one TPU: the profile integrates to the mean energy, its shape is transfer, compute, transfer', async () => {
  const { path } = await emulate(recipeOf('one-tpu', { 'testbed.seed': 3, duration: '6 s' }))
  const profile = await profileRun(runFolder(path), { bins: 60 })
  assert.ok(profile.folded > 200, `${profile.folded} folded`)
  assert.is(profile.energyCount, profile.folded)
  const z = (profile.integralJ - profile.energyMeanJ) / profile.integralSeJ
  console.log(
    `integral ${profile.integralJ}, mean energy ${profile.energyMeanJ}: ${z.toFixed(2)} standard errors apart; Kuiper p ${profile.uniformity.p.toFixed(3)}`,
  )
  assert.ok(Math.abs(z) < 2, `${z} standard errors apart`)
  const at = (part: number) => profile.byPhase[Math.floor(part * 60)]?.watts ?? Number.NaN
  assert.ok(at(0.1) > 0.1 && at(0.1) < 0.6 * at(0.6), `transfer ${at(0.1)} W, compute ${at(0.6)} W`)
  const before = profile.byTime[0]
  assert.ok(
    Math.abs(before?.watts ?? Number.NaN) < 4 * (before?.seW ?? 0) + 0.01,
    `${before?.watts} W before the start`,
  )
  const shown = await joulespan(['profile', path, '--bins', '20'])
  assert.is(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, 'power above idle')
  const { by_time, format } = JSON.parse((await joulespan(['profile', path, '--json'])).stdout)
  assert.is(format, 'joulespan.profile')
  assert.is(by_time.length, 40)
})

test.run()
