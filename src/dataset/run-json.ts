import { readFile } from 'node:fs/promises'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { diskError } from './disk-error.ts'
import type { Part } from './parquet-writer.ts'
import { replaceFile } from './replace-file.ts'
import type { RunFolder } from './run-folder.ts'
import type { RunId } from './run-id.ts'
import type { TableName } from './schema.ts'

export const RUN_FORMAT = 'joulespan.run'
export const RUN_VERSION = 1

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** `run.json`: what was run, with what, and how well. Nanoseconds since 1970 are text: they have more digits than a double. */
export interface RunJson {
  readonly format: typeof RUN_FORMAT
  readonly version: typeof RUN_VERSION
  readonly run_id: RunId
  /** Program that wrote the tables, such as `joulespan 0.1.0`; equal tables are promised for equal programs. */
  readonly created_by: string
  /** Why the run ended; null while it is being recorded. */
  readonly closed_reason: string | null
  readonly start: RunStart
  readonly duration_ns: number | null
  readonly host: RunHost
  /** The recipe after flags and environment. */
  readonly recipe: Json
  readonly rails: readonly string[]
  /** Calibration record of each channel as it was used. */
  readonly calibration: Json
  readonly firmware: RunFirmware | null
  /** What the runner said of itself (protocol/event.md, Dictionary), and where its devices were; null without a runner. */
  readonly runner?: Readonly<Record<string, Json>> | null | undefined
  readonly clock: ClockStatistics
  readonly link: LinkStatistics
  readonly counts: RunCounts
  /** By rail. */
  readonly energy: Readonly<Record<string, RailEnergy>>
  /** What each kind of execution drew, learned from overlaps, and whether figures of rows rest on it. */
  readonly powers: readonly LearnedPower[]
  readonly overlap: OverlapStatistics
  readonly warnings: readonly RunWarning[]
  readonly parts: Readonly<Partial<Record<TableName, readonly Part[]>>>
}

export interface RunStart {
  /** ISO 8601, UTC. */
  readonly time: string
  /** CLOCK_MONOTONIC of the host at t_ns = 0. */
  readonly origin_mono_ns: string
  /** UTC at t_ns = 0, since 1970, by the first clock reading. */
  readonly origin_utc_ns: string
}

export interface RunHost {
  readonly name: string
  readonly os: string
  readonly cpu: string
  readonly node: string
}

/** What the identity frame said (protocol/frame.md). */
export interface RunFirmware {
  readonly hardware: string
  readonly version: string
  readonly serial: string
  readonly f_cpu_hz: number
}

export interface ClockStatistics {
  readonly epochs: number
  /** 99th percentile and largest stated bound of the map from sample index to host time. */
  readonly bound_p99_ns: number | null
  readonly bound_max_ns: number | null
  readonly rate_ppm: number | null
  readonly pings_sent: number
  readonly pings_answered: number
  readonly suspends: number
  /** Null when no marker line was toggled. */
  readonly marker: MarkerStatistics | null
  /** Null when the runner has the clock of this host. */
  readonly runner: RunnerClockStatistics | null
}

/** The clock of a runner on another machine; its bound is in those of the rows. */
export interface RunnerClockStatistics {
  readonly exchanges: number
  readonly bound_p99_ns: number | null
  readonly bound_max_ns: number | null
}

/** Edges of the marker line, and what they tell about the link (docs/timebase.md). */
export interface MarkerStatistics {
  readonly toggles: number
  /** Edges that narrowed the map; 0 when the wire was not believed. */
  readonly edges_used: number
  /** Edges that came with a toggle of the other level, with none, or that could not be told from each other. */
  readonly edges_opposite: number
  readonly edges_foreign: number
  readonly edges_ambiguous: number
  /** Toggles without an edge. */
  readonly toggles_unseen: number
  /** Least delay seen from board to host and back, beyond the wire time. */
  readonly least_up_ns: number | null
  readonly least_down_ns: number | null
  /** What a later run on this link without a marker may give as `sensor.floor_up` and `floor_down`; null: too little was seen. */
  readonly floor_up_ns: number | null
  readonly floor_down_ns: number | null
}

export interface LinkStatistics {
  readonly bytes: number
  readonly frames: number
  readonly frames_lost: number
  /** Frames that were refused, by reason (protocol/frame.md). */
  readonly frames_bad: Readonly<Record<string, number>>
  readonly samples: number
  readonly samples_lost: number
  readonly resets: number
}

