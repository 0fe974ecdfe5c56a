import type { Answer } from '../../src/timebase/refit.ts'
import type { LinkTrace } from '../support/link-models.ts'
import { Pool } from './pool.ts'
import { type Claim, markdownTable, type Section, type SectionResult } from './section.ts'
import { gainsTable } from './timebase-gains.ts'
import { byArrival, byGlobalLine, byLeastRoundTrip, byRegression } from './timebase-rivals.ts'
import { runSeed, sinceStartNs } from './timebase-run.ts'
import { SCENARIOS, type Scenario } from './timebase-scenarios.ts'
import { stepSection } from './timebase-steps.ts'

const SEEDS = 30
/** What the rate needs to be known well: figures are told with and without it. */
const SETTLED_S = 30

/** Error and bound of the map from device ticks to host time, against four rivals, over every link model. */
export const timebaseSection: Section = {
  title: 'Timebase',
  async run(scale: number): Promise<SectionResult> {
    const seeds = Math.max(1, Math.round(SEEDS * scale))
    const results = SCENARIOS.map((scenario) => runScenario(scenario, seeds))
    const steps = stepSection(seeds)
    return {
      rows: [...results.flatMap(claimsOf), ...steps.rows],
      text: [
        about(seeds),
        figures(results),
        '\n',
        rivalsTable(results),
        '\n',
        gainsTable(Math.ceil(seeds / 3)),
        '\n',
        steps.text,
      ].join('\n'),
    }
  },
}

interface ScenarioResult {
  readonly scenario: Scenario
  frames: number
  readonly online: ModeResult
  readonly twoPass: ModeResult
  readonly rivals: Record<string, Pool>
  misUnwrapped: number
}

export interface ModeResult {
  /** From the first aligned frame on, us. */
  readonly error: Pool
  readonly bound: Pool
  /** From 30 s after the start of an epoch on. */
  readonly settledError: Pool
  readonly settledBound: Pool
  outside: number
  unaligned: number
}

const RIVALS: Record<string, (trace: LinkTrace) => Float64Array> = {
  arrival: byArrival,
  'least round trip': byLeastRoundTrip,
  regression: byRegression,
  'global line': byGlobalLine,
}

export function runScenario(scenario: Scenario, seeds: number): ScenarioResult {
  const result: ScenarioResult = {
    scenario,
    frames: 0,
    online: emptyMode(),
    twoPass: emptyMode(),
    rivals: Object.fromEntries(Object.keys(RIVALS).map((name) => [name, new Pool()])),
    misUnwrapped: 0,
  }
  for (let seed = 1; seed <= seeds; seed++) {
    const { trace, online, twoPass, truthNs, misUnwrapped } = runSeed(scenario, seed)
    const settled = settledFrames(trace, scenario)
    result.frames += truthNs.length
    result.misUnwrapped += misUnwrapped
    collect(result.online, online.answers, truthNs, settled)
    collect(result.twoPass, twoPass.answers, truthNs, settled)
    for (const [name, rival] of Object.entries(RIVALS)) {
      const errors = rival(trace)
      errors.forEach((error, i) => {
        if (settled[i] === 1 && !Number.isNaN(error)) result.rivals[name]?.push(Math.abs(error) * 1e6)
      })
    }
  }
  return result
}

function emptyMode(): ModeResult {
  const pools = { error: new Pool(), bound: new Pool(), settledError: new Pool(), settledBound: new Pool() }
  return { ...pools, outside: 0, unaligned: 0 }
}

function collect(mode: ModeResult, answers: readonly Answer[], truthNs: Float64Array, settled: Uint8Array): void {
  answers.forEach(({ hostNs, boundNs }, i) => {
    if (hostNs === null || boundNs === null) {
      mode.unaligned++
      return
    }
    const error = Math.abs(sinceStartNs(hostNs) - (truthNs[i] as number))
    // the truth of the simulation is a double: a nanosecond in a quarter of an hour
    if (error > boundNs + 1) mode.outside++
    mode.error.push(error / 1e3)
    mode.bound.push(boundNs / 1e3)
    if (settled[i] === 0) return
    mode.settledError.push(error / 1e3)
    mode.settledBound.push(boundNs / 1e3)
  })
}

