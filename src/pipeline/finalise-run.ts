import type { RailCalibration } from '../calibration/rail.ts'
import type { RunFolder } from '../dataset/run-folder.ts'
import type { Json, MarkerStatistics, RunJson, RunnerClockStatistics } from '../dataset/run-json.ts'
import { RUN_FORMAT, RUN_VERSION, type RunWarning, writeRunJson } from '../dataset/run-json.ts'
import type { SummaryRow } from '../dataset/summary-table.ts'
import { writeSummary } from '../dataset/summary-writer.ts'
import { conservationError } from '../energy/totals.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { IdentityFrame } from '../framing/frame.ts'
import type { Dictionary } from '../inference/event-message.ts'
import { JournalMerge } from '../journal/merge.ts'
import { type JournalFaults, JournalReader } from '../journal/reader.ts'
import type { JournalIdentity } from '../journal/schema.ts'
import { DatasetSink } from './dataset-sink.ts'
import { Finaliser } from './finaliser.ts'
import { describeLearning } from './learning.ts'
import { Names } from './names.ts'
import { finaliserOptions, type RunContext, readRunContext } from './run-context.ts'
import { RunStatistics } from './run-statistics.ts'
import { UtcLine } from './utc-line.ts'

export interface FinaliseOptions {
  /** Where the journal is. */
  readonly run: RunFolder
  /** Where the tables go; the run folder itself but for a replay elsewhere. */
  readonly out: RunFolder
  /** Such as `joulespan 0.1.0`. */
  readonly createdBy: string
  /**
   * For a live run: stamps, ns, below which every record is on disk, ending when the run has ended. Left out, the journal
   * is taken as it stands.
   */
  readonly follow?: AsyncIterable<number>
  /** Told after every window: how far the figures reach, s. */
  readonly onWindow?: (untilS: number) => void
}

export interface FinalisedRun {
  readonly runJson: RunJson
  readonly summary: readonly SummaryRow[]
  readonly faults: JournalFaults
}

/** Makes the dataset from the journal: what `record`, `recover` and `replay` all end in. */
export async function finaliseRun(options: FinaliseOptions): Promise<FinalisedRun> {
  const journal = new JournalReader(options.run.journal, { follow: options.follow !== undefined })
  try {
    return await finalise(journal, options)
  } finally {
    journal.close()
  }
}

async function finalise(journal: JournalReader, options: FinaliseOptions): Promise<FinalisedRun> {
  const merge = new JournalMerge(journal)
  let work: Work | undefined
  const begin = (isEnded: boolean): void => {
    if (work !== undefined) return
    const context = readContext(options)
    if (context?.isComplete || (context !== undefined && isEnded)) work = startWork(journal, context, options)
  }
  for await (const safeNs of options.follow ?? []) {
    begin(false)
    if (work !== undefined) await takeRecords(work, merge, safeNs, options)
  }
  journal.settle()
  begin(true)
  if (work === undefined)
    throw new JoulespanError('journal', `expected a recipe record in ${options.run.journal}, saw none`, {
      hint: 'the run was stopped before it began: there is nothing to recover',
    })
  await takeRecords(work, merge, Number.POSITIVE_INFINITY, options)
  for (const result of work.finaliser.close()) await write(work, result, options)
  return await conclude(work, journal, options)
}

/** Everything a run in the making needs. */
interface Work {
  readonly identity: JournalIdentity
  readonly finaliser: Finaliser
  readonly rails: readonly RailCalibration[]
  readonly sink: DatasetSink
  readonly statistics: RunStatistics
  readonly utc: UtcLine
  lastStampNs: number
}

/** A fresh look each time: the run's own records are few. */
function readContext({ run }: FinaliseOptions): RunContext | undefined {
  const journal = new JournalReader(run.journal, { follow: true })
  try {
    return readRunContext(journal)
  } finally {
    journal.close()
  }
}