export interface RunCounts {
  readonly inferences: number
  readonly stages: number
  readonly events: number
  readonly events_lost: number
  /** Inferences without an `energy_j`. */
  readonly unresolved: number
  /** Inferences by method, and those without an `energy_j` by reason. */
  readonly methods: Readonly<Record<string, number>>
  readonly reasons: Readonly<Record<string, number>>
}

/** One rail of a run: measured = idle + attributed + load + unattributed + uncovered. */
export interface RailEnergy {
  readonly measured_j: number
  readonly idle_j: number
  /** Part of idle_j while nothing was active. */
  readonly idle_unowned_j: number
  readonly attributed_j: number
  readonly load_j: number
  readonly unattributed_j: number
  readonly uncovered_j: number
  /** Time without samples between the first and the last, s: its energy is unknown. */
  readonly gap_s: number
  /** |measured - sum of the others| / measured; at most 1e-9. */
  readonly conservation_error: number
}

/** One kind of execution: a stage of a model on a device, a load, an unload or a warm-up. */
export interface LearnedPower {
  readonly device: string
  readonly model: string
  readonly segment: number | null
  readonly kind: string
  readonly executions: number
  /** Mean power above the baseline during an execution, W, and its standard uncertainty, by rail. */
  readonly power_w: Readonly<Record<string, number>>
  readonly power_u_w: Readonly<Record<string, number>>
  /** Variance inflation factor; null: too seldom seen to say. */
  readonly vif: number | null
  /** Condition number of the correlation matrix of all that overlap directly or indirectly. */
  readonly condition: number | null
  /** Largest mean residual of a set of active devices, in standard errors. */
  readonly lack_of_fit: number | null
  /** Method that divides what it shares with others; null: none can, see reason. */
  readonly method: string | null
  readonly reason: string | null
}

export interface OverlapStatistics {
  /** By which power follows the spans, ns: physical lag and clock error; null: cannot be told. Never applied. */
  readonly lag_ns: number | null
  readonly lag_sd_ns: number | null
  /** Relative scatter of executions about their learned power, by rail. */
  readonly scatter: Readonly<Record<string, number>>
}

export interface RunWarning {
  readonly code: string
  readonly message: string
}

export async function writeRunJson(folder: RunFolder, run: RunJson): Promise<void> {
  await replaceFile(folder.runJson, encodeRunJson(run))
}

/** The same text for the same content, in whatever order it was put together. */
export function encodeRunJson(run: RunJson): string {
  const ordered = Object.fromEntries(RUN_KEYS.map((key) => [key, sortKeys(run[key])]))
  return `${JSON.stringify(ordered, null, 2)}\n`
}

export async function readRunJson(folder: RunFolder): Promise<RunJson> {
  const path = folder.runJson
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw diskError('read', path, error)
  }
  return checked(parse(text, path), path)
}

/** Runs recorded before it was written are read as well. */
const ADDED_LATER = 'runner'

/** The order of the document, for a person who reads it from the top. */
const RUN_KEYS = [
  'format',
  'version',
  'run_id',
  'created_by',
  'closed_reason',
  'start',
  'duration_ns',
  'warnings',
  'counts',
  'energy',
  'powers',
  'overlap',
  'clock',
  'link',
  'host',
  'firmware',
  'runner',
  'rails',
  'calibration',
  'recipe',
  'parts',
] as const satisfies readonly (keyof RunJson)[]

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, entry]) => [key, sortKeys(entry)]))
}

function parse(text: string, path: string): Partial<RunJson> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new JoulespanError('dataset', `expected JSON, saw '${(error as Error).message}' in ${path}`, { cause: error })
  }
  if (document !== null && typeof document === 'object') return document
  throw new JoulespanError('dataset', `expected a JSON object, saw ${JSON.stringify(document)} in ${path}`)
}

function checked(run: Partial<RunJson>, path: string): RunJson {
  if (run.format !== RUN_FORMAT) {
    throw new JoulespanError('dataset', `expected format '${RUN_FORMAT}', saw '${run.format}' in ${path}`)
  }
  if (run.version !== RUN_VERSION) {
    throw new JoulespanError('dataset', `expected run.json version ${RUN_VERSION}, saw ${run.version} in ${path}`, {
      hint: 'open it with the joulespan that wrote it, or replay the run',
    })
  }
  const missing = RUN_KEYS.filter((key) => !(key in run) && key !== ADDED_LATER)
  if (missing.length > 0) throw new JoulespanError('dataset', `expected ${missing.join(', ')}, saw none in ${path}`)
  return run as RunJson
}
