// A rail whose power is known, sampled as an instrument would, through the ledger as the finaliser uses it.
import { RailTrace } from '../../src/alignment/rail-trace.ts'
import { BaselineFit } from '../../src/energy/baseline.ts'
import { DeviceStates } from '../../src/energy/device-states.ts'
import { findIdleGaps } from '../../src/energy/idle-gaps.ts'
import { EnergyLedger, type LedgerRows } from '../../src/energy/ledger.ts'
import { NoiseEstimate } from '../../src/energy/noise.ts'
import type { Span } from '../../src/inference/span.ts'
import * as P from '../../src/protocol/constants.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs } from '../../src/units/units.ts'
import { type Execution, gaussian, POWER_W } from './energy-scenarios.ts'

export interface RailModel {
  readonly seed: number
  readonly sampleHz: number
  readonly noiseW: number
  readonly baseW: number
  /** Amplitude of a slow wander of the baseline, W. */
  readonly wanderW: number
  /** Time constant with which power follows, s. */
  readonly lagS: number
  /** What every active device beyond the first adds, W; 0: powers add up. */
  readonly interactionW: number
  /** Power comes so much later than the spans say, s. */
  readonly lateS: number
  /** No samples in these stretches, s. */
  readonly holes: readonly (readonly [fromS: number, toS: number])[]
}

export const QUIET: RailModel = {
  seed: 1,
  sampleHz: 20e3,
  noiseW: 0.1,
  baseW: 3,
  wanderW: 0.03,
  lagS: 20e-6,
  interactionW: 0,
  lateS: 0,
  holes: [],
}

/** Point samples of the rail's power from 0 to `lengthS`. */
export function traceOf(executions: readonly Execution[], lengthS: number, model: RailModel): RailTrace {
  const { sampleHz, lagS, lateS } = model
  const samples = Math.floor(lengthS * sampleHz)
  const random = seededRandom(model.seed)
  const normal = gaussian(random)
  const phaseS = random() / sampleHz
  const watts = new Float64Array(samples)
  const active = new Float64Array(samples)
  const at = (i: number): number => i / sampleHz + phaseS
  for (const { device, startS, endS, powerRel = 1 } of executions) {
    const [from, to] = [startS + lateS, endS + lateS]
    const level = powerRel * (POWER_W[device] as number)
    const first = Math.max(0, Math.ceil((from - phaseS) * sampleHz))
    for (let i = first; i < samples && at(i) < to + 8 * lagS; i++) {
      const t = at(i)
      const rise = lagS === 0 ? 1 : 1 - Math.exp(-(Math.min(t, to) - from) / lagS)
      const share = t < to ? rise : rise * Math.exp(-(t - to) / lagS)
      watts[i] = (watts[i] as number) + level * share
      active[i] = (active[i] as number) + share
    }
  }
  for (let i = 0; i < samples; i++) {
    const wander = model.wanderW * Math.sin(2 * Math.PI * 0.3 * at(i) + 1)
    const interaction = model.interactionW * Math.max(0, (active[i] as number) - 1)
    watts[i] = (watts[i] as number) + model.baseW + wander + interaction + model.noiseW * normal()
  }
  const trace = new RailTrace()
  const cellNs = 1e9 / sampleHz
  for (let i = 0; i < samples; i += 128) {
    const count = Math.min(128, samples - i)
    const startNs = phaseS * 1e9 + (i - 0.5) * cellNs
    if (model.holes.some(([from, to]) => startNs >= from * 1e9 && startNs < to * 1e9)) continue
    trace.append(startNs, startNs + count * cellNs, watts.subarray(i, i + count), count, false)
  }
  return trace
}

export const GUARDS = { leadNs: 0.2e6, tailNs: 0.6e6 }

/** Every execution is an inference of one stage: one device, one task. */
export function spansOf(executions: readonly Execution[]): Span[] {
  return executions.flatMap(({ device, startS, endS }, i) => {
    const stage: Span = {
      source: 0,
      spanId: 2 * i + 1,
      inferenceId: i,
      kind: P.KIND_STAGE,
      device,
      model: 0,
      segment: device,
      task: device,
      startNs: hostNs(startS * 1e9),
      endNs: hostNs(endS * 1e9),
      failed: false,
    }
    return [{ ...stage, spanId: 2 * i, kind: P.KIND_INFERENCE, device: P.NONE16 }, stage]
  })
}

/** Windows of `windowNs`, each divided with the baseline of all idle gaps, as the finaliser does. */
export function attribute(
  trace: RailTrace,
  spans: readonly Span[],
  model: RailModel,
  windowNs = 60e9,
): { ledger: EnergyLedger; rows: LedgerRows } {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  for (const span of spans) ledger.addSpan(span)
  const whole = { start: trace.startNs, end: trace.endNs }
  const states = new DeviceStates()
  const gaps = findIdleGaps(ledger.busy(whole), [], states, [trace], whole, GUARDS.tailNs, GUARDS.leadNs)
  const noise = new NoiseEstimate()
  for (const gap of gaps) noise.addGap(trace, gap)
  const known = noise.value ?? { densityJ2PerS: 0, cellSdW: 0 }
  const fit = new BaselineFit(gaps, 0, known, new Map())
  const rail = {
    gainURel: 0,
    noiseDensityJ2PerS: known.densityJ2PerS,
    cellSdW: known.cellSdW,
    countW: 0,
    cellNs: 1e9 / model.sampleHz,
    timeConstantNs: 0,
  }
  const rows: LedgerRows = { inferences: [], stages: [], groups: [] }
  for (let start = whole.start; start < whole.end; start += windowNs) {
    const window = { start, end: Math.min(start + windowNs, whole.end) }
    const isLast = window.end === whole.end
    const out = ledger.runWindow({
      window,
      traces: [trace],
      states,
      blind: [],
      baseline: (_, ns, key) => fit.at(ns, key),
      knownUntilNs: whole.end,
      isLast,
      uncertainty: [rail],
      boundNsAt: () => 50e3,
    })
    rows.inferences.push(...out.inferences)
    rows.stages.push(...out.stages)
    rows.groups.push(...out.groups)
  }
  return { ledger, rows }
}
