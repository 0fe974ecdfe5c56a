import { RailTrace } from '../../src/alignment/rail-trace.ts'
import { DeviceStates } from '../../src/energy/device-states.ts'
import { EnergyLedger } from '../../src/energy/ledger.ts'
import { executionsOf } from '../accuracy/energy-scenarios.ts'
import { GUARDS, QUIET, spansOf, traceOf } from '../accuracy/synthetic-rail.ts'
import { median } from './median.ts'

const REQUESTS = 10_000
const WINDOW_NS = 10e9

/** The attribution: samples into prefix energies, spans into rows, against a bare prefix sum over the same samples. */
export async function attribution(): Promise<void> {
  const executions = executionsOf('pipeline-50', REQUESTS, 1, 0.1)
  const endS = Math.max(...executions.map((e) => e.endS)) + 0.1
  const trace = traceOf(executions, endS, QUIET)
  const samples = trace.cells
  const watts = Float64Array.from({ length: samples }, (_, i) => 3 + ((i * 37) % 100) / 100)
  const sums = new Float64Array(samples + 1)
  const reference = time(() => {
    for (let i = 0; i < samples; i++) sums[i + 1] = (sums[i] as number) + (watts[i] as number)
  })
  const integrate = time(() => {
    let long = new RailTrace()
    for (let i = 0; i + 128 <= samples; i += 128) {
      long.append(i * 50e3, (i + 128) * 50e3, watts.subarray(i, i + 128), 128, false)
      if (i % 1_280_000 === 0) long = new RailTrace()
    }
  })
  const spans = spansOf(executions).sort((a, b) => a.startNs - b.startNs)
  const divide = time(() => divideAll(trace, spans, endS))
  const rate = (count: number, seconds: number): string => (count / seconds / 1e6).toFixed(2)
  const ratio = (count: number, seconds: number): string => (seconds / count / (reference / samples)).toFixed(1)
  console.log(`bare prefix sum (reference)   ${rate(samples, reference)} M samples/s`)
  console.log(
    `watts to prefix energy        ${rate(samples, integrate)} M samples/s  ${ratio(samples, integrate)} x the reference a sample`,
  )
  console.log(
    `spans to rows, learned split  ${rate(spans.length, divide)} M spans/s  ${ratio(spans.length, divide)} x the reference a sample`,
  )
  const [spansPerS, samplesPerS] = [spans.length / divide, samples / integrate]
  if (spansPerS < 200e3 || samplesPerS < 20e6) console.log(`below the claim of 0.2 M spans/s and 20 M samples/s`)
}

/** Median processor seconds, all threads of it: what a claim about one core is about, whoever else is at work. */
function time(work: () => void): number {
  work()
  return median(
    Array.from({ length: 5 }, () => {
      const start = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(start)
      return (user + system) / 1e6
    }),
  )
}

function divideAll(trace: RailTrace, spans: ReturnType<typeof spansOf>, endS: number): void {
  const ledger = new EnergyLedger(['rail'], GUARDS)
  const rail = { gainURel: 0, noiseDensityJ2PerS: 5e-7, cellSdW: 0.1, countW: 0, cellNs: 50e3, timeConstantNs: 0 }
  const states = new DeviceStates()
  const baseline = { watts: 3, uW: 0.01, isInferred: false }
  let next = 0
  for (let start = 0; start < endS * 1e9; start += WINDOW_NS) {
    const window = { start, end: start + WINDOW_NS }
    for (; next < spans.length && (spans[next]?.startNs ?? 0) < window.end + 1e9; next++) {
      const span = spans[next]
      if (span !== undefined) ledger.addSpan({ ...span })
    }
    ledger.runWindow({
      window,
      traces: [trace],
      states,
      blind: [],
      baseline: () => baseline,
      knownUntilNs: window.end + 1e9,
      isLast: window.end >= endS * 1e9,
      uncertainty: [rail],
      boundNsAt: () => 50e3,
    })
  }
}
