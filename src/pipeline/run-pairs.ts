import { runFolder } from '../dataset/run-folder.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { JournalMerge } from '../journal/merge.ts'
import { JournalReader } from '../journal/reader.ts'
import * as P from '../protocol/constants.ts'
import type { SensorRecipe } from '../recipe/recipe.ts'
import { HostClock } from '../timebase/host-clock.ts'
import { PairTable } from '../timebase/pair-table.ts'
import { decodeClockReading } from './clock-reading.ts'
import { readRunContext } from './run-context.ts'
import { type LinkFloors, SerialBranch } from './serial-branch.ts'

/** What a run's journal knows about its clocks. */
export interface RunPairs {
  /** Corrected for floors, wire time and the resolution of stamps; ns since the run's origin. Boots are counted from 0. */
  readonly pairs: PairTable
  /** Undefined when no clock probe ran. */
  readonly clock: HostClock | undefined
  readonly sensor: SensorRecipe
  /** Made by the emulator in simulated time: its host clock is nobody's to slew. */
  readonly isEmulated: boolean
  readonly suspends: number
}

/** Pairs and clock readings of a run, from its journal alone. `floors` override those of its recipe. */
export function readRunPairs(path: string, floors: Partial<LinkFloors>): RunPairs {
  const folder = runFolder(path).journal
  const context = readRunContext(new JournalReader(folder))
  if (context === undefined)
    throw new JoulespanError('journal', `expected a recipe in ${folder}, saw none: nothing says what was recorded`)
  const { recipe, originMonoNs, host } = context.record
  const { sensor } = recipe
  const serial = new SerialBranch({
    upNs: floors.upNs ?? sensor.floorUpNs,
    downNs: floors.downNs ?? sensor.floorDownNs,
  })
  const pairs = new PairTable()
  const clock = new HostClock()
  let suspends = 0
  let rawOriginNs: bigint | undefined
  const journal = new JournalReader(folder)
  for (const { kind, payload, stampNs } of new JournalMerge(journal).take()) {
    if (kind === P.JOURNAL_SERIAL_OUT) serial.wrote(payload, stampNs)
    else if (kind === P.JOURNAL_SERIAL_IN)
      for (const pair of serial.received(payload, stampNs).pairs)
        pairs.pushSince(pair.kind === 'up', BigInt(pair.tick), pair.hostNs, String(pair.epoch))
    else if (kind === P.JOURNAL_PORT && isPortLost(payload)) serial.lost()
    else if (kind === P.JOURNAL_CLOCK) {
      const reading = decodeClockReading(payload)
      if (reading === undefined) continue
      // RAW counts from about where MONOTONIC does, so that both are small numbers
      rawOriginNs ??= reading.rawNs - (reading.beforeNs - BigInt(originMonoNs))
      suspends = Math.max(suspends, reading.suspends)
      clock.add({
        beforeNs: Number(reading.beforeNs - BigInt(originMonoNs)),
        rawNs: Number(reading.rawNs - rawOriginNs),
        afterNs: Number(reading.afterNs - BigInt(originMonoNs)),
      })
    }
  }
  journal.close()
  const isEmulated = host.name === 'emulated'
  return { pairs, clock: clock.readings > 1 ? clock : undefined, sensor, isEmulated, suspends }
}

function isPortLost(payload: Uint8Array): boolean {
  const text = new TextDecoder().decode(payload)
  return text.includes('"event":"lost"') || text.includes('"event":"close"')
}
