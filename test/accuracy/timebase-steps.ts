import type { Refit } from '../../src/timebase/refit.ts'
import type { LinkTrace } from '../support/link-models.ts'
import { Pool } from './pool.ts'
import { type Claim, markdownTable, type SectionResult } from './section.ts'
import { runSeed, sinceStartNs } from './timebase-run.ts'
import { STEPS_MS, stepScenario } from './timebase-scenarios.ts'

interface StepResult {
  readonly stepMs: number
  /** From the step to its flag, s; Infinity where it was never flagged. */
  readonly flaggedS: Pool
  /** Frames with a bound that does not hold: before the flag, behind it, and in two passes. */
  before: number
  after: number
  twoPass: number
  /** Frames that two passes leave out. */
  leftOut: number
  seeds: number
}

/** How soon a step of the device's clock is met, and what was wrong until then. */
export function stepSection(seeds: number): SectionResult {
  const results = STEPS_MS.map((stepMs) => runSteps(stepMs, seeds))
  const rows = results.filter(({ stepMs }) => Math.abs(stepMs) >= 1).flatMap(claimsOf)
  const head = [
    'step',
    'flagged p50 / max, s',
    'within 0.5 s',
    'frames outside before the flag',
    'behind it',
    'two-pass outside',
    'left out',
  ]
  const sign = (ms: number): string => `${ms > 0 ? '+' : ''}${ms} ms`
  const table = markdownTable(
    head,
    results.map((r) => [
      sign(r.stepMs),
      `${r.flaggedS.percentile(0.5).toFixed(3)} / ${r.flaggedS.percentile(1).toFixed(3)}`,
      `${withinHalfASecond(r)} of ${r.seeds}`,
      String(r.before),
      String(r.after),
      String(r.twoPass),
      String(r.leftOut),
    ]),
  )
  const text = `Steps of the device's clock (model A, 60 s after the start). A step that hides in the gap (about 0.3 ms) cannot be seen at once: until
it is flagged the online bound does not hold, and final figures wait. Two passes leave the stretch of a step out.

${table}
`
  return { rows, text }
}

function runSteps(stepMs: number, seeds: number): StepResult {
  const scenario = stepScenario(stepMs)
  const stepAtS = scenario.link.steps?.[0]?.atS as number
  const result: StepResult = { stepMs, flaggedS: new Pool(), before: 0, after: 0, twoPass: 0, leftOut: 0, seeds }
  for (let seed = 1; seed <= seeds; seed++) {
    const { trace, online, twoPass, truthNs } = runSeed(scenario, seed)
    result.flaggedS.push(flaggedAtS(trace, online) - stepAtS)
    online.answers.forEach(({ hostNs, boundNs, epoch }, i) => {
      if (hostNs === null || boundNs === null) return
      if (Math.abs(sinceStartNs(hostNs) - (truthNs[i] as number)) <= boundNs + 1) return
      if (epoch === 0) result.before++
      else result.after++
    })
    twoPass.answers.forEach(({ hostNs, boundNs }, i) => {
      if (hostNs === null || boundNs === null) result.leftOut++
      else if (Math.abs(sinceStartNs(hostNs) - (truthNs[i] as number)) > boundNs + 1) result.twoPass++
    })
  }
  return result
}

/** When the pair that told the step was known to the host, s; Infinity without one. */
function flaggedAtS({ frames, pings, tickS }: LinkTrace, { steps }: Refit): number {
  const tick = steps[0]?.toTick
  if (tick === undefined) return Number.POSITIVE_INFINITY
  const known = (ds: Float64Array, at: Float64Array): number[] =>
    [...ds.keys()].filter((i) => Math.round((ds[i] as number) / tickS) === Number(tick)).map((i) => at[i] as number)
  return Math.min(...known(pings.d, pings.knownS), ...known(frames.d, frames.arrivedS))
}

function withinHalfASecond({ flaggedS, seeds }: StepResult): number {
  return Array.from({ length: seeds }, (_, i) => flaggedS.percentile((i + 1) / seeds)).filter((s) => s <= 0.5).length
}

function claimsOf(result: StepResult): Claim[] {
  const { stepMs, flaggedS, seeds, after, twoPass } = result
  return [
    {
      what: `step of ${stepMs} ms: flagged`,
      measured: `${withinHalfASecond(result)} of ${seeds} within 0.5 s, slowest ${flaggedS.percentile(1).toFixed(3)} s`,
      target: 'within 0.5 s',
      met: flaggedS.percentile(1) <= 0.5,
    },
    {
      what: `step of ${stepMs} ms: frames outside the bound behind the flag, and in two passes`,
      measured: `${after} and ${twoPass}`,
      target: '0',
      met: after + twoPass === 0,
    },
  ]
}
