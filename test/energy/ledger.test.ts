import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RailTrace } from '../../src/alignment/rail-trace.ts'
import { DeviceStates } from '../../src/energy/device-states.ts'
import { ROW_FLAGS } from '../../src/energy/flags.ts'
import { SELDOM } from '../../src/energy/learned-powers.ts'
import { EnergyLedger, type LedgerWindow } from '../../src/energy/ledger.ts'
import { conservationError } from '../../src/energy/totals.ts'
import type { Span } from '../../src/inference/span.ts'
import * as P from '../../src/protocol/constants.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs } from '../../src/units/units.ts'

const MS = 1e6
const GUARDS = { leadNs: 0.3 * MS, tailNs: 1.2 * MS }

test('an inference alone gets what it drew above idle, whatever its guards hold', () => {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const [inference, stage] = alone(0, 20 * MS, 30 * MS)
  // the power comes 50 us late: the stamps and the sensor disagree
  const rows = run(ledger, [inference, stage], [powerOf([[20.05, 30.05, 1.5]], 100)], { baselineW: 3 })
  const row = rows.inferences[0]
  assert.is(row?.method, 'isolated')
  near(row?.energyJ?.[0], 0.015, 1e-12)
  near(row?.idleJ[0], 3 * 0.01, 1e-12)
  near(rows.stages[0]?.energyJ?.[0], 0.015, 1e-12)
})

test('overlapping stages that were seen once are not told apart: an equal split with its bounds is all there is', () => {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const spans = [...alone(0, 20 * MS, 30 * MS), ...alone(1, 25 * MS, 40 * MS)]
  const rows = run(
    ledger,
    spans,
    [
      powerOf(
        [
          [20, 30, 1],
          [25, 40, 2],
        ],
        100,
      ),
    ],
    { baselineW: 3 },
  )
  const [a, b] = rows.inferences
  assert.equal([a?.method, b?.method], ['unresolved', 'unresolved'])
  assert.equal([a?.energyJ, b?.energyJ], [undefined, undefined])
  assert.is(a?.reason, SELDOM)
  near(a?.equalJ[0], 0.005 + 0.0075, 1e-12)
  near(a?.exclusiveJ[0], 0.005, 1e-12)
  near(a?.inclusiveJ[0], 0.005 + 0.015, 1e-12)
  near((a?.shareJ[0] ?? 0) + (b?.shareJ[0] ?? 0), 0.04, 1e-12)
  near(ledger.totals[0]?.attributedJ, 0.04, 1e-12)
  near(a?.overlap, 5 / (10 + 0.3), 1e-9)
})

test('a load counts as load, a warm-up too, and neither makes an inference’s figure', () => {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const load = { ...stageOf(P.NONE32, 10 * MS, 20 * MS), kind: P.KIND_LOAD }
  run(ledger, [load], [powerOf([[10, 20, 2]], 100)], { baselineW: 3 })
  near(ledger.totals[0]?.loadJ, 0.02, 1e-12)
  near(ledger.totals[0]?.attributedJ, 0, 1e-12)
})

test('a row that touches a gap has no energy, a reason, and its joules are uncovered', () => {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const trace = powerOf([[20, 30, 1.5]], 100, [[24, 26]])
  const rows = run(ledger, alone(0, 20 * MS, 30 * MS), [trace], { baselineW: 3 })
  const row = rows.inferences[0]
  assert.is(row?.energyJ, undefined)
  assert.is(row?.reason, 'samples missing')
  assert.ok((row?.flags ?? 0) & ROW_FLAGS.gap)
  near(ledger.totals[0]?.uncoveredJ, 1.5 * 0.008, 1e-12)
  near(ledger.totals[0]?.attributedJ, 0, 1e-15)
})

test('a span without an end is given up after 10 s and flagged', () => {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const [inference, stage] = alone(0, 20 * MS, Number.NaN)
  const rows = run(ledger, [inference, stage], [powerOf([[20, 90, 1]], 100)], { baselineW: 3 })
  assert.is(rows.inferences[0]?.reason, 'no end told')
  assert.ok((rows.inferences[0]?.flags ?? 0) & ROW_FLAGS.open)
})

test('where the baseline is not known nothing is divided', () => {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const rows = run(ledger, alone(0, 20 * MS, 30 * MS), [powerOf([[20, 30, 1]], 100)], {})
  assert.is(rows.inferences[0]?.reason, 'no baseline')
  near(ledger.totals[0]?.uncoveredJ, ledger.totals[0]?.measuredJ ?? 0, 1e-12)
})