function startWork(journal: JournalReader, context: RunContext, options: FinaliseOptions): Work {
  const identity = journal.identity()
  if (identity === undefined) throw new JoulespanError('journal', `no readable start in ${options.run.journal}`)
  if (context.record.originMonoNs !== String(identity.originMonoNs))
    throw new JoulespanError(
      'journal',
      `the origin of ${options.run.journal} is damaged: its files and its recipe record differ`,
    )
  const settings = finaliserOptions(context, identity.originMonoNs)
  const finaliser = new Finaliser(settings)
  const utc = new UtcLine(identity.originUtcNs)
  const { sources } = finaliser.events
  const sink = new DatasetSink(options.out, settings.rails, {
    runId: identity.runId,
    rails: settings.rails.length,
    sources,
    utc,
  })
  return { identity, finaliser, rails: settings.rails, sink, statistics: new RunStatistics(), utc, lastStampNs: 0 }
}

async function takeRecords(work: Work, merge: JournalMerge, untilNs: number, options: FinaliseOptions): Promise<void> {
  for (const record of merge.take(untilNs)) {
    for (const result of work.finaliser.push(record)) await write(work, result, options)
    work.lastStampNs = record.stampNs
  }
}

async function write(work: Work, result: Parameters<DatasetSink['write']>[0], options: FinaliseOptions): Promise<void> {
  work.utc.add(result.probes)
  work.statistics.add(result)
  await work.sink.write(result)
  options.onWindow?.(Math.min(result.window.end, work.lastStampNs) / 1e9)
}

async function conclude(work: Work, journal: JournalReader, options: FinaliseOptions): Promise<FinalisedRun> {
  const context = readContext(options)
  if (context === undefined) throw new JoulespanError('internal', 'the recipe record has gone')
  const { identity, finaliser, statistics } = work
  const durationS = context.record.recipe.durationS
  const startUs = Number(identity.originUtcNs / 1000n)
  const summary = statistics.summary(identity.runId, startUs, finaliser, durationS)
  const faults = journal.faults()
  const runJson = describeRun(work, context, faults, options.createdBy)
  await writeSummary(options.out.summary, identity.runId, summary)
  await writeRunJson(options.out, runJson)
  return { runJson, summary, faults }
}

function describeRun(work: Work, context: RunContext, faults: JournalFaults, createdBy: string): RunJson {
  const { identity, finaliser, statistics, sink, rails } = work
  const { deframer, tracker } = finaliser.serial
  const firmware = finaliser.identity
  return {
    format: RUN_FORMAT,
    version: RUN_VERSION,
    run_id: identity.runId,
    created_by: createdBy,
    closed_reason: context.endReason ?? 'not closed',
    start: {
      time: new Date(Number(identity.originUtcNs / 1_000_000n)).toISOString(),
      origin_mono_ns: String(identity.originMonoNs),
      origin_utc_ns: String(identity.originUtcNs),
    },
    duration_ns: work.lastStampNs,
    host: context.record.host,
    recipe: context.record.recipe as unknown as Json,
    rails: rails.map(({ name }) => name),
    calibration: rails as unknown as Json,
    firmware: firmware === undefined ? null : describeFirmware(firmware),
    runner: describeRunner(finaliser.events.sources.at(-1)?.dictionary),
    clock: {
      epochs: statistics.epochs,
      bound_p99_ns: statistics.bounds.quantile(0.99) ?? null,
      bound_max_ns: statistics.boundMaxNs,
      rate_ppm: Number.isNaN(statistics.ratePpm) ? null : statistics.ratePpm,
      pings_sent: finaliser.serial.pingsSent,
      pings_answered: finaliser.serial.pingsAnswered,
      suspends: statistics.suspends,
      marker: describeMarker(finaliser, context),
      runner: describeRunnerClock(finaliser),
    },
    link: {
      bytes: deframer.counts.bytes,
      frames: deframer.counts.frames,
      frames_lost: tracker.counts.framesLost,
      frames_bad: { ...deframer.counts.bad, inconsistent: tracker.counts.inconsistent },
      samples: tracker.counts.samples,
      samples_lost: tracker.counts.samplesLost,
      resets: Math.max(0, tracker.counts.boots - 1),
    },
    counts: {
      inferences: statistics.inferences,
      stages: statistics.stages,
      events: statistics.events,
      events_lost: finaliser.eventsLost,
      unresolved: statistics.unresolved,
      methods: Object.fromEntries(statistics.methods),
      reasons: Object.fromEntries(statistics.reasons),
    },
    energy: Object.fromEntries(
      finaliser.ledger.totals.map((totals) => [
        totals.rail,
        {
          measured_j: totals.measuredJ,
          idle_j: totals.idleJ,
          idle_unowned_j: totals.idleUnownedJ,
          attributed_j: totals.attributedJ,
          load_j: totals.loadJ,
          unattributed_j: totals.unattributedJ,
          uncovered_j: totals.uncoveredJ,
          gap_s: totals.gapS,
          conservation_error: conservationError(totals),
        },
      ]),
    ),
    ...describeLearning(
      finaliser.ledger,
      rails.map(({ name }) => name),
      (source) => new Names(finaliser.events.sources[source]?.dictionary),
    ),
    warnings: warningsOf(work, context, faults),
    parts: sink.parts,
  }
}

