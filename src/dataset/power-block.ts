import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Int64Buffer, NumberBuffer } from './column-buffer.ts'
import type { POWER } from './power-table.ts'
import type { TableBuffer } from './table-buffer.ts'
import { utcMicroseconds } from './utc-time.ts'

/** Consecutive samples of all rails. */
export interface PowerBlock {
  /** Instant of each sample, ns since run start; whole numbers. */
  readonly tNs: Float64Array | BigInt64Array
  /** What UTC was at run start by the clock reading nearest to this block, us since 1970: `time` is this + t_ns / 1000. */
  readonly utcAtStartUs: number
  /** Power of each rail, W, in rail order; NaN where a sample has none. */
  readonly watts: readonly Float32Array[]
  /** Index of the first sample. */
  readonly firstIndex: number
  /** From one row to the next: the number of channels in the round. Default 1. */
  readonly indexStep?: number
  /** One for all samples, or one each. */
  readonly flags: number | Uint32Array
}

/** Samples that were never measured. */
export interface PowerGap {
  /** Where the first missing sample would have been, ns since run start. */
  readonly tNs: number
  readonly utcAtStartUs: number
  /** Index of the first missing sample. */
  readonly firstIndex: number
  readonly flags: number
}

type PowerBuffer = TableBuffer<typeof POWER>

export function appendPowerBlock(buffer: PowerBuffer, block: PowerBlock): void {
  const samples = block.tNs.length
  checkLengths(buffer, block)
  const step = block.indexStep ?? 1
  for (let done = 0; done < samples; ) {
    const { row, count } = buffer.reserve(samples - done)
    int64(buffer, 't_ns').setBlock(row, block.tNs, done, count)
    int64(buffer, 'time').setBlock(row, utcBlock(block, done, count), 0, count)
    watts(buffer).forEach((rail, i) => {
      rail.setBlock(row, block.watts[i]!, done, count)
    })
    int64(buffer, 'sample_index').setSequence(row, block.firstIndex + done * step, step, count)
    const flags = buffer.buffer('flags') as NumberBuffer<Uint32Array>
    if (typeof block.flags === 'number') flags.fill(row, block.flags, count)
    else flags.setBlock(row, block.flags, done, count)
    buffer.commit(count)
    done += count
  }
}

/** One row, whatever the number of samples missing. */
export function appendPowerGap(buffer: PowerBuffer, gap: PowerGap): void {
  buffer.appendRow({
    t_ns: gap.tNs,
    time: utcMicroseconds(gap.utcAtStartUs, gap.tNs),
    sample_index: gap.firstIndex,
    flags: gap.flags,
  })
}

function checkLengths(buffer: PowerBuffer, block: PowerBlock): void {
  const samples = block.tNs.length
  const rails = watts(buffer).length
  if (block.watts.length !== rails) {
    throw new JoulespanError('dataset', `power block: expected ${rails} rails, saw ${block.watts.length}`)
  }
  const columns = typeof block.flags === 'number' ? block.watts : [...block.watts, block.flags]
  const odd = columns.find((column) => column.length !== samples)
  if (odd !== undefined) {
    throw new JoulespanError('dataset', `power block: expected ${samples} values in every column, saw ${odd.length}`)
  }
}

function int64(buffer: PowerBuffer, name: 't_ns' | 'time' | 'sample_index'): Int64Buffer {
  return buffer.buffer(name) as Int64Buffer
}

function watts(buffer: PowerBuffer): readonly NumberBuffer<Float32Array>[] {
  return buffer.columns
    .filter((column) => column.type === 'float32')
    .map((column) => buffer.buffer(column.name) as NumberBuffer<Float32Array>)
}

function utcBlock(block: PowerBlock, from: number, count: number): Float64Array {
  const utcUs = new Float64Array(count)
  for (let i = 0; i < count; i++) utcUs[i] = utcMicroseconds(block.utcAtStartUs, Number(block.tNs[from + i]!))
  return utcUs
}
