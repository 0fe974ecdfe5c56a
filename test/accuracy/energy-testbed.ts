// Energies against the truth of the virtual testbed: the real firmware on boards whose gain, offset, voltage, lag, drift and noise are
// drawn per seed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTable } from '../../src/dataset/read-table.ts'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { emulateJournal } from '../../src/pipeline/emulate.ts'
import { finaliseRun } from '../../src/pipeline/finalise-run.ts'
import type { Recipe } from '../../src/recipe/recipe.ts'
import { readTrueSpans } from '../../src/truth/read-truth.ts'
import type { AccuracyRow } from './accuracy-row.ts'

/** What one run says about its figures; small, so that it can be kept. */
export interface TestbedRun {
  readonly scenario: string
  readonly seed: number
  /** (E - truth)/u of inferences and of stages that have a figure, rounded. */
  readonly rowZ: readonly number[]
  readonly stageZ: readonly number[]
  /** (mean - truth)/u by task, of tasks whose every inference has a true energy, and u relative to the mean. */
  readonly meanZ: readonly number[]
  readonly meanURel: readonly number[]
  /** u of isolated inferences over what the known noise and calibration predict. */
  readonly uRatio: readonly number[]
  /** (E - truth) / truth of inferences with a figure. */
  readonly rowError: readonly number[]
  readonly conservation: number
  readonly unattributed: number
  readonly unresolved: number
  readonly inferences: number
}

/** Noise an ACS712-05B has by its own account, as the emulator draws it: V rms behind one pole of 2 kHz, V/A. */
const SENSOR_NOISE_V = 0.0035
const SENSOR_V_PER_A = 0.185
const TIME_CONSTANT_S = 1 / (2 * Math.PI * 2000)

export async function testbedRun(scenario: string, recipe: Recipe, seed: number, volts: number): Promise<TestbedRun> {
  const scratch = mkdtempSync(join(tmpdir(), 'joulespan-accuracy-'))
  try {
    const path = join(scratch, 'run')
    const createdBy = 'joulespan accuracy'
    const folder = await emulateJournal({ recipe, runId: '20260101T000000Z-test-0001', path, createdBy })
    const { runJson, summary } = await finaliseRun({ run: folder, out: folder, createdBy })
    const truth = new Map<number, { energyJ: number; stages: number }>()
    const trueStages = new Map<number, number>()
    for (const span of readTrueSpans(runFolder(path).truth)) {
      if (span.kind !== STAGE) continue
      trueStages.set(span.spanId, span.energyJ)
      const sum = truth.get(span.inferenceId) ?? { energyJ: 0, stages: 0 }
      truth.set(span.inferenceId, { energyJ: sum.energyJ + span.energyJ, stages: sum.stages + 1 })
    }
    const rowZ: number[] = []
    const rowError: number[] = []
    const uRatio: number[] = []
    const trueByTask = new Map<string, { sum: number; n: number }>()
    const columns = ['inference_id', 'task', 'energy_j', 'energy_u_j', 'method', 'duration_ns', 'queue_ns']
    for (const row of (await readTable(folder, 'inferences', { columns })) ?? []) {
      const trueJ = truth.get(Number(row.inference_id))?.energyJ
      if (trueJ === undefined) continue
      const sum = trueByTask.get(row.task) ?? { sum: 0, n: 0 }
      trueByTask.set(row.task, { sum: sum.sum + trueJ, n: sum.n + 1 })
      if (row.energy_j === null) continue
      rowZ.push(rounded((row.energy_j - trueJ) / row.energy_u_j))
      rowError.push(rounded(row.energy_j / trueJ - 1, 5))
      if (row.method !== 'isolated') continue
      const windowS = Number(row.duration_ns) / 1e9 + GUARDS_S
      const densityJ2PerS = ((SENSOR_NOISE_V / SENSOR_V_PER_A) * volts) ** 2 * 2 * TIME_CONSTANT_S
      const predicted = Math.hypot(Math.sqrt(densityJ2PerS * windowS), CALIBRATION_U_REL * row.energy_j)
      uRatio.push(rounded(row.energy_u_j / predicted))
    }
    const stageZ: number[] = []
    for (const row of (await readTable(folder, 'stages', { columns: ['span_id', 'kind', 'energy_j', 'energy_u_j'] })) ??
      []) {
      const trueJ = trueStages.get(Number(row.span_id))
      if (row.kind !== 'stage' || row.energy_j === null || trueJ === undefined) continue
      stageZ.push(rounded((row.energy_j - trueJ) / row.energy_u_j))
    }
    const meanZ: number[] = []
    const meanURel: number[] = []
    for (const { task, n_inferences, energy_mean_j, energy_mean_u_j } of summary) {
      const known = task === null ? undefined : trueByTask.get(String(task))
      if (known === undefined || known.n !== Number(n_inferences)) continue
      const [mean, u] = [Number(energy_mean_j), Number(energy_mean_u_j)]
      meanZ.push(rounded((mean - known.sum / known.n) / u))
      meanURel.push(rounded(u / mean, 5))
    }
    const rails = Object.values(runJson.energy)
    return {
      scenario,
      seed,
      rowZ,
      stageZ,
      meanZ,
      meanURel,
      uRatio,
      rowError,
      conservation: Math.max(...rails.map((rail) => rail.conservation_error)),
      unattributed: Math.max(...rails.map((rail) => Math.abs(rail.unattributed_j) / rail.attributed_j)),
      unresolved: runJson.counts.unresolved,
      inferences: runJson.counts.inferences,
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const STAGE = 2
/** Guards of an isolated inference on the virtual board: 0.3 ms before, 0.3 + 5 x 0.08 + 0.6 ms behind. */
const GUARDS_S = 1.6e-3
/** 0.3 % of the sensor and 0.2 % of the rail. */
const CALIBRATION_U_REL = 0.0036

const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits))

/** Figures over all runs of a scenario, and over all scenarios. */
export function testbedRows(runs: readonly TestbedRun[]): AccuracyRow[] {
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))]
  const rows = scenarios.flatMap((scenario) =>
    summarise(
      scenario,
      runs.filter((run) => run.scenario === scenario),
      false,
    ),
  )
  return [...rows, ...summarise(`all, ${runs.length} runs`, runs, true)]
}

