import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kuiperTest } from '../../src/energy/kuiper.ts'
import { seededRandom } from '../../src/units/random.ts'

test('published critical values: V sqrt(n)* of 1.620, 1.747 and 2.001 are passed by 10, 5 and 1 %', () => {
  // n phases on a grid, all moved into the first 1 - v of the circle: V is v + 1/n
  for (const [critical, chance] of [
    [1.62, 0.1],
    [1.747, 0.05],
    [2.001, 0.01],
  ] as const) {
    const n = 10_000
    const v = critical / (Math.sqrt(n) + 0.155 + 0.24 / Math.sqrt(n))
    const phases = Float64Array.from({ length: n }, (_, i) => ((i + 0.5) / n) * (1 - v + 1 / n))
    const seen = kuiperTest(phases)
    assert.ok(Math.abs(seen.v - v) < 1e-4, `V ${seen.v}, wanted ${v}`)
    assert.ok(Math.abs(seen.p / chance - 1) < 0.03, `p ${seen.p}, published ${chance}`)
  }
})

test('even phases: p below x in about x of the cases, also for few', () => {
  const random = seededRandom(5)
  for (const n of [12, 100]) {
    let below = 0
    const rounds = 2000
    for (let i = 0; i < rounds; i++) if (kuiperTest(Float64Array.from({ length: n }, random)).p < 0.1) below++
    assert.ok(Math.abs(below / rounds - 0.1) < 0.025, `${n} phases: ${below} of ${rounds}`)
  }
})

test('turning the circle changes nothing; a lump is seen wherever it is', () => {
  const random = seededRandom(6)
  const lump = Float64Array.from({ length: 50 }, () => random() * 0.3)
  const turned = lump.map((phase) => (phase + 0.85) % 1)
  assert.ok(Math.abs(kuiperTest(lump).v - kuiperTest(turned).v) < 1e-12)
  assert.ok(kuiperTest(turned).p < 1e-6)
})

test.run()
