// A run's own tables through `attribute`: another road to the same figures.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readTable } from '../../src/dataset/read-table.ts'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { attributed } from '../attribute/attributed.ts'
import { emulate, recipeOf, rms } from './testbed.ts'

test('the power and stages of a run, given back as a trace and a list, give its energies within their uncertainty', async () => {
  const { path } = await emulate(recipeOf('one-tpu', { 'testbed.seed': 5, duration: '6 s' }))
  const [power, spans] = [join(path, 'power/part-00000.parquet'), join(path, 'stages/part-00000.parquet')]
  const { inferences, document } = await attributed(power, spans, { timeConstantNs: 80_000, alignBoundNs: 50_000 })
  const run = (await readTable(runFolder(path), 'inferences'))?.toArray().map((row) => row.toJSON()) ?? []
  const byId = new Map(run.map((row) => [row.inference_id, row]))
  assert.is(inferences.length, run.length)
  const z: number[] = []
  let [sum, sumOfRun] = [0, 0]
  for (const row of inferences) {
    const own = byId.get(row.inference_id)
    assert.is(row.start_ns, own?.start_ns)
    assert.is(row.task, own?.task)
    z.push(((row.energy_j as number) - own?.energy_j) / own?.energy_u_j)
    sum += row.energy_j as number
    sumOfRun += own?.energy_j
  }
  console.log(`rms difference ${rms(z).toFixed(2)} u; mean off by ${(100 * (sum / sumOfRun - 1)).toFixed(2)} %`)
  assert.ok(rms(z) < 1, `rms ${rms(z)} u`)
  assert.ok(Math.abs(sum / sumOfRun - 1) < 0.01, `mean ${sum}, of the run ${sumOfRun}`)
  assert.ok((document.energy.v12?.conservation_error ?? 1) <= 1e-9)
})

test.run()