function summarise(scenario: string, runs: readonly TestbedRun[], isJudged: boolean): AccuracyRow[] {
  const means = runs.flatMap(({ meanZ }) => meanZ)
  const rows = runs.flatMap(({ rowZ }) => rowZ)
  const stages = runs.flatMap(({ stageZ }) => stageZ)
  const limits = (given: Pick<AccuracyRow, 'most' | 'least'>): Pick<AccuracyRow, 'most' | 'least'> =>
    isJudged ? given : {}
  const line = (
    figure: string,
    value: number,
    unit = '',
    given: Pick<AccuracyRow, 'most' | 'least'> = {},
  ): AccuracyRow => ({
    scenario,
    figure,
    value,
    unit,
    ...given,
  })
  return [
    line('rms (mean - truth)/u of tasks', rms(means), '', limits({ least: 0.7, most: 1.2 })),
    line('means within 2 u', 100 * within(means, 2), '%', limits({ least: 93 })),
    line('rms (E - truth)/u of inferences', rms(rows), '', limits({ least: 0.7, most: 1.2 })),
    line('inferences within 2 u', 100 * within(rows, 2), '%', limits({ least: 93 })),
    line('rms (E - truth)/u of stages', rms(stages), '', limits({ least: 0.7, most: 1.2 })),
    line(
      'median u of isolated rows over that of the known noise',
      median(runs.flatMap(({ uRatio }) => uRatio)),
      '',
      limits({ most: 1.3 }),
    ),
    line('median u of means', 100 * median(runs.flatMap(({ meanURel }) => meanURel)), '%'),
    line('inferences without a figure', (100 * sumOf(runs, 'unresolved')) / sumOf(runs, 'inferences'), '%'),
    line('misfit of the identity', Math.max(...runs.map(({ conservation }) => conservation)), '', { most: 1e-9 }),
    line('|unattributed|, of dynamic energy', 100 * Math.max(...runs.map(({ unattributed }) => unattributed)), '%', {
      most: 2,
    }),
  ]
}

export function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

function within(values: readonly number[], limit: number): number {
  return values.filter((value) => Math.abs(value) <= limit).length / values.length
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function sumOf(runs: readonly TestbedRun[], key: 'unresolved' | 'inferences'): number {
  return runs.reduce((sum, run) => sum + run[key], 0)
}

/** Figures of isolated inferences: how far one is off at random, how far a mean over a hundred. */
export function isolatedRows(
  runs: readonly TestbedRun[],
  most: { readonly randomRel: number; readonly meanRel: number },
): AccuracyRow[] {
  const scenario = runs[0]?.scenario ?? ''
  const random = runs.flatMap(({ rowError }) => {
    const mean = rowError.reduce((sum, error) => sum + error, 0) / rowError.length
    return rowError.map((error) => error - mean)
  })
  const means = runs.map(({ rowError }) => {
    const first = rowError.slice(0, 100)
    return first.reduce((sum, error) => sum + error, 0) / first.length
  })
  return [
    {
      scenario,
      figure: 'random part of one inference, rms',
      value: 100 * rms(random),
      unit: '%',
      most: 100 * most.randomRel,
    },
    {
      scenario,
      figure: 'mean over 100, rms over boards',
      value: 100 * rms(means),
      unit: '%',
      most: 100 * most.meanRel,
    },
    { scenario, figure: 'rms (E - truth)/u of inferences', value: rms(runs.flatMap(({ rowZ }) => rowZ)), unit: '' },
  ]
}

/** Without noise nothing dithers the converter: what it is off then must lie within the uncertainty that says so. */
export function quantisationRows(runs: readonly TestbedRun[]): AccuracyRow[] {
  const scenario = runs[0]?.scenario ?? ''
  const z = runs.flatMap(({ rowZ }) => rowZ)
  const means = runs.flatMap(({ meanZ }) => meanZ)
  return [
    { scenario, figure: 'rms (E - truth)/u of inferences', value: rms(z), unit: '', most: 1.2 },
    { scenario, figure: 'inferences within 2 u', value: 100 * within(z, 2), unit: '%', least: 93 },
    { scenario, figure: 'rms (mean - truth)/u', value: rms(means), unit: '', most: 1.2 },
  ]
}