test('property: with random spans, gaps, blind stretches and windows every joule is in exactly one place', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 25; round++) {
    const ledger = new EnergyLedger(['a', 'b'], GUARDS)
    const spans: Span[] = []
    const levels: [number, number, number][] = []
    for (let i = 0; i < 40; i++) {
      const start = random() * 900
      const length = random() < 0.1 ? 0 : random() * 30
      const end = random() < 0.05 ? Number.NaN : start + length
      spans.push(...alone(i, start * MS, end * MS))
      levels.push([start, start + length, random() * 2])
    }
    const gaps: [number, number][] = random() < 0.5 ? [[random() * 400, 400 + random() * 50]] : []
    const traces = [powerOf(levels, 1000, gaps), powerOf(levels.slice(7), 1000)]
    const cuts = [0, random() * 500, 500 + random() * 400, 1000].map((t) => t * MS)
    const blind = random() < 0.5 ? [{ start: 300 * MS, end: 340 * MS }] : []
    let rows = 0
    for (const span of spans) ledger.addSpan(span)
    for (let w = 1; w < cuts.length; w++) {
      const window = { start: cuts[w - 1] as number, end: cuts[w] as number }
      const known = random() < 0.9 ? 3 : undefined
      const input = inputOf(traces, window, known, w === cuts.length - 1, blind)
      rows += ledger.runWindow(input).inferences.length
    }
    assert.is(rows, 40)
    for (const [r, totals] of ledger.totals.entries()) {
      assert.ok(conservationError(totals) < 1e-9, `rail ${r}: ${JSON.stringify(totals)}`)
      near(totals.measuredJ, traces[r]?.energyTo(1e12) ?? 0, 1e-9)
    }
  }
})

function run(ledger: EnergyLedger, spans: Span[], traces: RailTrace[], given: { baselineW?: number }) {
  for (const span of spans) ledger.addSpan(span)
  return ledger.runWindow(inputOf(traces, { start: 0, end: 100 * MS }, given.baselineW, true, []))
}

function inputOf(
  traces: RailTrace[],
  window: { start: number; end: number },
  baselineW: number | undefined,
  isLast: boolean,
  blind: { start: number; end: number }[],
): LedgerWindow {
  const rail = { gainURel: 0, noiseDensityJ2PerS: 0, cellSdW: 1, countW: 0.1, cellNs: 26_000, timeConstantNs: 80_000 }
  return {
    window,
    traces,
    states: new DeviceStates(),
    blind,
    baseline: () => (baselineW === undefined ? undefined : { watts: baselineW, uW: 0, isInferred: false }),
    knownUntilNs: isLast ? window.end : window.end + 20e9,
    isLast,
    uncertainty: traces.map(() => rail),
    boundNsAt: () => 100_000,
  }
}

/** An inference of one stage. */
function alone(id: number, startNs: number, endNs: number): [inference: Span, stage: Span] {
  const stage = stageOf(id, startNs, endNs)
  return [{ ...stage, spanId: id * 2, kind: P.KIND_INFERENCE, device: P.NONE16 }, stage]
}

function stageOf(id: number, startNs: number, endNs: number): Span {
  return {
    source: 0,
    spanId: id * 2 + 1,
    inferenceId: id,
    kind: P.KIND_STAGE,
    device: 0,
    model: 0,
    segment: 0,
    task: 0,
    startNs: hostNs(startNs),
    endNs: hostNs(endNs),
    failed: false,
  }
}

/** A trace of 10 us cells (50 us in long ones), exact: 3 W and the levels [from ms, to ms, watts] on top; nothing within the gaps. */
function powerOf(levels: [number, number, number][], lengthMs: number, gaps: [number, number][] = []): RailTrace {
  const trace = new RailTrace()
  const cellNs = lengthMs > 500 ? 50_000 : 10_000
  const cells = (lengthMs * MS) / cellNs
  for (let c = 0; c < cells; c += 100) {
    if (gaps.some(([from, to]) => c * cellNs >= from * MS && c * cellNs < to * MS)) continue
    const watts = Float64Array.from({ length: 100 }, (_, i) =>
      meanPower(levels, (c + i) * cellNs, (c + i + 1) * cellNs),
    )
    trace.append(c * cellNs, (c + 100) * cellNs, watts, 100, false)
  }
  return trace
}

function meanPower(levels: [number, number, number][], startNs: number, endNs: number): number {
  let watts = 3
  for (const [from, to, level] of levels) {
    const common = Math.min(endNs, to * MS) - Math.max(startNs, from * MS)
    if (common > 0) watts += (level * common) / (endNs - startNs)
  }
  return watts
}

function near(actual: number | undefined, expected: number, relative: number): void {
  const off = Math.abs((actual ?? Number.NaN) - expected)
  assert.ok(off <= relative * Math.max(1, Math.abs(expected)), `expected ${expected}, saw ${actual}`)
}

test.run()
