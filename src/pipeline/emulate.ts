import { join } from 'node:path'
import { type RunFolder, runFolder } from '../dataset/run-folder.ts'
import type { JournalIdentity } from '../journal/schema.ts'
import { JournalWriter } from '../journal/writer.ts'
import * as P from '../protocol/constants.ts'
import { eepromOf } from '../recipe/eeprom.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { runOffline } from '../testbed/offline.ts'
import { hostNs } from '../units/units.ts'
import { RUN_SOURCE, type RunRecord } from './run-context.ts'

export interface EmulateOptions {
  readonly recipe: Recipe
  readonly runId: string
  /** The run folder to be made. */
  readonly path: string
  readonly createdBy: string
  readonly emulatorArguments?: readonly string[]
}

/** CLOCK_MONOTONIC and UTC of every emulated run's origin: nothing of the machine enters the dataset. */
const ORIGIN_NS = 1_000_000_000_000n
const ORIGIN_UTC_NS = 1_767_225_600_000_000_000n

/** Writes the journal of a run on the virtual testbed, in simulated time: as fast as it goes, the same for the same seed. */
export async function emulateJournal(options: EmulateOptions): Promise<RunFolder> {
  const folder = runFolder(options.path)
  const identity = { runId: options.runId, originMonoNs: ORIGIN_NS, originUtcNs: ORIGIN_UTC_NS }
  const writers = new JournalWriters(folder.journal, identity)
  try {
    const record: RunRecord = {
      recipe: options.recipe,
      joulespan: options.createdBy,
      originMonoNs: String(ORIGIN_NS),
      host: { name: 'emulated', os: process.platform, cpu: process.arch, node: process.versions.node },
    }
    writers.write(RUN_SOURCE, P.JOURNAL_RECIPE, 0, Buffer.from(JSON.stringify(record)))
    if (options.recipe.sensor.calibration === 'device')
      writers.write(RUN_SOURCE, P.JOURNAL_CALIBRATION, 0.3e9, calibrationRecordIn(eepromOf(options.recipe)))
    let lastNs = 0
    for await (const received of runOffline({
      recipe: options.recipe,
      originNs: ORIGIN_NS,
      originUtcNs: ORIGIN_UTC_NS,
      scratch: join(folder.path, '.testbed'),
      truth: folder.truth,
      ...(options.emulatorArguments === undefined ? {} : { emulatorArguments: options.emulatorArguments }),
    })) {
      const stampNs = Number(received.stampNs - ORIGIN_NS)
      writers.write(received.source, received.kind, stampNs, received.payload)
      lastNs = Math.max(lastNs, stampNs)
    }
    writers.write(RUN_SOURCE, P.JOURNAL_END, lastNs, Buffer.from(JSON.stringify({ reason: 'done' })))
  } finally {
    await writers.close()
  }
  return folder
}

function calibrationRecordIn(eeprom: Uint8Array): Uint8Array {
  return eeprom.slice(P.EEPROM_AT_CALIBRATION, P.EEPROM_AT_CALIBRATION + P.CALIBRATION_BYTES)
}

/** One writer per source, flushed in the time of the records. */
class JournalWriters {
  readonly #folder: string
  readonly #identity: JournalIdentity
  readonly #writers = new Map<string, JournalWriter>()

  constructor(folder: string, identity: JournalIdentity) {
    this.#folder = folder
    this.#identity = identity
  }

  write(source: string, kind: number, stampNs: number, payload: Uint8Array): void {
    let writer = this.#writers.get(source)
    if (writer === undefined) {
      writer = new JournalWriter({ folder: this.#folder, source, identity: this.#identity })
      this.#writers.set(source, writer)
    }
    writer.append(kind, hostNs(stampNs), payload)
    if (writer.due(hostNs(stampNs))) writer.flush()
  }

  async close(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.close()
  }
}
