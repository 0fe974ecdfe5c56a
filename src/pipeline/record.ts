import { readFileSync, rmSync } from 'node:fs'
import { cpus, hostname } from 'node:os'
import type { Observable } from 'rxjs'
import { runFolder } from '../dataset/run-folder.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { LiveFigures } from '../live/live-meter.ts'
import * as P from '../protocol/constants.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Child, Said } from '../testbed/child.ts'
import { type LiveSensor, startClockProbe, startRunner, startSensor, Workplace } from '../testbed/live.ts'
import { samplingOf } from '../testbed/offline.ts'
import { type Finalised, FinaliserThread } from './finaliser-thread.ts'
import { LiveFusion } from './live-fusion.ts'
import { MainJournal } from './main-journal.ts'
import { finaliserOptions, RUN_SOURCE, type RunContext, type RunRecord, runnerPlaceOf } from './run-context.ts'
import { lockRun } from './run-lock.ts'
import { RunnerLink } from './runner-link.ts'
import { SensorLink } from './sensor-link.ts'

/** Why a run ended. */
export type EndReason = 'done' | 'interrupted' | 'runner lost' | 'disk full' | 'failed'

export interface RecordOptions {
  readonly recipe: Recipe
  readonly runId: string
  /** The run folder to be made. */
  readonly path: string
  readonly createdBy: string
  /** One line for people: what is going on. */
  readonly onStatus: (text: string) => void
  /** Provisional figures, ten times a second. */
  readonly onFigures: (figures: LiveFigures) => void
  /** Ctrl-C: the run is closed cleanly. */
  readonly signal: AbortSignal
  /** Further arguments of a runner that is started, for tests. */
  readonly runnerArguments?: readonly string[]
  /** Tests drop event messages here, as a network would. */
  readonly dropEvent?: (message: number) => boolean
}

export interface RecordedRun extends Finalised {
  readonly reason: EndReason
  /** Set when the run ended for a reason that is an error. */
  readonly error: JoulespanError | undefined
}

/** Events are let through to the runner when the clock is known this well; a fresh resonator needs a second or two. */
const ALIGNED_NS = 400e3
const ALIGN_TIMEOUT_MS = 8000
/** What the device and the link still hold when the run is over. */
const DRAIN_MS = 300
const DRAIN_TIMEOUT_MS = 4000
/** From the end of the runner's stream to its last line. */
const FINISHED_TIMEOUT_MS = 2000

/** Records one run from end to end: sensor, runner, journal, live figures, dataset. */
export async function recordRun(options: RecordOptions): Promise<RecordedRun> {
  const { recipe, onStatus } = options
  const run = new LiveRun(options)
  try {
    const sensorPort = await run.startTestbed()
    await run.openSensor(sensorPort)
    await run.aligned()
    await run.startRunner()
    onStatus(`recording ${recipe.name} into ${options.path}`)
    run.end(await run.untilDone())
  } catch (error) {
    run.fail(error)
  }
  return run.close()
}

class LiveRun {
  readonly #options: RecordOptions
  readonly #journal: MainJournal
  readonly #finaliser: FinaliserThread
  readonly #work = new Workplace()
  readonly #flushed = { main: Number.NEGATIVE_INFINITY, ingest: Number.POSITIVE_INFINITY }
  readonly #closers: (() => Promise<unknown> | unknown)[] = []
  readonly #failed: Promise<never>
  readonly #unlock: () => void
  #failWith: (error: JoulespanError) => void = () => undefined
  #figures: LiveFigures | undefined
  #sensor: SensorLink | undefined
  #runner: RunnerLink | undefined
  #runnerDied: Promise<string | undefined> = new Promise(() => undefined)
  #runnerChild: Child | undefined
  #fusion: LiveFusion | undefined
  #isOver = false
  #reason: EndReason = 'done'
  #error: JoulespanError | undefined

