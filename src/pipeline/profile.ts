import { PowerCells } from '../alignment/power-cells.ts'
import { RailTrace } from '../alignment/rail-trace.ts'
import { SamplePeriod, type Sampling } from '../alignment/sample-period.ts'
import type { RailCalibration } from '../calibration/rail.ts'
import { PartWriter } from '../dataset/parquet-writer.ts'
import { PROFILE } from '../dataset/profile-table.ts'
import { readRowGroups } from '../dataset/read-table.ts'
import type { RunFolder } from '../dataset/run-folder.ts'
import { readRunJson } from '../dataset/run-json.ts'
import { type FoldedBin, FoldedPower } from '../energy/folded-power.ts'
import { kuiperTest, type Uniformity } from '../energy/kuiper.ts'
import type { Guards } from '../energy/sweep.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { POWER_FLAGS } from './dataset-sink.ts'
import { BEYOND_NS, IdleTrack } from './idle-track.ts'
import { type ProfileSpans, readProfileSpans, type Target } from './profile-spans.ts'
import { guardsOf } from './run-context.ts'

export interface ProfileOptions {
  readonly model?: string
  readonly segment?: number
  readonly bins: number
  readonly onProgress?: (share: number) => void
}

export interface Profile {
  readonly runId: string
  readonly rails: readonly string[]
  readonly model: string
  /** Undefined: whole inferences. */
  readonly segment: number | undefined
  readonly guards: Guards
  readonly samplePeriodNs: number
  readonly durationP50Ns: number
  /** Executions that were folded, and what was left out: not alone, not measured throughout, much longer than the others. */
  readonly folded: number
  readonly overlapping: number
  readonly notMeasured: number
  readonly tooLong: number
  /** Folded ones that last less than two sample periods: no row of the run gives them a figure. */
  readonly short: number
  /** By time since the start, guards included. */
  readonly byTime: readonly FoldedBin[]
  /** By the part of the duration that has passed, 0 to 1. */
  readonly byPhase: readonly FoldedBin[]
  /** Integral of the profile by time, J; NaN where a bin is empty. */
  readonly integralJ: number
  /** Its standard error from the scatter among executions; what is wrong with all of them alike (gain, baseline) is left out. */
  readonly integralSeJ: number
  /** Mean energy of those of the folded executions that have a figure in the run. */
  readonly energyMeanJ: number
  readonly energyCount: number
  /** Largest bound of the clock alignment among them. */
  readonly boundNs: number
  readonly uniformity: Uniformity
  /** Starts keep one phase to the samples: the profile shows the same few instants again and again. */
  readonly isLocked: boolean
}

const WINDOW_NS = 30e9
/** Longer than so many medians is something else than the others. */
const TOO_LONG = 3
/** Chance and size of an uneven phase that is called a lock; a small V is harmless however certain. */
const LOCK = { p: 1e-3, v: 0.1 }
const LEAST_COVERAGE = 0.99

/**
 * Equivalent-time power profile: samples of all executions sorted by the time since their start. What a sensor sees of one
 * execution in a few samples it sees of many in thousands (J. Lang, G. Ruenger, "High-resolution power profiling of GPU
 * functions using low-resolution measurement", Euro-Par 2013).
 */
export async function profileRun(folder: RunFolder, options: ProfileOptions): Promise<Profile> {
  const runJson = await readRunJson(folder)
  const recipe = runJson.recipe as unknown as Recipe
  const guards = guardsOf(runJson.calibration as unknown as readonly RailCalibration[], recipe.sensor.settleNs)
  const spans = await readProfileSpans(folder, { model: options.model, segment: options.segment }, guards)
  const sampling = await readSampling(folder)
  const folding = new Folding(spans, guards, sampling, options.bins)
  const untilNs = runJson.duration_ns ?? Number.POSITIVE_INFINITY
  for await (const { tNs, watts, count } of readTotalPower(folder, runJson.rails)) {
    folding.push(tNs, watts, count)
    options.onProgress?.(Math.min(1, (tNs[count - 1] ?? 0) / untilNs))
  }
  folding.close()
  return { runId: runJson.run_id, rails: runJson.rails, ...folding.result() }
}

/** `profile.parquet`: both axes in one table. */
export async function writeProfile(path: string, profile: Profile): Promise<void> {
  const writer = await PartWriter.open(PROFILE, { path, runId: profile.runId, rails: [] })
  for (const [axis, bins] of [
    ['time', profile.byTime],
    ['phase', profile.byPhase],
  ] as const)
    for (const [bin, { from, to, watts, seW, count }] of bins.entries())
      writer.rows.appendRow({ axis, bin, from, to, power_w: watts, power_se_w: seW, n: count })
  await writer.close()
}

