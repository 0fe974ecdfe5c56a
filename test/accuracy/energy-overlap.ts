// Four devices on one rail, 0.5 to 2 W: is what each of them drew told apart, and where it cannot be, is that said?
import type { LedgerRows } from '../../src/energy/ledger.ts'
import { conservationError } from '../../src/energy/totals.ts'
import type { AccuracyRow } from './accuracy-row.ts'
import { executionsOf, POWER_W, type Schedule } from './energy-scenarios.ts'
import { attribute, QUIET, type RailModel, spansOf, traceOf } from './synthetic-rail.ts'

interface OverlapCase {
  readonly name: string
  readonly schedule: Schedule
  readonly requests: number
  readonly model?: Partial<RailModel>
  /** Seconds between idle gaps of 5 ms, in which nothing is admitted. */
  readonly gapEveryS?: number
  /** Largest error of a device's energy, %; undefined: no device may have a figure. */
  readonly most: number | undefined
  readonly method: string
  /** Share of overlapping rows that must be so, %; 99 when left out. */
  readonly least?: number
}

const CASES: readonly OverlapCase[] = [
  { name: 'pipeline, 20 % load', schedule: 'pipeline-20', requests: 400, most: 2, method: 'learned' },
  { name: 'pipeline, 50 % load', schedule: 'pipeline-50', requests: 400, most: 2, method: 'learned' },
  { name: 'bursts of 20', schedule: 'bursts', requests: 400, most: 2, method: 'learned' },
  { name: 'independent', schedule: 'independent', requests: 400, most: 2, method: 'learned' },
  { name: 'saturated, 400', schedule: 'saturated', requests: 400, most: 6, method: 'learned' },
  { name: 'saturated, 4000', schedule: 'saturated', requests: 4000, most: 2, method: 'learned' },
  {
    name: 'saturated, 4000, gaps',
    schedule: 'saturated',
    requests: 4000,
    gapEveryS: 1,
    most: 2,
    method: 'learned',
  },
  { name: 'lock-step with gaps', schedule: 'lock-step-gaps', requests: 400, most: undefined, method: 'group' },
  { name: 'lock-step, always on', schedule: 'lock-step-solid', requests: 400, most: undefined, method: 'group' },
  {
    name: 'not additive, -0.2 W each',
    schedule: 'pipeline-50',
    requests: 400,
    model: { interactionW: -0.2 },
    most: undefined,
    method: 'shapley',
  },
  {
    name: 'pipeline, 0.8 ms out of step',
    schedule: 'pipeline-50',
    requests: 400,
    model: { lateS: 8e-4 },
    most: undefined,
    method: 'unresolved',
    // rows that share less than 5 % of their energy keep a figure, with what that may be off
    least: 95,
  },
]

/** `seeds` runs of every case; errors are the mean over the seeds of the worst device's, as in the research's table. */
export function overlapRows(seeds: number, requestsMost = 4000): AccuracyRow[] {
  return CASES.filter(({ requests }) => requests <= requestsMost).flatMap((overlap) => rowsOf(overlap, seeds))
}

function rowsOf(overlap: OverlapCase, seeds: number): AccuracyRow[] {
  const runs = Array.from({ length: seeds }, (_, i) => runOf(overlap, i + 1))
  const mean = (pick: (run: Run) => number): number => runs.reduce((sum, run) => sum + pick(run), 0) / runs.length
  const worst = (pick: (run: Run) => number): number => Math.max(...runs.map(pick))
  const row = (figure: string, value: number, unit: string, limits: Pick<AccuracyRow, 'most' | 'least'> = {}) => ({
    scenario: overlap.name,
    figure,
    value,
    unit,
    ...limits,
  })
  const rows: AccuracyRow[] = [
    row(`overlapping rows that are ${overlap.method}`, 100 * mean((run) => run.methodShare), '%', {
      least: overlap.least ?? 99,
    }),
    row(
      'misfit of the identity',
      worst((run) => run.conservation),
      '',
      { most: 1e-9 },
    ),
  ]
  if (overlap.most !== undefined)
    rows.push(
      row(
        'learned split, worst device',
        mean((run) => run.learnedError),
        '%',
        { most: overlap.most },
      ),
      row(
        'equal split, worst device',
        mean((run) => run.equalError),
        '%',
      ),
      row(
        'rms (E - truth)/u of rows',
        mean((run) => run.rmsZ),
        '',
      ),
      row(
        '|unattributed|, of dynamic energy',
        worst((run) => run.unattributed),
        '%',
        { most: 2 },
      ),
    )
  if (overlap.method === 'group')
    rows.push(
      row(
        'rows of one device with a figure',
        worst((run) => run.withFigure),
        'rows',
        { most: 0 },
      ),
      row(
        'group sum against truth',
        worst((run) => run.groupError),
        '%',
        { most: 3 },
      ),
    )
  return rows
}

interface Run {
  readonly methodShare: number
  readonly learnedError: number
  readonly equalError: number
  readonly rmsZ: number
  readonly withFigure: number
  readonly groupError: number
  readonly unattributed: number
  readonly conservation: number
}

function runOf({ schedule, requests, model, method, gapEveryS }: OverlapCase, seed: number): Run {
  const executions = executionsOf(schedule, requests, seed, 0.06, gapEveryS)
  const lengthS = Math.max(...executions.map(({ endS }) => endS)) + 0.06
  const rail = { ...QUIET, seed: 100 + seed, ...model }
  const { ledger, rows } = attribute(traceOf(executions, lengthS, rail), spansOf(executions), rail)
  const overlapping = rows.stages.filter(({ overlap }) => overlap > 0)
  const totals = ledger.totals[0]
  const groupJ = rows.groups.reduce((sum, { energyJ }) => sum + (energyJ[0] as number), 0)
  const grouped = rows.stages.filter((row) => row.method === 'group')
  const z = rows.stages.flatMap((row) =>
    row.energyJ === undefined ? [] : [((row.energyJ[0] as number) - truthJ(row)) / (row.budget?.uJ as number)],
  )
  return {
    methodShare: overlapping.filter((row) => row.method === method).length / overlapping.length,
    learnedError: worstDevice(rows.stages, (row) => row.energyJ?.[0]),
    equalError: worstDevice(rows.stages, (row) => row.equalJ[0]),
    rmsZ: Math.sqrt(z.reduce((sum, value) => sum + value * value, 0) / z.length),
    withFigure: overlapping.filter(({ energyJ }) => energyJ !== undefined).length,
    groupError: 100 * Math.abs(groupJ / grouped.reduce((sum, row) => sum + truthJ(row), 0) - 1),
    unattributed: (100 * Math.abs(totals?.unattributedJ ?? 0)) / (totals?.attributedJ ?? 0),
    conservation: totals === undefined ? 1 : conservationError(totals),
  }
}

type StageRow = LedgerRows['stages'][number]

function truthJ({ span }: StageRow): number {
  return ((POWER_W[span.device] as number) * (span.endNs - span.startNs)) / 1e9
}

/** Largest relative error of a device's sum over its rows that have a figure, %. */
function worstDevice(stages: readonly StageRow[], energyOf: (row: StageRow) => number | undefined): number {
  const errors = POWER_W.map((_, device) => {
    let joules = 0
    let truth = 0
    for (const row of stages) {
      const energy = row.span.device === device ? energyOf(row) : undefined
      if (energy === undefined) continue
      joules += energy
      truth += truthJ(row)
    }
    return truth === 0 ? 0 : 100 * Math.abs(joules / truth - 1)
  })
  return Math.max(...errors)
}
