import type { TimingParameters } from '../../src/card/stage-time.ts'
import type { Measurement, Regime } from './calibration-data.ts'
import { fitModel, predictMs, REGIMES } from './fit-model.ts'

export interface RegimeErrors {
  readonly regime: Regime
  readonly rows: number
  /** Mean absolute relative error, %: with the parameters fitted on all rows. */
  readonly inSample: number
  /** Each row by parameters fitted without it. */
  readonly leaveOneOut: number
  /** Each row by parameters fitted without its block: neighbours in width are nearly the same measurement. */
  readonly blocked: number
  readonly worst: number
}

/** Widths fall into so many blocks, regime by regime. */
const BLOCKS = 5

export function validate(measurements: readonly Measurement[], timing: TimingParameters): RegimeErrors[] {
  const inSample = measurements.map((m) => errorOf(m, timing))
  const leaveOneOut = withheld(measurements, (i) => i)
  const blockOf = blocks(measurements)
  const blocked = withheld(measurements, (i) => blockOf[i] as number)
  return REGIMES.map((regime) => {
    const rows = measurements.flatMap((m, i) => (m.regime === regime ? [i] : []))
    const mape = (errors: readonly number[]): number =>
      (100 * rows.reduce((sum, i) => sum + Math.abs(errors[i] as number), 0)) / rows.length
    return {
      regime,
      rows: rows.length,
      inSample: mape(inSample),
      leaveOneOut: mape(leaveOneOut),
      blocked: mape(blocked),
      worst: 100 * Math.max(...rows.map((i) => Math.abs(inSample[i] as number))),
    }
  })
}

/** Errors of rows, each by a fit without all rows of its group. */
function withheld(measurements: readonly Measurement[], groupOf: (row: number) => number): number[] {
  const errors = new Array<number>(measurements.length)
  for (const group of new Set(measurements.map((_, i) => groupOf(i)))) {
    const { timing } = fitModel(measurements.filter((_, i) => groupOf(i) !== group))
    for (const [i, m] of measurements.entries()) if (groupOf(i) === group) errors[i] = errorOf(m, timing)
  }
  return errors
}

function blocks(measurements: readonly Measurement[]): number[] {
  const groups = new Array<number>(measurements.length)
  for (const [r, regime] of REGIMES.entries()) {
    const rows = measurements.flatMap((m, i) => (m.regime === regime ? [i] : []))
    for (const [n, i] of rows.entries()) groups[i] = r * BLOCKS + Math.floor((n * BLOCKS) / rows.length)
  }
  return groups
}

function errorOf(measurement: Measurement, timing: TimingParameters): number {
  return predictMs(measurement, timing) / measurement.measuredMs - 1
}