class Folding {
  readonly #spans: ProfileSpans
  readonly #guards: Guards
  readonly #sampling: Sampling
  readonly #traces = [new RailTrace()] as const
  readonly #cells: PowerCells
  readonly #byTime: FoldedPower
  readonly #byPhase: FoldedPower
  readonly #horizonNs: number
  readonly #targets: readonly Target[]
  readonly #durationP50Ns: number
  #idle: IdleTrack | undefined
  #next = 0
  #firstBusy = 0
  #windowEndNs = WINDOW_NS
  #phases: number[] = []
  #energies: number[] = []
  #knownJ = 0
  #knownCount = 0
  #notMeasured = 0
  #short = 0
  #boundNs = 0

  constructor(spans: ProfileSpans, guards: Guards, sampling: Sampling, bins: number) {
    this.#spans = spans
    this.#guards = guards
    this.#sampling = sampling
    this.#cells = new PowerCells(this.#traces, { ...sampling, delayNs: 0 })
    const durations = Float64Array.from(spans.targets, ({ start, end }) => end - start).sort()
    this.#durationP50Ns = durations[durations.length >> 1] ?? Number.NaN
    this.#targets = spans.targets.filter(
      ({ start, end }) => end > start && end - start <= TOO_LONG * this.#durationP50Ns,
    )
    const longestNs = this.#targets.reduce((longest, { start, end }) => Math.max(longest, end - start), 0)
    this.#horizonNs = longestNs + guards.tailNs
    this.#byTime = new FoldedPower(-guards.leadNs, this.#horizonNs, bins)
    this.#byPhase = new FoldedPower(0, 1, bins)
  }

  push(tNs: Float64Array, watts: Float64Array, count: number): void {
    const knownNs = this.#cells.push(tNs, [watts], count)
    while (knownNs >= this.#windowEndNs + BEYOND_NS) this.#finish(this.#windowEndNs, this.#windowEndNs + BEYOND_NS)
  }

  close(): void {
    this.#cells.close()
    this.#finish(Number.POSITIVE_INFINITY, this.#traces[0].endNs)
  }

  #finish(endNs: number, reachNs: number): void {
    const [trace] = this.#traces
    if (trace.cells === 0) return
    this.#idle ??= new IdleTrack(1, this.#sampling.periodNs, this.#guards, trace.startNs)
    this.#idle.search((range) => this.#busy(range), [], this.#spans.states, this.#traces, reachNs)
    const baseline = this.#idle.baselines({ start: endNs - WINDOW_NS, end: endNs })
    const settledNs = endNs - this.#guards.tailNs
    for (; this.#next < this.#targets.length; this.#next++) {
      const target = this.#targets[this.#next] as Target
      if (target.end > settledNs) break
      const key = this.#spans.states.keyAt(target.start)
      const from = baseline(0, target.start, key)?.watts ?? Number.NaN
      const to = baseline(0, target.end, key)?.watts ?? Number.NaN
      this.#fold(target, from, to)
    }
    this.#windowEndNs = endNs + WINDOW_NS
    const next = this.#targets[this.#next]?.start ?? endNs
    trace.dropBefore(Math.min(endNs, next) - 1e9)
    this.#idle.forget(endNs)
  }

  #fold(target: Target, idleFromW: number, idleToW: number): void {
    const [trace] = this.#traces
    const { leadNs, tailNs } = this.#guards
    const { start, end } = target
    const [from, to] = [start - leadNs, end + tailNs]
    const coveredNs = trace.coveredTo(to) - trace.coveredTo(from)
    if (coveredNs < LEAST_COVERAGE * (to - from) || Number.isNaN(idleFromW) || Number.isNaN(idleToW)) {
      this.#notMeasured++
      return
    }
    const { periodNs } = this.#sampling
    let lastNs = Number.NaN
    let beforeNs = Number.NaN
    let joules = 0
    trace.forEachCell(from - 2 * periodNs, to, (centreNs, watts) => {
      if (centreNs <= start) beforeNs = centreNs
      if (centreNs < from) return
      const above = watts - idleFromW - ((idleToW - idleFromW) * (centreNs - start)) / (end - start)
      joules += (above * periodNs) / 1e9
      this.#byTime.add(centreNs - start, above)
      this.#byPhase.add((centreNs - start) / (end - start), above)
      lastNs = centreNs
    })
    // what it causes behind its own tail is nothing, and known to be nothing
    for (let t = lastNs + periodNs; t < start + this.#horizonNs; t += periodNs) this.#byTime.add(t - start, 0)
    if (!Number.isNaN(beforeNs)) this.#phases.push(((start - beforeNs) / periodNs) % 1)
    this.#energies.push(joules)
    if (end - start < 2 * periodNs) this.#short++
    if (target.boundNs > this.#boundNs) this.#boundNs = target.boundNs
    if (target.energyJ === null) return
    this.#knownJ += target.energyJ
    this.#knownCount++
  }

  /** Everything that draws power in `range`; asked for ever later ranges. */
  #busy(range: { readonly start: number; readonly end: number }) {
    const { busy } = this.#spans
    const fromNs = range.start - this.#guards.tailNs
    while (this.#firstBusy < busy.length && (busy[this.#firstBusy]?.end ?? 0) <= fromNs) this.#firstBusy++
    const out: { start: number; end: number }[] = []
    for (let i = this.#firstBusy; i < busy.length; i++) {
      const { start, end } = busy[i] as { start: number; end: number }
      if (start - this.#guards.leadNs >= range.end) break
      if (end > fromNs) out.push({ start, end })
    }
    return out
  }

  result(): Omit<Profile, 'runId' | 'rails'> {
    const folded = this.#energies.length
    if (folded === 0)
      throw new JoulespanError(
        'dataset',
        `expected executions that are alone and measured throughout, saw ${this.#targets.length + this.#spans.overlapping}: ${this.#spans.overlapping} not alone, ${this.#notMeasured} not measured`,
        { hint: 'a lighter load leaves pauses between inferences' },
      )
    const byTime = this.#byTime.bins
    const uniformity = kuiperTest(Float64Array.from(this.#phases))
    const mean = this.#energies.reduce((sum, joules) => sum + joules, 0) / folded
    const squares = this.#energies.reduce((sum, joules) => sum + (joules - mean) ** 2, 0)
    return {
      model: this.#spans.model,
      segment: this.#spans.segment,
      guards: this.#guards,
      samplePeriodNs: this.#sampling.periodNs,
      durationP50Ns: this.#durationP50Ns,
      folded,
      overlapping: this.#spans.overlapping,
      notMeasured: this.#notMeasured,
      tooLong: this.#spans.targets.length - this.#targets.length,
      short: this.#short,
      byTime,
      byPhase: this.#byPhase.bins,
      integralJ: byTime.reduce((sum, { from, to, watts }) => sum + (watts * (to - from)) / 1e9, 0),
      integralSeJ: folded < 2 ? Number.NaN : Math.sqrt(squares / (folded - 1) / folded),
      energyMeanJ: this.#knownCount === 0 ? Number.NaN : this.#knownJ / this.#knownCount,
      energyCount: this.#knownCount,
      boundNs: this.#boundNs,
      uniformity,
      isLocked: uniformity.p < LOCK.p && uniformity.v > LOCK.v,
    }
  }
}

async function readSampling(folder: RunFolder): Promise<Sampling> {
  const period = new SamplePeriod()
  for await (const { tNs, count } of readTotalPower(folder, [])) {
    period.push(tNs, count)
    if (period.sampling !== undefined && count > 0) break
  }
  const { sampling } = period
  if (sampling !== undefined) return sampling
  throw new JoulespanError('dataset', `expected samples in the table power, saw none in ${folder.path}`)
}

/** Samples with their power summed over the rails; rows that stand for missing samples are left out, and so are a gap. */
async function* readTotalPower(
  folder: RunFolder,
  rails: readonly string[],
): AsyncGenerator<{ tNs: Float64Array; watts: Float64Array; count: number }> {
  const columns = ['t_ns', 'flags', ...rails.map((rail) => `${rail}_w`)]
  for await (const group of readRowGroups(folder, 'power', { columns }))
    for (const batch of group.batches) {
      const times = batch.getChild('t_ns')?.data[0]?.values as BigInt64Array
      const flags = batch.getChild('flags')?.data[0]?.values as Uint32Array
      const powers = rails.map((rail) => batch.getChild(`${rail}_w`))
      const tNs = new Float64Array(batch.numRows)
      const watts = new Float64Array(batch.numRows)
      let count = 0
      for (let i = 0; i < batch.numRows; i++) {
        if ((flags[i] as number) & (POWER_FLAGS.gap | POWER_FLAGS.unaligned)) continue
        tNs[count] = Number(times[i])
        let sum = 0
        for (const power of powers) sum += (power?.get(i) as number | null) ?? Number.NaN
        watts[count++] = sum
      }
      yield { tNs, watts, count }
    }
}
