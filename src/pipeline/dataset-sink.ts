import { powerOfBlock } from '../calibration/power.ts'
import type { RailCalibration } from '../calibration/rail.ts'
import { type Part, PartWriter } from '../dataset/parquet-writer.ts'
import { appendPowerBlock, appendPowerGap } from '../dataset/power-block.ts'
import { partPath, type RunFolder } from '../dataset/run-folder.ts'
import { TABLES, type TableName } from '../dataset/schema.ts'
import * as P from '../protocol/constants.ts'
import { channelCount } from '../protocol/sampling.ts'
import type { SampleGap } from '../samples/sample-block.ts'
import type { PlacedBlock } from './placed-blocks.ts'
import { eventRow, groupRows, inferenceRow, knotRow, probeRow, type RowContext, stageRow } from './rows.ts'
import type { WindowResult } from './window-result.ts'

/** Bits of the column `flags` of the table `power`. */
export const POWER_FLAGS = {
  /** Row stands for samples that never arrived: lost on the link, dropped by the device, or gone with a reset. */
  gap: 1,
  /** A code at the end of the converter's range within the frame. */
  saturated: 2,
  /** The samples could not be placed on host time; one row stands for the frame, at its arrival. */
  unaligned: 4,
  /** The converter missed a conversion before this frame. */
  slip: 8,
  /** Sampling was stopped and started again. */
  restarted: 16,
} as const

/** Writes finished windows: every table gets part N from window N. */
export class DatasetSink {
  readonly parts: Partial<Record<TableName, Part[]>> = {}
  readonly #folder: RunFolder
  readonly #rails: readonly RailCalibration[]
  readonly #context: RowContext
  #number = 0

  constructor(folder: RunFolder, rails: readonly RailCalibration[], context: RowContext) {
    this.#folder = folder
    this.#rails = rails
    this.#context = context
  }

  async write(result: WindowResult): Promise<void> {
    const context = this.#context
    const byStart = (a: { span: { startNs: number } }, b: { span: { startNs: number } }): number =>
      a.span.startNs - b.span.startNs
    await this.#part('inferences', async ({ rows }) => {
      for (const row of [...result.inferences].sort(byStart)) rows.appendRow(inferenceRow(row, context))
    })
    await this.#part('stages', async ({ rows }) => {
      for (const row of [...result.stages].sort(byStart)) rows.appendRow(stageRow(row, context))
    })
    await this.#part('groups', async ({ rows }) => {
      const rails = this.#rails.map(({ name }) => name)
      for (const group of result.groups) for (const row of groupRows(group, rails, context)) rows.appendRow(row)
    })
    await this.#part('events', async ({ rows }) => {
      for (const event of result.events) rows.appendRow(eventRow(event, context))
    })
    await this.#part('clock', async ({ rows }) => {
      const knots = result.knots.map((knot) => knotRow(knot, context))
      const probes = result.probes.map((probe) => probeRow(probe, context))
      for (const row of [...knots, ...probes].sort((a, b) => Number(a.t_ns) - Number(b.t_ns))) rows.appendRow(row)
    })
    await this.#part('power', (writer) => this.#writePower(writer, result))
    this.#number++
  }

  async #part<N extends TableName>(
    table: N,
    fill: (writer: PartWriter<(typeof TABLES)[N]>) => Promise<void>,
  ): Promise<void> {
    const writer = await PartWriter.open(TABLES[table], {
      path: partPath(this.#folder, table, this.#number),
      runId: this.#context.runId,
      rails: this.#rails.map((rail) => rail.name),
    })
    try {
      await fill(writer)
    } catch (error) {
      await writer.abort()
      throw error
    }
    const part = await writer.close()
    this.parts[table] = [...(this.parts[table] ?? []), part]
  }

  async #writePower(writer: PartWriter<typeof TABLES.power>, result: WindowResult): Promise<void> {
    const gaps = [...result.gaps]
    let endNs = Number.NaN
    for (const [i, placed] of result.blocks.entries()) {
      while (gaps[0] !== undefined && gaps[0].end <= placed.block.first)
        appendGap(writer, gaps.shift() as SampleGap, endNs, placed, this.#context)
      if (Number.isNaN(placed.startNs[0])) appendUnplaced(writer, placed, this.#context)
      else {
        appendBlock(writer, placed, this.#rails, this.#context)
        endNs = placed.endNs[0] as number
      }
      if (i % 1000 === 999) await writer.flush()
    }
  }
}

type PowerWriter = PartWriter<typeof TABLES.power>

function appendBlock(
  { rows }: PowerWriter,
  { block, startNs, endNs }: PlacedBlock,
  rails: readonly RailCalibration[],
  { utc }: RowContext,
): void {
  const step = channelCount(block.channels)
  const scans = block.counts.length / step
  const start = startNs[0] as number
  const cellNs = ((endNs[0] as number) - start) / scans
  let flags = block.frameFlags & P.FLAG_SLIP ? POWER_FLAGS.slip : 0
  if (block.frameFlags & P.FLAG_ANCHOR) flags |= POWER_FLAGS.restarted
  const exact = new Float64Array(scans)
  const watts = rails.map((rail) => {
    const saturated = powerOfBlock(block, rail, exact, 0)
    if (saturated !== undefined && saturated > 0) flags |= POWER_FLAGS.saturated
    return saturated === undefined ? new Float32Array(scans).fill(Number.NaN) : Float32Array.from(exact)
  })
  const tNs = Float64Array.from({ length: scans }, (_, i) => Math.round(start + (i + 0.5) * cellNs))
  const utcAtStartUs = utc.originUsAt(start)
  appendPowerBlock(rows, { tNs, utcAtStartUs, watts, firstIndex: block.first, indexStep: step, flags })
}

/** One row where the first missing sample would have been: behind the block before, or at the block after. */
function appendGap({ rows }: PowerWriter, gap: SampleGap, endNs: number, next: PlacedBlock, { utc }: RowContext): void {
  const beforeNs = Number.isNaN(endNs) ? (next.startNs[0] as number) : endNs
  const tNs = Math.round(Number.isNaN(beforeNs) ? next.block.arrivalNs : beforeNs)
  const flags = POWER_FLAGS.gap | (gap.cause === 'stopped' ? POWER_FLAGS.restarted : 0)
  appendPowerGap(rows, { tNs, utcAtStartUs: utc.originUsAt(tNs), firstIndex: gap.first, flags })
}

function appendUnplaced({ rows }: PowerWriter, { block }: PlacedBlock, { utc }: RowContext): void {
  const tNs = Math.round(block.arrivalNs)
  const utcAtStartUs = utc.originUsAt(tNs)
  appendPowerGap(rows, { tNs, utcAtStartUs, firstIndex: block.first, flags: POWER_FLAGS.unaligned })
}
