import { type StageTime, stageTime, type TimingParameters } from '../../src/card/stage-time.ts'
import type { Measurement, Regime } from './calibration-data.ts'
import { type Fit, leastSquares } from './least-squares.ts'
import { FITTED, STATED } from './parameters.ts'

export const REGIMES: readonly Regime[] = ['dense resident', 'dense streaming', 'conv resident', 'conv streaming']

/**
 * What the model cannot say of a row, relative: of dense rows the file itself (a single number a row, host noise), of conv rows the
 * steps in how the compiler tiles them. The floor is the noise of the host on calls of 0.1 ms.
 */
const MISFIT_REL: Readonly<Record<Regime, number>> = {
  'dense resident': 0.05,
  'dense streaming': 0.005,
  'conv resident': 0.04,
  'conv streaming': 0.04,
}
const NOISE_MS = 0.02

const NAMES = Object.keys(FITTED) as (keyof TimingParameters)[]

export interface ModelFit extends Fit {
  readonly timing: TimingParameters
}

export function fitModel(measurements: readonly Measurement[]): ModelFit {
  const start = NAMES.map((name) => FITTED[name]?.start as number)
  const fit = leastSquares(start, (values) => {
    const timing = timingOf(values)
    return measurements.map((m) => (predictMs(m, timing) - m.measuredMs) / sigmaMs(m))
  })
  return { ...fit, timing: timingOf(fit.parameters) }
}

export function timingOf(fitted: readonly number[]): TimingParameters {
  const entries = Object.entries(STATED).map(([name, record]) => [name, record.value])
  return Object.fromEntries([...entries, ...NAMES.map((name, i) => [name, fitted[i]])]) as unknown as TimingParameters
}

export function predictMs(measurement: Measurement, timing: TimingParameters): number {
  return predict(measurement, timing).steadyMs
}

function predict({ segment, inputBytes, outputBytes }: Measurement, timing: TimingParameters): StageTime {
  return stageTime(segment, { inputBytes, outputBytes }, timing)
}

function sigmaMs({ regime, measuredMs }: Measurement): number {
  return Math.hypot(NOISE_MS, MISFIT_REL[regime] * measuredMs)
}
