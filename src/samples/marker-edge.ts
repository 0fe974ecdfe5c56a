import type { SampleFrame } from '../framing/frame.ts'
import * as P from '../protocol/constants.ts'
import { HOLD_TO_END_TICKS, PERIOD_TICKS } from '../protocol/sampling.ts'
import { ticks } from '../units/units.ts'
import type { MarkerEdge } from './sample-block.ts'

/** Ticks of samples are rounded to whole ones. */
const ROUNDING_TICKS = 1

/** The first edge of the marker pin in a frame whose first sample was held at `tick`; of further ones the place is not told. */
export function markerEdgeOf(frame: SampleFrame, epoch: number, tick: number): MarkerEdge | undefined {
  const { markerEdges, markerOffset: offset, flags, mode } = frame
  if (markerEdges === 0 || offset >= frame.counts.length) return undefined
  // before the first sample nothing was read; a slip moves the samples before it
  if (flags & P.FLAG_SLIP || (flags & P.FLAG_ANCHOR && offset === 0)) return undefined
  const period = PERIOD_TICKS[mode] as number
  const endTick = tick + offset * period + (HOLD_TO_END_TICKS[mode] as number)
  const levelAtFirst = flags & P.FLAG_MARKER ? 1 : 0
  return {
    epoch,
    level: offset === 0 ? levelAtFirst : levelAtFirst === 1 ? 0 : 1,
    after: ticks(endTick - period + P.MARKER_READ_EARLIEST_TICKS - ROUNDING_TICKS),
    until: ticks(endTick + P.MARKER_READ_LATEST_TICKS + ROUNDING_TICKS),
    arrivalNs: frame.arrivalNs,
  }
}
