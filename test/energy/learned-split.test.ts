import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { COLLINEAR, MISALIGNED } from '../../src/energy/learned-powers.ts'
import { conservationError } from '../../src/energy/totals.ts'
import { seededRandom } from '../../src/units/random.ts'
import { describe, isJudged, passes } from '../accuracy/accuracy-row.ts'
import { overlapRows } from '../accuracy/energy-overlap.ts'
import { executionsOf, POWER_W, SCHEDULES } from '../accuracy/energy-scenarios.ts'
import { attribute, QUIET, type RailModel, spansOf, traceOf } from '../accuracy/synthetic-rail.ts'

test('overlapping devices are told apart where they can be, and only there', () => {
  for (const row of overlapRows(1, 400)) if (isJudged(row)) assert.ok(passes(row), describe(row))
})

test('property: whatever the windows and holes, the identity holds and every row is settled once', () => {
  const random = seededRandom(19)
  for (const schedule of SCHEDULES) {
    const executions = executionsOf(schedule, 80, 4, 0.05)
    const windowNs = (0.1 + 0.3 * random()) * 1e9
    const holes = [[0.1 + 0.1 * random(), 0.2 + 0.05 * random()]] as const
    const { ledger, rows } = attributed(executions, { holes: random() < 0.5 ? holes : [] }, windowNs)
    for (const totals of ledger.totals) assert.ok(conservationError(totals) < 1e-9, schedule)
    assert.is(rows.stages.length, executions.length)
    assert.is(rows.inferences.length, executions.length)
    const measured = rows.stages.filter(({ isMeasured }) => isMeasured)
    const shared = measured.reduce((sum, { shareJ }) => sum + (shareJ[0] as number), 0)
    near(shared, ledger.totals[0]?.attributedJ ?? 0, 1e-9 * shared)
    for (const { exclusiveJ, equalJ, inclusiveJ } of rows.stages) {
      assert.ok((exclusiveJ[0] as number) <= (equalJ[0] as number) + 2e-4)
      assert.ok((equalJ[0] as number) <= (inclusiveJ[0] as number) + 2e-4)
    }
  }
})

test('the same spans and samples give the same figures', () => {
  const executions = executionsOf('bursts', 100, 2, 0.05)
  const once = attributed(executions).rows.stages.map(({ energyJ, budget }) => [energyJ, budget?.uJ])
  assert.equal(
    attributed(executions).rows.stages.map(({ energyJ, budget }) => [energyJ, budget?.uJ]),
    once,
  )
})

test('a row of a group points to the row that holds its energy, and its members are named there', () => {
  const { rows, ledger } = attributed(executionsOf('lock-step-gaps', 200, 3, 0.05), {}, 0.3e9)
  const ids = new Set(rows.groups.map(({ id }) => id))
  assert.is(ids.size, rows.groups.length)
  let energyJ = 0
  for (const row of rows.stages.filter(({ method }) => method === 'group')) {
    assert.ok(row.groupId !== undefined && ids.has(row.groupId))
    assert.is(row.energyJ, undefined)
    assert.is(row.reason, COLLINEAR)
    energyJ += row.shareJ[0] as number
  }
  const groupJ = rows.groups.reduce((sum, group) => sum + (group.energyJ[0] as number), 0)
  near(groupJ, energyJ, 1e-9)
  const last = rows.groups[rows.groups.length - 1]
  assert.equal(
    last?.members.map(({ device }) => device),
    [0, 1, 2, 3],
  )
  // the sum of all devices is known as well as the rail
  assert.ok((last?.budgets[0]?.uJ ?? 1) < 0.01 * (last?.energyJ[0] ?? 0))
  assert.ok((ledger.totals[0]?.uncoveredJ ?? 1) < 1e-12)
})

test('power that comes 0.8 ms late is noticed, and nothing is divided by it', () => {
  const { ledger, rows } = attributed(executionsOf('pipeline-50', 300, 5, 0.05), { lateS: 8e-4 })
  const { found, outOfStep } = ledger.lag
  assert.ok(outOfStep)
  near(found?.lagNs ?? 0, 8.2e5, 0.6e5)
  assert.ok(rows.stages.some(({ reason }) => reason === MISALIGNED))
  assert.not.ok(attributed(executionsOf('pipeline-50', 300, 5, 0.05)).ledger.lag.outOfStep)
})

test('executions that vary are known less well: the scatter is seen in what the fit leaves', () => {
  const executions = executionsOf('pipeline-50', 400, 6, 0.05)
  const random = seededRandom(8)
  const varied = executions.map((execution) => ({
    ...execution,
    powerRel: 1 + 0.1 * (random() * 2 - 1) * Math.sqrt(3),
  }))
  near(attributed(varied).ledger.powers.scatterRel[0] ?? 0, 0.1, 0.03)
  assert.ok((attributed(executions).ledger.powers.scatterRel[0] ?? 1) < 0.02)
})

test('every column says what its publication rests on', () => {
  const { ledger } = attributed(executionsOf('pipeline-50', 300, 7, 0.05))
  const { figures } = ledger.powers
  assert.is(figures.length, 4)
  for (const { column, verdict, powerW, powerUW, executions, vif, condition, lackOfFit } of figures) {
    assert.is(verdict.kind, 'learned')
    assert.is(executions, 300)
    near(powerW[0] ?? 0, POWER_W[column.device] as number, 4 * (powerUW[0] as number) + 5e-3)
    assert.ok(vif >= 1 && vif < 5)
    assert.ok(condition >= 1 && condition < 10)
    assert.ok(lackOfFit < 5)
  }
})

function attributed(executions: Parameters<typeof traceOf>[0], patch: Partial<RailModel> = {}, windowNs?: number) {
  const model = { ...QUIET, ...patch }
  const lengthS = Math.max(...executions.map(({ endS }) => endS)) + 0.05
  return attribute(traceOf(executions, lengthS, model), spansOf(executions), model, windowNs)
}

function near(actual: number, expected: number, most: number): void {
  assert.ok(Math.abs(actual - expected) <= most, `expected ${expected} +- ${most}, saw ${actual}`)
}

test.run()
