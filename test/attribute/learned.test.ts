// Overlaps: what is learned from them, and what is left as a sum.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/units/random.ts'
import { attributed, type Row, rowsOf, scratch } from './attributed.ts'

const STEP_NS = 50_000
const SECONDS = 5
const IDLE_W = 3
const POWERS_W = [1, 2] as const

interface Executed {
  readonly device: number
  readonly startNs: number
  readonly endNs: number
}

/** 20 kS/s with 20 mW of noise; every execution draws the power of its device. */
function write(executions: readonly Executed[]): { power: string; spans: string } {
  const random = seededRandom(21)
  const watts = new Float64Array((SECONDS * 1e9) / STEP_NS).fill(IDLE_W)
  for (const { device, startNs, endNs } of executions)
    for (let i = startNs / STEP_NS; i < endNs / STEP_NS; i++)
      watts[i] = (watts[i] as number) + (POWERS_W[device] as number)
  const folder = scratch()
  const [power, spans] = [join(folder, 'power.csv'), join(folder, 'spans.csv')]
  const noise = (): number => 0.02 * (random() + random() + random() - 1.5) * 2
  const rows = Array.from(watts, (w, i) => `${(i + 0.5) * STEP_NS},${(w + noise()).toFixed(5)}`)
  writeFileSync(power, ['t_ns,v12_w', ...rows].join('\n'))
  const list = executions.map(({ device, startNs, endNs }, i) => `${i},tpu${device},m${device},0,${startNs},${endNs}`)
  writeFileSync(spans, ['inference_id,device,model,segment,start_ns,end_ns', ...list].join('\n'))
  return { power, spans }
}

function steps(ns: number): number {
  return Math.round(ns / STEP_NS) * STEP_NS
}

test('two devices at random: learned powers, and energies divided by them', async () => {
  const random = seededRandom(20)
  const executions = [0, 1].flatMap((device) => {
    const list: Executed[] = []
    for (let t = 5e6; t < SECONDS * 1e9 - 40e6; t += 20e6 + random() * 20e6) {
      const startNs = steps(t)
      list.push({ device, startNs, endNs: startNs + steps(8e6 + random() * 4e6) })
    }
    return list
  })
  const { power, spans } = write(executions)
  const { out, inferences, document } = await attributed(power, spans)
  const powers = await rowsOf(out, 'powers')
  assert.is(powers.length, 2)
  for (const row of powers) {
    const true_ = POWERS_W[Number(String(row.device).slice(3))] as number
    assert.is(row.method, 'learned', String(row.reason))
    assert.is(row.rail, 'v12')
    near(row.power_w, true_, 0.02, `${row.device}`)
    assert.ok(Math.abs((row.power_w as number) - true_) < 4 * (row.power_u_w as number), `${row.power_u_w}`)
    assert.ok((row.vif as number) < 5 && (row.executions as number) > 20)
  }
  const learned = inferences.filter(({ method }) => method === 'learned')
  assert.ok(learned.length > 20, `${learned.length} learned`)
  for (const row of learned) {
    const { device, startNs, endNs } = executions[Number(row.inference_id)] as Executed
    near(row.energy_j, ((POWERS_W[device] as number) * (endNs - startNs)) / 1e9, 0.03, `inference ${row.inference_id}`)
  }
  assert.is(document.rows.inferences.by_method.learned, learned.length)
  assert.is((await rowsOf(out, 'groups')).length, 0)
})

test('two devices in step: only their sum is known, and the groups hold it', async () => {
  const executions: Executed[] = []
  for (let t = 5e6; t < SECONDS * 1e9 - 40e6; t += 25e6)
    for (const device of [0, 1]) executions.push({ device, startNs: t, endNs: t + 10e6 })
  const { power, spans } = write(executions)
  const { out, inferences, stages, document } = await attributed(power, spans)
  assert.ok(
    inferences.every(({ energy_j, group_id, method }) => energy_j === null && group_id !== null && method === 'group'),
  )
  const groups = await rowsOf(out, 'groups')
  const byId = new Map<unknown, Row>(groups.map((row) => [row.group_id, row]))
  for (const { group_id } of stages) assert.ok(byId.has(group_id))
  const sum = groups.reduce((total, { energy_j }) => total + (energy_j as number), 0)
  near(sum, (executions.length / 2) * 3 * 0.01, 0.01, 'sum of the groups')
  near(sum, document.energy.v12?.attributed_j, 1e-9, 'attributed')
  assert.is(
    groups.reduce((total, { n }) => total + Number(n), 0),
    executions.length,
  )
  assert.equal(
    JSON.parse(groups[0]?.members as string).map(({ device }: { device: string }) => device),
    ['tpu0', 'tpu1'],
  )
})

function near(seen: unknown, expected: number | undefined, relative: number, what: string): void {
  const off = Math.abs((seen as number) / (expected as number) - 1)
  assert.ok(off <= relative, `${what}: expected ${expected}, saw ${seen}`)
}

test.run()
