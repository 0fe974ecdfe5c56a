import { Binary, type DataType, Field, Int64, Schema, Uint8, Uint32, Uint64, Utf8 } from 'apache-arrow'
import * as P from '../protocol/constants.ts'

/** What every file of one journal says about its run. */
export interface JournalIdentity {
  readonly runId: string
  /** The host's CLOCK_MONOTONIC at the origin of the run, ns; a bigint because uptime is not bounded by 104 days. */
  readonly originMonoNs: bigint
  /** UTC at the origin, ns since 1970. */
  readonly originUtcNs: bigint
}

/** Names of the record kinds of protocol/journal.md; a kind without a name comes from a newer writer. */
export const RECORD_KIND_NAMES: Readonly<Record<number, string>> = {
  [P.JOURNAL_SERIAL_IN]: 'serial_in',
  [P.JOURNAL_SERIAL_OUT]: 'serial_out',
  [P.JOURNAL_EVENT]: 'event',
  [P.JOURNAL_GAP_FILL]: 'gap_fill',
  [P.JOURNAL_CLOCK]: 'clock',
  [P.JOURNAL_PORT]: 'port',
  [P.JOURNAL_VERDICT]: 'verdict',
  [P.JOURNAL_RECIPE]: 'recipe',
  [P.JOURNAL_CALIBRATION]: 'calibration',
  [P.JOURNAL_END]: 'end',
}

interface Column {
  readonly name: string
  readonly type: DataType
  readonly unit: string
  readonly description: string
}

const KIND_LIST = Object.entries(RECORD_KIND_NAMES)
  .map(([kind, name]) => `${kind} ${name}`)
  .join(', ')

/** The columns in file order; none is nullable. */
export const JOURNAL_COLUMNS: readonly Column[] = [
  {
    name: 'sequence',
    type: new Uint64(),
    unit: '1',
    description: 'counts the records of this source from 0, across its files',
  },
  { name: 'stamp_ns', type: new Int64(), unit: 'ns', description: 'host CLOCK_MONOTONIC since the origin of the run' },
  { name: 'kind', type: new Uint8(), unit: '1', description: KIND_LIST },
  { name: 'source', type: new Utf8(), unit: '1', description: 'name of the source, as in the file name' },
  {
    name: 'payload',
    type: new Binary(),
    unit: 'byte',
    description: 'what was received or sent; its form follows from kind',
  },
  {
    name: 'crc32',
    type: new Uint32(),
    unit: '1',
    description: 'CRC-32 (zlib) of sequence, stamp_ns (8 bytes each, little endian), kind (1 byte), payload',
  },
]

/** Keys of the schema metadata. */
export const METADATA = {
  version: 'joulespan.journal',
  runId: 'run_id',
  source: 'source',
  originMonoNs: 'origin_mono_ns',
  originUtcNs: 'origin_utc_ns',
} as const

export function journalSchema(source: string, identity: JournalIdentity): Schema {
  const metadata = new Map<string, string>([
    [METADATA.version, String(P.JOURNAL_VERSION)],
    [METADATA.runId, identity.runId],
    [METADATA.source, source],
    [METADATA.originMonoNs, String(identity.originMonoNs)],
    [METADATA.originUtcNs, String(identity.originUtcNs)],
  ])
  return new Schema(JOURNAL_COLUMNS.map(describedField), metadata)
}

function describedField(column: Column): Field {
  const metadata = new Map([
    ['unit', column.unit],
    ['description', column.description],
  ])
  return new Field(column.name, column.type, false, metadata)
}