  constructor(options: RecordOptions) {
    this.#options = options
    const folder = runFolder(options.path)
    this.#unlock = lockRun(options.path)
    const identity = {
      runId: options.runId,
      originMonoNs: process.hrtime.bigint(),
      originUtcNs: BigInt(Date.now()) * 1_000_000n,
    }
    this.#failed = new Promise((_, reject) => {
      this.#failWith = reject
    })
    this.#failed.catch(() => undefined)
    this.#finaliser = new FinaliserThread({ path: options.path, createdBy: options.createdBy }, () => undefined)
    const onFlushed = (untilNs: number): void => this.#noteFlushed('main', untilNs)
    this.#journal = new MainJournal(folder.journal, identity, onFlushed, (error) => this.#failWith(error))
    this.#journal.write(RUN_SOURCE, P.JOURNAL_RECIPE, JSON.stringify(describeRun(options, identity.originMonoNs)))
    this.#journal.flush()
  }

  /** The path of the serial port, emulated or real. */
  async startTestbed(): Promise<string> {
    const probe = startClockProbe((payload) => this.#journal.write('clock', P.JOURNAL_CLOCK, payload))
    if (probe === undefined) this.#verdict('no clock probe: UTC is taken from the start of the run')
    else this.#closers.push(() => probe.stop())
    const { recipe } = this.#options
    if (recipe.sensor.port !== 'virtual') return recipe.sensor.port
    this.#options.onStatus('starting the emulated board')
    const sensor: LiveSensor = await startSensor(recipe, this.#work, runFolder(this.#options.path).truth)
    this.#closers.push(async () => {
      const why = await sensor.child.stop()
      if (why !== undefined) this.#options.onStatus(`the emulator ended with ${why}`)
    })
    return sensor.port
  }

  async openSensor(path: string): Promise<void> {
    const { recipe } = this.#options
    this.#flushed.ingest = Number.NEGATIVE_INFINITY
    this.#sensor = new SensorLink({
      path,
      baud: recipe.sensor.baud,
      sampling: samplingOf(recipe),
      floors: { upNs: recipe.sensor.floorUpNs, downNs: recipe.sensor.floorDownNs },
      journalFolder: runFolder(this.#options.path).journal,
      identity: this.#journal.identity,
      onOutput: (output) => this.#fusion?.pushSerial(output),
      onFlushed: (untilNs) => this.#noteFlushed('ingest', untilNs),
      onStatus: (text) => {
        this.#options.onStatus(text)
        this.#verdict(text)
      },
      onError: (error) => this.#failWith(error),
    })
    const { identity, calibration } = await this.#orFailed(this.#sensor.open())
    this.#options.onStatus(
      `sensor: firmware ${identity.firmware}, boot ${identity.bootId}, board ${identity.serial || 'without a serial number'}`,
    )
    if (recipe.sensor.calibration === 'device') {
      if (calibration === undefined)
        this.#verdict('the board holds no calibration record: the figures of the recipe are used')
      else this.#journal.write(RUN_SOURCE, P.JOURNAL_CALIBRATION, calibration)
    }
    this.#startFusion(calibration)
    await this.#orFailed(this.#sensor.start())
  }

  /** Waits until power can be placed on host time: before that no inference should begin. */
  async aligned(): Promise<void> {
    const waited = this.#journal.now() + ALIGN_TIMEOUT_MS * 1e6
    while (!((this.#figures?.boundNs ?? Number.NaN) < ALIGNED_NS) && this.#journal.now() < waited)
      await this.#orFailed(pause(50))
    if (!((this.#figures?.boundNs ?? Number.NaN) < ALIGNED_NS))
      this.#verdict(
        `the clock is not aligned to ${ALIGNED_NS / 1e3} us after ${ALIGN_TIMEOUT_MS / 1e3} s; recording anyway`,
      )
  }

  async startRunner(): Promise<void> {
    const { recipe, dropEvent } = this.#options
    const { runner } = recipe
    if (runner.kind === 'none') return
    let endpoints = runner.kind === 'attach' ? runner : undefined
    if (runner.kind === 'spawn') {
      this.#options.onStatus('starting the runner')
      const started = await startRunner(
        recipe,
        this.#work,
        this.#work.file('events.log'),
        this.#options.runnerArguments,
      )
      this.#runnerDied = started.child.ended
      this.#runnerChild = started.child
      this.#closers.push(() => started.child.terminate())
      endpoints = { kind: 'attach', ...started }
    }
    if (endpoints === undefined) return
    this.#runner = new RunnerLink({
      ...endpoints,
      journal: this.#journal,
      place: runnerPlaceOf(describeRun(this.#options, this.#journal.identity.originMonoNs)),
      onEvents: (stored) => this.#fusion?.pushEvents(stored),
      ...(dropEvent === undefined ? {} : { drop: dropEvent }),
    })
    await this.#orFailed(this.#runner.open())
    await this.#orFailed(this.#runner.ready())
  }

  /** Resolves with the reason when the run is over. */
  untilDone(): Promise<EndReason> {
    const { signal, recipe } = this.#options
    const interrupted = new Promise<EndReason>((resolve) => {
      if (signal.aborted) resolve('interrupted')
      signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
    })
    const done: Promise<EndReason> =
      this.#runner === undefined
        ? new Promise((resolve) => setTimeout(resolve, recipe.durationS * 1e3, 'done'))
        : this.#runner.ended.then(() => this.#streamEnded())
    return this.#orFailed(Promise.race([interrupted, done, this.#runnerLost()]))
  }

  end(reason: EndReason): void {
    this.#isOver = true
    this.#reason = reason
  }

  fail(error: unknown): void {
    this.#isOver = true
    this.#error =
      error instanceof JoulespanError
        ? error
        : new JoulespanError('internal', error instanceof Error ? error.message : String(error), { cause: error })
    this.#reason = this.#error.code === 'disk' ? 'disk full' : 'failed'
  }

  /** Ends everything in the order in which nothing is lost, and makes the dataset. */
  async close(): Promise<RecordedRun> {
    const { onStatus } = this.#options
    if (this.#reason === 'interrupted') await this.#drainRunner()
    await pause(this.#sensor === undefined ? 0 : DRAIN_MS)
    await this.#runner?.close()
    await this.#sensor?.stop()
    await this.#sensor?.close()
    this.#fusion?.close()
    this.#journal.write(RUN_SOURCE, P.JOURNAL_END, JSON.stringify({ reason: this.#reason }))
    await this.#journal.close()
    for (const close of this.#closers.reverse()) await close()
    this.#work.remove()
    if (this.#error !== undefined && this.#fusion === undefined) {
      // no sample was ever taken: an empty run folder would only be in the way
      await this.#finaliser.abandon()
      rmSync(this.#options.path, { recursive: true, force: true })
      throw this.#error
    }
    onStatus('making the dataset')
    try {
      return { ...(await this.#finaliser.finish()), reason: this.#reason, error: this.#error }
    } catch (error) {
      throw this.#error ?? error
    } finally {
      this.#unlock()
    }
  }

  /** Inferences under way are finished; nothing new begins. */
  async #drainRunner(): Promise<void> {
    const { runner } = this.#options.recipe
    if (this.#runner === undefined || runner.kind !== 'spawn') return
    await this.#runner.stop().catch(() => undefined)
    await Promise.race([this.#runner.ended, pause(DRAIN_TIMEOUT_MS)])
  }

  /** A runner whose device failed ends its stream in order all the same, and says so after it. */
  async #streamEnded(): Promise<EndReason> {
    const isFinished = ({ event }: Said): boolean => event === 'finished'
    const finished = await this.#runnerChild?.waitFor(isFinished, FINISHED_TIMEOUT_MS).catch(() => undefined)
    return finished?.reason === 'failed' ? this.#noteRunnerLost(await this.#runnerDied) : 'done'
  }

  async #runnerLost(): Promise<EndReason> {
    const why = await this.#runnerDied
    // its last messages may still be on the way, the end of its stream among them
    await pause(1000)
    return this.#isOver ? 'done' : this.#noteRunnerLost(why ?? 'ended without an end of stream')
  }

  #noteRunnerLost(why: string | undefined): EndReason {
    this.#verdict(`runner lost: ${why ?? 'no reason given'}`)
    this.#error = new JoulespanError(
      'quality',
      `the runner ended in the middle of the run: ${why ?? 'no reason given'}`,
      {
        hint: 'inferences up to its last word are in the dataset; what it left open is flagged',
      },
    )
    return 'runner lost'
  }

  #startFusion(calibration: Uint8Array | undefined): void {
    const { recipe, onFigures } = this.#options
    const record: RunRecord = describeRun(this.#options, this.#journal.identity.originMonoNs)
    const deviceCalibration = recipe.sensor.calibration === 'device' ? calibration : undefined
    const context: RunContext = { record, deviceCalibration, endReason: undefined, verdicts: [], isComplete: true }
    const settings = finaliserOptions(context, this.#journal.identity.originMonoNs)
    this.#fusion = new LiveFusion(settings, () => this.#runner?.watermarkNs ?? Number.POSITIVE_INFINITY)
    const figures$: Observable<LiveFigures> = this.#fusion.figures$
    figures$.subscribe({
      next: (figures) => {
        this.#figures = figures
        onFigures(figures)
      },
      error: (error) => this.#failWith(error),
    })
  }

  #verdict(verdict: string): void {
    this.#journal.write(RUN_SOURCE, P.JOURNAL_VERDICT, JSON.stringify({ verdict }))
  }

  #noteFlushed(who: 'main' | 'ingest', untilNs: number): void {
    this.#flushed[who] = untilNs
    const safeNs = Math.min(this.#flushed.main, this.#flushed.ingest)
    if (Number.isFinite(safeNs)) this.#finaliser.follow(safeNs)
  }

  #orFailed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed])
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function describeRun({ recipe, createdBy }: RecordOptions, originNs: bigint): RunRecord {
  return {
    recipe,
    joulespan: createdBy,
    originMonoNs: String(originNs),
    host: {
      name: hostname(),
      os: process.platform,
      cpu: cpus()[0]?.model ?? process.arch,
      node: process.versions.node,
      ...bootIdOf(),
    },
  }
}

/** Linux tells it; elsewhere the recipe must say where the runner is. */
function bootIdOf(): { bootId?: string } {
  try {
    return { bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
  } catch {
    return {}
  }
}
