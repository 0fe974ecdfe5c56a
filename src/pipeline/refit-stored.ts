import { statSync } from 'node:fs'
import { readPairs } from '../dataset/read-pairs.ts'
import { readQueries } from '../dataset/read-queries.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { OSCILLATORS, type OscillatorName } from '../timebase/oscillator.ts'
import { PairTable } from '../timebase/pair-table.ts'
import { type Query, type Refit, type RefitOptions, refit } from '../timebase/refit.ts'
import { readRunPairs } from './run-pairs.ts'
import type { LinkFloors } from './serial-branch.ts'

export type { OscillatorName }

export interface RefitRequest {
  /** A run folder, or a file of pairs. */
  readonly path: string
  readonly mode: RefitOptions['mode']
  /** Of a file; a run knows its own. */
  readonly tickHz: number | undefined
  /** Default: of the run's recipe; for a file resonator, whose wider limit holds for both. */
  readonly oscillator: OscillatorName | undefined
  readonly floorUpNs: number | undefined
  readonly floorDownNs: number | undefined
  /** Declared slew of the host's clock where no clock probe ran. Default: 0 for a file, NTP's limit for a run. */
  readonly hostSlewPerS: number | undefined
  readonly queries: string | undefined
}

export interface StoredRefit extends Refit {
  readonly oscillator: OscillatorName
  readonly options: RefitOptions
  /** Least delays that were claimed, ns; in a run beyond the wire time of one byte. */
  readonly floorUpNs: number
  readonly floorDownNs: number
  readonly counts: PairCounts
  readonly warnings: readonly string[]
}

/** What the pairs are like: none of it is wrong, all of it may be worth knowing. */
export interface PairCounts {
  readonly up: number
  readonly down: number
  /** Pairs of an earlier tick than one before them. */
  readonly outOfOrder: number
  /** Pairs that say what the one before them of their kind said. */
  readonly repeated: number
}

/** ATmega328P: timer 1 at 16 MHz / 8. */
const RUN_TICK_HZ = 2e6
/** ntpd and the kernel slew by up to so much. */
const NTP_SLEW_PER_S = 5e-4

/** Refits the map of a run, or of stored pairs. */
export async function refitStored(request: RefitRequest): Promise<StoredRefit> {
  const { pairs, options, oscillator, floors, warnings } = isFolder(request.path)
    ? fromRun(request)
    : await fromFile(request)
  const queries = request.queries === undefined ? [] : await readQueries(request.queries)
  if (pairs.boots.length > 1 && pairs.boots.includes(null))
    warnings.push('some pairs name a boot and some do not: those without are taken for a device clock of their own')
  warnings.push(...queryWarnings(pairs, queries))
  const result = refit(pairs, queries, options)
  if (result.steps.length > 0)
    warnings.push(
      `the device's clock stepped ${result.steps.length} times, or its drift is beyond the declared limit of an oscillator of class ${oscillator}`,
    )
  const [floorUpNs, floorDownNs] = [floors.upNs, floors.downNs]
  return { ...result, oscillator, options, floorUpNs, floorDownNs, counts: countPairs(pairs), warnings }
}

interface Loaded {
  readonly pairs: PairTable
  readonly options: RefitOptions
  readonly oscillator: OscillatorName
  readonly floors: LinkFloors
  readonly warnings: string[]
}

async function fromFile(request: RefitRequest): Promise<Loaded> {
  if (request.tickHz === undefined)
    throw new JoulespanError('usage', `expected --tick-hz for the pairs of ${request.path}, saw none`, {
      hint: 'ticks a second, such as --tick-hz 2e6: only a run knows its own',
    })
  const pairs = new PairTable()
  const { ignored } = await readPairs(request.path, pairs)
  const oscillator = request.oscillator ?? 'resonator'
  const floors = { upNs: request.floorUpNs ?? 0, downNs: request.floorDownNs ?? 0 }
  return {
    pairs,
    oscillator,
    floors,
    options: {
      mode: request.mode,
      tickHz: request.tickHz,
      oscillator: OSCILLATORS[oscillator],
      floorUpNs: floors.upNs,
      floorDownNs: floors.downNs,
      stampTicks: 1,
      hostSlewPerS: request.hostSlewPerS ?? 0,
    },
    warnings: ignored.length === 0 ? [] : [`${request.path}: ignored ${ignored.join(', ')}`],
  }
}

function fromRun(request: RefitRequest): Loaded {
  const warnings: string[] = []
  const floors = {
    ...(request.floorUpNs === undefined ? {} : { upNs: request.floorUpNs }),
    ...(request.floorDownNs === undefined ? {} : { downNs: request.floorDownNs }),
  }
  const run = readRunPairs(request.path, floors)
  if (run.pairs.length === 0)
    throw new JoulespanError('dataset', `expected clock pairs in the journal of ${request.path}, saw none`, {
      hint: 'did the sensor send anything? `joulespan inspect` shows the link',
    })
  if (run.suspends > 0) warnings.push(`the host was suspended ${run.suspends} times: its clock stood still meanwhile`)
  const isUnseen = run.clock === undefined && !run.isEmulated
  const slew = isUnseen ? (request.hostSlewPerS ?? NTP_SLEW_PER_S) : 0
  if (slew > 0)
    warnings.push(
      `no clock probe in this run: NTP may slew the host's clock by ${slew * 1e6} ppm, which is in the bound`,
    )
  const oscillator = request.oscillator ?? run.sensor.oscillator
  return {
    pairs: run.pairs,
    oscillator,
    floors: { upNs: floors.upNs ?? run.sensor.floorUpNs, downNs: floors.downNs ?? run.sensor.floorDownNs },
    options: {
      mode: request.mode,
      tickHz: request.tickHz ?? RUN_TICK_HZ,
      oscillator: OSCILLATORS[oscillator],
      // the pairs are corrected for floors and stamps already
      floorUpNs: 0,
      floorDownNs: 0,
      stampTicks: 0,
      hostSlewPerS: slew,
      ...(run.clock === undefined ? {} : { clock: run.clock }),
    },
    warnings,
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function queryWarnings(pairs: PairTable, queries: readonly Query[]): string[] {
  const open = pairs.boots.length > 1 ? queries.filter(({ boot }) => boot === undefined).length : 0
  if (open === 0) return []
  return [
    `${open} queries name no boot though there are ${pairs.boots.length}: answered in the first that reaches the tick`,
  ]
}

function countPairs(pairs: PairTable): PairCounts {
  const counts = { up: 0, down: 0, outOfOrder: 0, repeated: 0 }
  const highest: number[] = []
  const last: [number, number] = [-1, -1]
  for (let i = 0; i < pairs.length; i++) {
    const kind = pairs.isUp(i) ? 0 : 1
    if (kind === 0) counts.up++
    else counts.down++
    const [boot, tick] = [pairs.boot(i), pairs.tick(i)]
    if (tick < (highest[boot] ?? Number.NEGATIVE_INFINITY)) counts.outOfOrder++
    else highest[boot] = tick
    const before = last[kind] as number
    const isSame = before >= 0 && pairs.tick(before) === tick && pairs.boot(before) === boot
    if (isSame && pairs.hostNs(before) === pairs.hostNs(i)) counts.repeated++
    last[kind] = i
  }
  return counts
}
