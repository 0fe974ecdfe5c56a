import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { TimingParameters } from '../../src/card/stage-time.ts'
import { readTiming } from '../../src/card/timing-file.ts'
import { readCalibration } from '../../tools/timing/calibration-data.ts'
import { fitModel, predictMs, REGIMES } from '../../tools/timing/fit-model.ts'
import { leastSquares } from '../../tools/timing/least-squares.ts'
import { FITTED } from '../../tools/timing/parameters.ts'
import { TIMING_FILE, textOf, timingOfFile } from './card-files.ts'

const measurements = readCalibration()

test('least squares finds a line and how well it is known', () => {
  const xs = Array.from({ length: 50 }, (_, i) => i / 10)
  const noise = xs.map((_, i) => 0.1 * Math.sin(12.9898 * (i + 1)))
  const { parameters, uncertainties } = leastSquares([1, 1], ([a = 0, b = 0]) =>
    xs.map((x, i) => (a + b * x - (2 + 3 * x + (noise[i] as number))) / 0.07),
  )
  assert.ok(Math.abs((parameters[0] as number) - 2) < 3 * (uncertainties[0] as number), `${parameters}`)
  assert.ok(Math.abs((parameters[1] as number) - 3) < 3 * (uncertainties[1] as number), `${parameters}`)
  assert.ok((uncertainties[1] as number) < 0.02, `${uncertainties}`)
})

test('least squares follows a curve that a line would miss', () => {
  const xs = Array.from({ length: 20 }, (_, i) => i / 4)
  const { parameters } = leastSquares([1, 1], ([a = 0, b = 0]) =>
    xs.map((x) => a * Math.exp(-b * x) - 5 * Math.exp(-0.7 * x)),
  )
  assert.ok(Math.abs((parameters[0] as number) - 5) < 1e-6 && Math.abs((parameters[1] as number) - 0.7) < 1e-6)
})

test('the timing file is what the calibration data gives', () => {
  const { timing } = fitModel(measurements)
  const stored = timingOfFile()
  for (const name of Object.keys(FITTED) as (keyof TimingParameters)[])
    assert.ok(
      Math.abs(timing[name] / stored[name] - 1) < 1e-3,
      `${name}: ${timing[name]} fitted, ${stored[name]} stored`,
    )
})

test('errors of the prediction: dense streaming 2 %, conv 6 % in both regimes, none of them by luck of a few rows', () => {
  const timing = timingOfFile()
  const most = { 'dense resident': 20, 'dense streaming': 2, 'conv resident': 6, 'conv streaming': 6 }
  for (const regime of REGIMES) {
    const errors = measurements
      .filter((m) => m.regime === regime)
      .map((m) => 100 * Math.abs(predictMs(m, timing) / m.measuredMs - 1))
    const mape = errors.reduce((sum, error) => sum + error, 0) / errors.length
    assert.ok(mape <= most[regime], `${regime}: ${mape} %`)
    assert.ok(errors.length >= 26, `${regime}: ${errors.length} rows`)
  }
})

test('what was left out of a fit is predicted as well: conv streaming from the other three regimes', () => {
  const { timing } = fitModel(measurements.filter((m) => m.regime !== 'conv streaming'))
  const held = measurements.filter((m) => m.regime === 'conv streaming')
  const mape = held.reduce((sum, m) => sum + Math.abs(predictMs(m, timing) / m.measuredMs - 1), 0) / held.length
  assert.ok(mape < 0.06, `${100 * mape} %`)
})

test('a timing file that lacks a figure is refused by name', () => {
  const text = textOf(TIMING_FILE)
  assert.throws(
    () => readTiming(text.replace('"bus_ms_per_mib"', '"bus_ms"'), 'x.json'),
    /x\.json: expected parameters\.bus_ms_per_mib\.value/,
  )
  assert.throws(() => readTiming('{', 'x.json'), /x\.json: expected JSON/)
  assert.throws(() => readTiming('{}', 'x.json'), /x\.json: expected "parameters"/)
})

test.run()
