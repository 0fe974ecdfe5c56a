import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SamplePeriod, type Sampling } from '../alignment/sample-period.ts'
import type { AttributedTableName } from '../dataset/attributed-tables.ts'
import { diskError } from '../dataset/disk-error.ts'
import type { Part } from '../dataset/parquet-writer.ts'
import { replaceFile } from '../dataset/replace-file.ts'
import { OPEN_SPAN_NS } from '../energy/ledger.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { ForeignTable } from '../foreign/foreign-table.ts'
import { openTable } from '../foreign/open-table.ts'
import { PowerFaults } from '../foreign/power-faults.ts'
import { firstTimeNs, powerColumns, readPower } from '../foreign/power-rows.ts'
import { checkSpans } from '../foreign/span-faults.ts'
import { readSpans } from '../foreign/span-list.ts'
import { ATTRIBUTE_FORMAT, ATTRIBUTE_VERSION, type AttributeDocument } from './attribute-document.ts'
import { AttributeSink } from './attribute-sink.ts'
import { powerWarnings, spanWarnings } from './attribute-warnings.ts'
import { Attribution } from './attribution.ts'
import { ListedSpans } from './listed-spans.ts'
import type { RailSettings, TraceSettings } from './trace-ledger.ts'

export interface AttributeOptions {
  readonly power: string
  readonly spans: string
  readonly out: string
  /** Write into a folder that holds something already. */
  readonly force: boolean
  readonly createdBy: string
  /** By rail, or one figure for all; standard uncertainties. */
  readonly gainURel: PerRail
  readonly offsetUW: PerRail
  /** Standard deviation of a sample; left out: estimated. */
  readonly noiseW?: PerRail
  /** Idle power as a given figure; left out: measured. */
  readonly idleW?: PerRail
  readonly delayNs: number
  readonly delayUNs: number
  readonly timeConstantNs: number
  readonly alignBoundNs: number
  /** Left out: made from the sample period. */
  readonly leadNs?: number
  readonly tailNs?: number
  /** Longest stretch held in memory; left out: as much as memory bears. */
  readonly windowNs?: number
  readonly onProgress?: (what: string, share: number) => void
}

/** One figure for all rails, or one each. */
export type PerRail = number | Readonly<Record<string, number>>

/** After five time constants a filter has settled to 0.7 %. */
const SETTLE_TIME_CONSTANTS = 5
/** Power may show this many samples before a start or after an end. */
const GUARD_PERIODS = 2

/**
 * The energy ledger on power and spans from anywhere. The power is read twice: once for its sample period, without which no
 * sample has a length, and once for its energy.
 */
export async function attribute(options: AttributeOptions): Promise<AttributeDocument> {
  await checkOut(options.out, options.force)
  const power = await openTable(options.power, '--power', ['csv', 'parquet'])
  const spanTable = await openTable(options.spans, '--spans', ['csv', 'parquet', 'jsonl'])
  const columns = powerColumns(power)
  checkRails(options, columns.rails)
  const originNs = await firstTimeNs(power)
  const sampling = await surveyPower(power, originNs, options)
  const settings = settingsOf(options, columns.rails, sampling)
  const list = await readSpans(spanTable, originNs)
  const { trace } = settings
  const checked = checkSpans(list, { fromNs: trace.start, toNs: trace.end, openNs: OPEN_SPAN_NS })
  const spans = new ListedSpans(list, checked, trace)
  const work = new Attribution(settings, spans)
  const sink = await AttributeSink.open(options.out, spans, originNs, columns.rails)
  const faults = new PowerFaults(columns.rails.length, sampling)
  let files: Record<AttributedTableName, Part>
  try {
    for await (const rows of readPower(power, columns.rails, originNs)) {
      faults.push(rows)
      for (const result of work.ledger.push(rows.tNs, rows.watts, rows.count)) await sink.write(work.note(result))
      options.onProgress?.('attributing', rows.share)
    }
    await sink.write(work.note(work.ledger.close()))
    files = await sink.close(work.learning())
  } catch (error) {
    await sink.abort()
    throw error
  }
  const document: AttributeDocument = {
    format: ATTRIBUTE_FORMAT,
    version: ATTRIBUTE_VERSION,
    created_by: options.createdBy,
    out_dir: options.out,
    power: {
      path: options.power,
      rows: sampling.rows,
      rails: columns.rails,
      first_ns: String(originNs),
      last_ns: String(originNs + BigInt(sampling.lastNs)),
      period_ns: sampling.periodNs,
      is_regular: sampling.isRegular,
      jitter: sampling.jitter,
      gap_ns: sampling.gapNs,
      gaps: faults.gaps.count,
      gaps_s: faults.gapsNs / 1e9,
    },
    spans: { path: options.spans, rows: list.count, inferences: list.inferenceIds.length, devices: list.devices },
    options: work.optionFacts(),
    energy: work.energy(),
    ...work.learning(),
    models: work.models(),
    rows: { inferences: work.inferences.facts(), stages: work.stages.facts() },
    warnings: [...powerWarnings(columns, sampling, faults), ...spanWarnings(spans), ...work.warnings()],
    files: withPaths(files),
  }
  await replaceFile(join(options.out, 'attribute.json'), `${JSON.stringify(document, null, 2)}\n`)
  return document
}

