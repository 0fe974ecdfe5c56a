import { channelCount } from '../protocol/sampling.ts'
import type { SampleBlock } from '../samples/sample-block.ts'
import type { RailCalibration } from './rail.ts'

/** Lowest and highest code of a 10-bit converter: the sensor was out of range, the true value is unknown. */
export const CODE_MIN = 0
export const CODE_MAX = 1023

/** Position of an ADC input in the round robin of a block; -1 when it is not sampled. */
export function positionOf(block: SampleBlock, input: number): number {
  if (((block.channels >> input) & 1) === 0) return -1
  let position = 0
  for (let c = 0; c < input; c++) position += (block.channels >> c) & 1
  return position
}

/**
 * Watts of each scan of a block into `watts` from `at` on; returns how many scans held a code at the end of the range.
 * Undefined when the block lacks one of the rail's channels.
 */
export function powerOfBlock(
  block: SampleBlock,
  rail: RailCalibration,
  watts: Float64Array,
  at: number,
): number | undefined {
  const { current, voltage } = rail
  const step = channelCount(block.channels)
  const i = positionOf(block, current.input)
  const v = voltage.kind === 'channel' ? positionOf(block, voltage.input) : 0
  if (i < 0 || v < 0) return undefined
  const { counts } = block
  let saturated = 0
  for (let scan = 0, s = 0; s < counts.length; scan++, s += step) {
    const iCount = counts[s + i] as number
    let out = iCount === CODE_MIN || iCount === CODE_MAX
    let volts: number
    if (voltage.kind === 'channel') {
      const vCount = counts[s + v] as number
      out ||= vCount === CODE_MIN || vCount === CODE_MAX
      volts = (vCount - voltage.zeroCounts) * voltage.scale
    } else volts = voltage.volts
    watts[at + scan] = (iCount - current.zeroCounts) * current.scale * volts
    if (out) saturated++
  }
  return saturated
}