function describeMarker({ clock }: Finaliser, { record }: RunContext): MarkerStatistics | null {
  const { counts, isBelieved } = clock.marker
  if (counts.toggles === 0) return null
  const { floorUpNs, floorDownNs } = record.recipe.sensor
  const beyond = (ns: number | undefined, claimedNs: number): number | null =>
    ns === undefined ? null : Math.round(ns + claimedNs)
  return {
    toggles: counts.toggles,
    edges_used: isBelieved ? counts.matched : 0,
    edges_opposite: counts.opposite,
    edges_foreign: counts.foreign,
    edges_ambiguous: counts.ambiguous,
    toggles_unseen: counts.unseen,
    least_up_ns: beyond(clock.floorUp.leastNs, floorUpNs),
    least_down_ns: beyond(clock.floorDown.leastNs, floorDownNs),
    floor_up_ns: beyond(clock.floorUp.claimNs, floorUpNs),
    floor_down_ns: beyond(clock.floorDown.claimNs, floorDownNs),
  }
}

function describeRunnerClock({ isRunnerRemote, runnerClock }: Finaliser): RunnerClockStatistics | null {
  if (!isRunnerRemote) return null
  const { exchanges, bounds, boundMaxNs } = runnerClock
  const isKnown = boundMaxNs > 0
  return {
    exchanges,
    bound_p99_ns: bounds.quantile(0.99) ?? null,
    bound_max_ns: isKnown ? boundMaxNs : null,
  }
}

function describeFirmware(identity: IdentityFrame) {
  return {
    hardware: identity.hardware === 1 ? 'ATmega328P' : `hardware ${identity.hardware}`,
    version: identity.firmware,
    serial: identity.serial,
    f_cpu_hz: identity.fCpuHz,
  }
}

function describeRunner(dictionary: Dictionary | undefined): RunJson['runner'] {
  if (dictionary === undefined) return null
  const paths = dictionary.devices.flatMap(({ path }) => path ?? [])
  return { ...(dictionary.runner as Record<string, Json>), ...(paths.length === 0 ? {} : { device_paths: paths }) }
}