/** 1: at least 30 s after the start, a reset, a suspend or a silence. */
function settledFrames({ frames }: LinkTrace, { link }: Scenario): Uint8Array {
  const starts = [
    0,
    ...(link.resets ?? []).map(({ atS }) => atS),
    ...(link.suspends ?? []).map(({ atS }) => atS),
    ...(link.silences ?? []).map(({ atS, forS }) => atS + forS),
  ]
  return Uint8Array.from(frames.sentS, (s) => (starts.some((at) => s >= at && s < at + SETTLED_S) ? 0 : 1))
}

function claimsOf({ scenario, online, twoPass, frames, misUnwrapped }: ScenarioResult): Claim[] {
  const { name, targets, counter } = scenario
  const outside = online.outside + twoPass.outside
  const claims: Claim[] = [
    {
      what: `${name}: frames outside the stated bound, online and two-pass`,
      measured: `${outside} of ${online.error.length + twoPass.error.length}`,
      target: '0',
      met: outside === 0 && frames > 0,
    },
  ]
  const limit = (what: string, pool: Pool, targetUs: number | undefined): void => {
    if (targetUs === undefined) return
    const measured = pool.percentile(0.99)
    claims.push({
      what: `${name}: ${what} p99`,
      measured: us(measured),
      target: `at most ${targetUs} us`,
      met: measured <= targetUs,
    })
  }
  limit('online error', online.settledError, targets?.onlineUs)
  limit('online bound', online.settledBound, targets?.boundUs)
  limit('two-pass error', twoPass.settledError, targets?.twoPassUs)
  if (counter !== undefined)
    claims.push({
      what: `${name}: stamps put a wrap off`,
      measured: String(misUnwrapped),
      target: '0',
      met: misUnwrapped === 0,
    })
  return claims
}

function about(seeds: number): string {
  return `${seeds} seeds a model, pooled. Link models: 10 pings a second, dithered; up 60 to 80 us + Exp(100 us), polled every 1 ms
(16 ms timer: half of the frames), + 40 us + Exp(30 us); down 40 us + Exp(100 us), polled every 1 ms, + 30 us + Exp(20 us); 0.5 % of both
2 to 20 ms late; USB frames 7 ppm off the host. Errors at the stamp of every frame, us. "settled": from ${SETTLED_S} s after the start of an
epoch or the end of a silence; "all": from the first aligned frame. Targets are judged by the settled figures, coverage by all.
`
}

function figures(results: readonly ScenarioResult[]): string {
  const p = (pool: Pool, share: number): string => pool.percentile(share).toFixed(0)
  const row = ({ scenario, frames, online, twoPass }: ScenarioResult): string[][] =>
    (
      [
        ['online', online],
        ['two-pass', twoPass],
      ] as const
    ).map(([mode, m]) => [
      mode === 'online' ? scenario.name : '',
      mode === 'online' ? String(frames) : '',
      mode,
      [0.5, 0.99, 1].map((share) => p(m.settledError, share)).join(' / '),
      [0.5, 0.99, 1].map((share) => p(m.settledBound, share)).join(' / '),
      [0.5, 0.99, 1].map((share) => p(m.error, share)).join(' / '),
      [0.5, 0.99, 1].map((share) => p(m.bound, share)).join(' / '),
      String(m.outside),
      String(m.unaligned),
    ])
  const head = [
    'model',
    'frames',
    'mode',
    'settled error p50 / p99 / max',
    'bound',
    'all: error',
    'bound',
    'outside',
    'unaligned',
  ]
  return markdownTable(head, results.flatMap(row))
}

function rivalsTable(results: readonly ScenarioResult[]): string {
  const names = Object.keys(RIVALS)
  const plain = results.filter(({ scenario }) => /^[A-E]:/.test(scenario.name))
  const cell = (pool: Pool): string => [0.5, 0.99, 1].map((share) => pool.percentile(share).toFixed(0)).join(' / ')
  const head = `Others on the same frames, settled, error p50 / p99 / max, us. least round trip: best ping of eight, as LSL does; regression:
least squares over the arrivals of 60 s; global line: one robust line over the best pings of the recording, as pyxdf does.
`
  return `${head}\n${markdownTable(
    ['model', ...names, 'online', 'two-pass'],
    plain.map(({ scenario, rivals, online, twoPass }) => [
      scenario.name,
      ...names.map((name) => cell(rivals[name] as Pool)),
      cell(online.settledError),
      cell(twoPass.settledError),
    ]),
  )}`
}

function us(value: number): string {
  return `${value.toFixed(0)} us`
}
