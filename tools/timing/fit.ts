// Fits the timing model to data/edgetpu-calibration and writes data/card/edgetpu-timing.json. With --check it only says whether
// the file is what the data gives.
import { readFileSync, writeFileSync } from 'node:fs'
import type { TimingParameters } from '../../src/card/stage-time.ts'
import { TIMING_KEYS } from '../../src/card/timing-file.ts'
import { readCalibration } from './calibration-data.ts'
import { fitModel } from './fit-model.ts'
import { FITTED, type ParameterRecord, STATED } from './parameters.ts'
import { validate } from './validation.ts'

const FILE = new URL('../../data/card/edgetpu-timing.json', import.meta.url)

const text = `${JSON.stringify(timingFile(), undefined, 2)}\n`
if (!process.argv.includes('--check')) writeFileSync(FILE, text)
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('data/card/edgetpu-timing.json is stale: run `npm run fit:timing`')
  process.exitCode = 1
}

function timingFile(): object {
  const measurements = readCalibration()
  const fit = fitModel(measurements)
  const fitted = Object.entries(FITTED).map(([name, { unit, about }], i): [string, ParameterRecord] => [
    name,
    {
      value: rounded(fit.parameters[i] as number),
      u: rounded(fit.uncertainties[i] as number, 2),
      unit,
      kind: 'fitted',
      source: `data/edgetpu-calibration: ${about}`,
    },
  ])
  const records = [...fitted, ...Object.entries(STATED)]
  return {
    version: 1,
    about:
      'Timing of one Edge TPU behind PCIe. Formulas: docs/card.md. Made by npm run fit:timing from one-TPU data only.',
    parameters: Object.fromEntries(
      records.map(([name, record]) => [TIMING_KEYS[name as keyof TimingParameters], record]),
    ),
    residuals: validate(measurements, fit.timing).map((r) => ({
      regime: r.regime,
      rows: r.rows,
      mape_percent: rounded(r.inSample),
      leave_one_out_mape_percent: rounded(r.leaveOneOut),
      leave_block_out_mape_percent: rounded(r.blocked),
      worst_percent: rounded(r.worst),
    })),
  }
}

function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits))
}