function warningsOf({ finaliser, lastStampNs }: Work, context: RunContext, faults: JournalFaults): RunWarning[] {
  const warnings: RunWarning[] = []
  const warn = (code: string, happened: boolean, message: string): void => {
    if (happened) warnings.push({ code, message })
  }
  const link = finaliser.serial.tracker.counts
  const bad = Object.values(finaliser.serial.deframer.counts.bad).reduce((sum, n) => sum + n, 0)
  warn('not-closed', context.endReason === undefined, 'the journal ends without an end: up to the last second is lost')
  warn('journal-torn', faults.bytesDropped > 0, `${faults.bytesDropped} bytes of the journal were torn or damaged`)
  warn('journal-gap', faults.recordsMissing > 0, `${faults.recordsMissing} records of the journal are missing`)
  warn('frames-lost', link.framesLost > 0, `${link.framesLost} frames (${link.samplesLost} samples) were lost`)
  warn('frames-bad', bad > 0, `bytes were refused ${bad} times on the serial link`)
  warn('slip', link.slips > 0, `the converter missed conversions ${link.slips} times`)
  warn('reset', link.boots > 1, `the device was reset ${link.boots - 1} times`)
  warn('events-lost', finaliser.eventsLost > 0, `${finaliser.eventsLost} events were lost`)
  warn('events-bad', finaliser.badMessages > 0, `${finaliser.badMessages} event messages could not be read`)
  const { found, outOfStep } = finaliser.ledger.lag
  const lag = found === undefined ? '' : ` (${Math.round(found.lagNs / 1e3)} us)`
  warn('out-of-step', outOfStep, `power follows the spans by more than clock bound and devices explain${lag}`)
  const silent = finaliser.events.sources.filter(({ ended }) => !ended).length
  warn('runner-silent', silent > 0, `${silent} runner(s) stopped talking without an end of stream`)
  const noCalibration = context.record.recipe.sensor.calibration === 'device' && !context.deviceCalibration
  warn('no-calibration', noCalibration, 'no calibration record was read: the figures of the recipe were used')
  warnOfMarker(finaliser, warn)
  warn(
    'runner-unaligned',
    finaliser.isRunnerRemote && finaliser.runnerClock.exchanges < 2,
    'the runner is on another machine and did not tell its clock: no span is aligned',
  )
  const { hostClock } = finaliser.clock
  const unreadS = (lastStampNs - hostClock.lastNs) / 1e9
  warn('clock-unread', !hostClock.isKnown, 'no readings of CLOCK_MONOTONIC_RAW: the bound allows for a slew of 500 ppm')
  warn(
    'clock-unread',
    hostClock.isKnown && unreadS > 2,
    `no readings of CLOCK_MONOTONIC_RAW in the last ${unreadS.toFixed(1)} s: the bound grows by 500 ppm there`,
  )
  for (const verdict of context.verdicts) warn('verdict', true, verdict)
  return warnings
}

/** A wire that does not do what the runner says is told, never used. */
function warnOfMarker({ clock }: Finaliser, warn: (code: string, happened: boolean, message: string) => void): void {
  const { toggles, matched, opposite, foreign, ambiguous, unseen } = clock.marker.counts
  const seen = matched + opposite + foreign + ambiguous
  if (toggles === 0) {
    warn('marker-foreign', seen > 0, `the marker pin had ${seen} edges and no runner told of a marker line: not used`)
    return
  }
  const { isBelieved } = clock.marker
  warn(
    'marker-unseen',
    seen === 0,
    `the runner toggled its marker line ${toggles} times and the board saw no edge: is it wired to D2, with a common ground?`,
  )
  warn(
    'marker-inverted',
    !isBelieved && seen > 0 && opposite > seen / 2,
    `${opposite} of ${seen} marker edges came with a toggle of the other level: the line is inverted; not used`,
  )
  const isUnclear = !isBelieved && seen > 0 && opposite <= seen / 2
  warn(
    'marker-unclear',
    isUnclear,
    `of ${seen} marker edges ${matched} came as toggled, ${foreign} without a toggle, ${ambiguous} could not be told apart: not used`,
  )
  warn('marker-lost', isBelieved && unseen > 0.1 * toggles, `${unseen} of ${toggles} marker toggles were not seen`)
}
