import type { RailCalibration } from '../calibration/rail.ts'
import { decodeCalibrationRecord } from '../calibration/record.ts'
import type { Guards } from '../energy/sweep.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { JournalReader } from '../journal/reader.ts'
import * as P from '../protocol/constants.ts'
import { calibratedRails } from '../recipe/calibrated-rails.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { OSCILLATORS } from '../timebase/envelope.ts'
import type { FinaliserOptions } from './finaliser.ts'
import type { RunnerPlace } from './runner-clock.ts'

/** Name of the source whose records say what the run is: recipe, calibration, port, verdicts, end. */
export const RUN_SOURCE = 'run'

/** Payload of the recipe record. */
export interface RunRecord {
  readonly recipe: Recipe
  readonly joulespan: string
  /** The origin once more, as this record is protected by a checksum and the head of a journal file is not. */
  readonly originMonoNs: string
  readonly host: {
    readonly name: string
    readonly os: string
    readonly cpu: string
    readonly node: string
    readonly bootId?: string
  }
}

/** What a run's own records say about it, read ahead of everything else. */
export interface RunContext {
  readonly record: RunRecord
  /** The device's calibration record; undefined when the recipe's figures hold. */
  readonly deviceCalibration: Uint8Array | undefined
  /** Why the run ended; undefined when the journal just stops. */
  readonly endReason: string | undefined
  readonly verdicts: readonly string[]
  /** Calibration and recipe are both known: nothing that comes later changes how figures are made. */
  readonly isComplete: boolean
}

/** Reads the run's own source; for a live run as far as it goes. */
export function readRunContext(journal: JournalReader): RunContext | undefined {
  const source = journal.sources().find(({ source: name }) => name === RUN_SOURCE)
  let record: RunRecord | undefined
  let deviceCalibration: Uint8Array | undefined
  let endReason: string | undefined
  const verdicts: string[] = []
  for (let batch = source?.nextBatch(); batch !== undefined; batch = source?.nextBatch())
    for (const { kind, payload } of batch) {
      if (kind === P.JOURNAL_RECIPE) record = parse(payload) as RunRecord
      else if (kind === P.JOURNAL_CALIBRATION) deviceCalibration = payload.slice()
      else if (kind === P.JOURNAL_VERDICT) verdicts.push(String((parse(payload) as { verdict?: unknown }).verdict))
      else if (kind === P.JOURNAL_END) endReason = String((parse(payload) as { reason?: unknown }).reason)
    }
  if (record === undefined) return undefined
  const isComplete = record.recipe.sensor.calibration === 'recipe' || deviceCalibration !== undefined
  return { record, deviceCalibration, endReason, verdicts, isComplete }
}

/** How the figures of this run are made. */
export function finaliserOptions(context: RunContext, originNs: bigint): FinaliserOptions {
  const { recipe } = context.record
  // without a record of the device the figures of the recipe are all there is; run.json says so
  const record = context.deviceCalibration && decodeCalibrationRecord(context.deviceCalibration)
  const rails: readonly RailCalibration[] = record === undefined ? recipe.rails : calibratedRails(recipe, record)
  return {
    originNs,
    rails,
    oscillator: OSCILLATORS[recipe.sensor.oscillator],
    floors: { upNs: recipe.sensor.floorUpNs, downNs: recipe.sensor.floorDownNs },
    guards: guardsOf(rails, recipe.sensor.settleNs),
    runnerPlace: runnerPlaceOf(context.record),
    partNs: recipe.partS * 1e9,
  }
}

/** How far the power of a span reaches beyond its stamps. */
export function guardsOf(rails: readonly RailCalibration[], settleNs: number): Guards {
  const slowestNs = Math.max(...rails.map(({ current }) => current.timeConstantNs))
  return { leadNs: LEAD_NS, tailNs: LEAD_NS + SETTLE_TIME_CONSTANTS * slowestNs + settleNs }
}

export function runnerPlaceOf({ recipe: { runner }, host }: RunRecord): RunnerPlace {
  return { declared: runner.kind === 'none' ? 'auto' : (runner.host ?? 'auto'), bootId: host.bootId }
}

/** Clock bound and a few samples: power may show this long before a start or after an end. */
const LEAD_NS = 300e3
/** After five time constants a filter has settled to 0.7 %. */
const SETTLE_TIME_CONSTANTS = 5

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload))
  } catch (cause) {
    throw new JoulespanError('journal', 'expected JSON in a record of source run, saw something else', { cause })
  }
}
