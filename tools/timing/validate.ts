// Says how far data/card/edgetpu-timing.json is from the measurements it was fitted to, regime by regime, and draws them. Fails
// where a target is missed. `npm run validate:timing [-- file.svg]`
import { readFileSync, writeFileSync } from 'node:fs'
import { readTiming } from '../../src/card/timing-file.ts'
import { type Measurement, readCalibration } from './calibration-data.ts'
import { predictMs } from './fit-model.ts'
import { parityPlot } from './parity-plot.ts'
import { type RegimeErrors, validate } from './validation.ts'

const TIMING_FILE = 'data/card/edgetpu-timing.json'
const PLOT_FILE = 'docs/edgetpu-timing.svg'
const root = new URL('../../', import.meta.url)

/** Mean absolute relative error, %. Dense rows that fit take 0.1 ms and scatter by 15 %: they have no target. */
const TARGETS: readonly [name: string, regimes: readonly string[], percent: number][] = [
  ['dense, streaming', ['dense streaming'], 2],
  ['conv, resident', ['conv resident'], 6],
  ['conv, streaming', ['conv streaming'], 6],
]

const measurements = readCalibration()
const timing = readTiming(readFileSync(new URL(TIMING_FILE, root), 'utf8'), TIMING_FILE)
const errors = validate(measurements, timing)
console.log('regime            rows  MAPE %  leave-one-out %  leave-block-out %  worst %')
for (const r of errors) console.log(lineOf(r))

let missed = 0
for (const [name, regimes, percent] of TARGETS) {
  for (const { inSample, leaveOneOut, blocked } of errors.filter(({ regime }) => regimes.includes(regime))) {
    const isMet = Math.max(inSample, leaveOneOut, blocked) <= percent
    if (!isMet) missed++
    console.log(`${isMet ? 'met   ' : 'MISSED'} ${name}: at most ${percent} %, in sample and withheld`)
  }
}
const [file = PLOT_FILE] = process.argv.slice(2)
const points = measurements.map((m: Measurement) => ({
  series: m.regime,
  measuredMs: m.measuredMs,
  predictedMs: predictMs(m, timing),
}))
writeFileSync(new URL(file, root), parityPlot(points))
console.log(`drawn: ${file}`)
process.exitCode = missed === 0 ? 0 : 6

function lineOf(r: RegimeErrors): string {
  const cell = (value: number, width: number): string => value.toFixed(2).padStart(width)
  return [
    r.regime.padEnd(16),
    String(r.rows).padStart(6),
    cell(r.inSample, 8),
    cell(r.leaveOneOut, 17),
    cell(r.blocked, 19),
    cell(r.worst, 9),
  ].join('')
}