async function checkOut(out: string, force: boolean): Promise<void> {
  let entries: string[]
  try {
    entries = await readdir(out)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw diskError('write to', out, error)
  }
  if (entries.length === 0 || force) return
  throw new JoulespanError('usage', `--out: expected an empty folder or none, saw ${entries.length} files in ${out}`, {
    hint: '--force writes beside them and replaces tables of the same name',
  })
}

async function surveyPower(table: ForeignTable, originNs: bigint, options: AttributeOptions): Promise<Sampling> {
  const period = new SamplePeriod()
  for await (const rows of readPower(table, [], originNs)) {
    period.push(rows.tNs, rows.count)
    options.onProgress?.('reading times', rows.share)
  }
  const { sampling } = period
  if (sampling !== undefined) return sampling
  throw new JoulespanError('dataset', `expected samples at two different times at least, saw one in ${options.power}`, {
    hint: 'a sample lasts until half-way to the next: one alone has no length',
  })
}

/** A figure for a rail that is not there is a slip of the pen. */
function checkRails(options: AttributeOptions, rails: readonly string[]): void {
  const given = {
    gain_u: options.gainURel,
    offset_u_w: options.offsetUW,
    noise_w: options.noiseW,
    idle_w: options.idleW,
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || typeof value === 'number') continue
    const unknown = Object.keys(value).find((rail) => !rails.includes(rail))
    if (unknown === undefined) continue
    throw new JoulespanError(
      'usage',
      `--${name.replaceAll('_', '-')}: expected rails among ${rails.join(', ')}, saw ${unknown}`,
    )
  }
}

function settingsOf(options: AttributeOptions, rails: readonly string[], sampling: Sampling): TraceSettings {
  const { delayNs, delayUNs, timeConstantNs, alignBoundNs } = options
  const leadNs = options.leadNs ?? GUARD_PERIODS * sampling.periodNs + alignBoundNs + 3 * delayUNs
  const of = (figure: PerRail | undefined, rail: string): number | undefined =>
    typeof figure === 'number' ? figure : figure?.[rail]
  return {
    rails: rails.map((name): RailSettings => {
      const [gainURel, offsetUW] = [of(options.gainURel, name) ?? 0, of(options.offsetUW, name) ?? 0]
      return { name, gainURel, offsetUW, noiseW: of(options.noiseW, name), idleW: of(options.idleW, name) }
    }),
    sampling,
    guards: { leadNs, tailNs: options.tailNs ?? leadNs + SETTLE_TIME_CONSTANTS * timeConstantNs },
    delayNs,
    delayUNs,
    timeConstantNs,
    alignBoundNs,
    windowNs: options.windowNs,
    trace: {
      start: sampling.firstNs - sampling.periodNs / 2 - delayNs,
      end: sampling.lastNs + sampling.periodNs / 2 - delayNs,
    },
  }
}

function withPaths(files: Record<AttributedTableName, Part>): AttributeDocument['files'] {
  const entries = Object.entries(files).map(([name, part]) => [name, { path: `${name}.parquet`, ...part }])
  return Object.fromEntries(entries) as AttributeDocument['files']
}
