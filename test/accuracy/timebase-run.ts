// One seed of one scenario through the engine behind `joulespan timebase`.
import { CounterUnwrap, unwrapNear } from '../../src/samples/unwrap.ts'
import { HostClock } from '../../src/timebase/host-clock.ts'
import { OSCILLATORS } from '../../src/timebase/oscillator.ts'
import { PairTable } from '../../src/timebase/pair-table.ts'
import { type Query, type Refit, type RefitOptions, refit } from '../../src/timebase/refit.ts'
import { seededRandom } from '../../src/units/random.ts'
import { inArrivalOrder, type LinkTrace, simulateLink } from '../support/link-models.ts'
import type { Scenario } from './timebase-scenarios.ts'

export interface SeedRun {
  readonly trace: LinkTrace
  readonly online: Refit
  readonly twoPass: Refit
  /** Stamps that were put a wrap off. */
  readonly misUnwrapped: number
  /** True host time of the stamp of each frame, ns since the same origin as the answers. */
  readonly truthNs: Float64Array
}

const ORIGIN_NS = 1_700_000_000_000_000_000n

export function runSeed(scenario: Scenario, seed: number): SeedRun {
  const trace = simulateLink({ ...scenario.link, seed, durationS: scenario.durationS })
  const tickHz = 1 / trace.tickS
  const { pairs, queries, misUnwrapped } = store(trace, scenario, tickHz)
  const options: Omit<RefitOptions, 'mode'> = {
    tickHz,
    oscillator: OSCILLATORS[scenario.oscillator],
    floorUpNs: 0,
    floorDownNs: 0,
    stampTicks: 1,
    hostSlewPerS: scenario.hostSlewPerS ?? 0,
    ...(scenario.hostClock === 'probe' ? { clock: probed(trace, scenario.durationS, pairs.originNs, seed) } : {}),
  }
  return {
    trace,
    online: refit(pairs, queries, { ...options, mode: 'online' }),
    twoPass: refit(pairs, queries, { ...options, mode: 'two-pass' }),
    misUnwrapped,
    truthNs: trace.frames.sentS.map((s) => s * 1e9),
  }
}

/** Nanoseconds since the start of the simulation. */
export function sinceStartNs(hostNs: bigint): number {
  return Number(hostNs - ORIGIN_NS)
}

function store(trace: LinkTrace, { counter }: Scenario, tickHz: number) {
  const pairs = new PairTable()
  const ticks = trace.frames.d.map((d) => Math.round(d * tickHz))
  const unwrap = counter && new CounterUnwrap(counter.bits, tickHz, counter.delaySpreadS)
  const modulus = 2 ** (counter?.bits ?? 53)
  // the first stamp says how many wraps came before: unwrapped ticks count from there
  const base = ticks[0] as number
  const offset = base - (base % modulus)
  let last = base
  let misUnwrapped = 0
  for (const { isUp, i } of inArrivalOrder(trace)) {
    const at = isUp ? (trace.frames.arrivedS[i] as number) : (trace.pings.writtenS[i] as number)
    const boot = String(isUp ? trace.frames.boot[i] : trace.pings.boot[i])
    const tick = isUp ? (ticks[i] as number) : Math.round((trace.pings.d[i] as number) * tickHz)
    let seen = tick
    if (unwrap !== undefined) {
      const raw = tick % modulus
      seen = isUp ? offset + (unwrap.push(raw, at * 1e9) ?? Number.NaN) : unwrapNear(raw, last, modulus)
      if (isUp) last = seen
      if (seen !== tick) misUnwrapped++
    }
    pairs.push(isUp, BigInt(seen), ORIGIN_NS + BigInt(Math.round(at * 1e9)), boot)
  }
  const queries = Array.from(ticks, (tick, i): Query => ({ tick: BigInt(tick), boot: String(trace.frames.boot[i]) }))
  return { pairs, queries, misUnwrapped }
}

/** Bracketed readings of MONOTONIC around RAW, ten a second. */
function probed(trace: LinkTrace, durationS: number, originNs: bigint, seed: number): HostClock {
  const random = seededRandom(seed + 1e6)
  const clock = new HostClock()
  const sinceNs = Number(originNs - ORIGIN_NS)
  for (let t = -0.5; t < durationS + 0.5; t += 0.1 + 1e-4 * random()) {
    const before = trace.host(t) * 1e9 - 150 - 400 * random()
    const after = trace.host(t) * 1e9 + 150 + 400 * random()
    clock.add({
      beforeNs: Math.floor(before) - sinceNs,
      rawNs: Math.round(t * 1e9) - sinceNs,
      afterNs: Math.ceil(after) - sinceNs,
    })
  }
  return clock
}
