import {
  Binary,
  Field,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Uint8,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow'
import type { RecordColumns } from './pending-records.ts'
import { JOURNAL_COLUMNS, type JournalIdentity, journalSchema } from './schema.ts'

/** Ends an Arrow stream: a continuation marker and a message of length 0. */
export const STREAM_END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)

/** The schema message that starts a journal file. */
export function encodeStreamStart(source: string, identity: JournalIdentity): Uint8Array {
  return schemaMessage(journalSchema(source, identity))
}

/**
 * One record batch message with its body, fresh bytes.
 *
 * tableToIPC is the only synchronous encoder that apache-arrow publishes; it writes whole streams, so the batch is cut out
 * of one. A batch message does not depend on names and metadata: a schema without them makes the cut-off part small.
 */
export function encodeBatch(source: string, columns: RecordColumns): Uint8Array {
  const length = columns.count
  const sources = repeated(source, length)
  const children = [
    makeData({ type: new Uint64(), length, nullCount: 0, data: columns.sequence }),
    makeData({ type: new Int64(), length, nullCount: 0, data: columns.stampNs }),
    makeData({ type: new Uint8(), length, nullCount: 0, data: columns.kind }),
    makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets: sources.offsets, data: sources.bytes }),
    makeData({
      type: new Binary(),
      length,
      nullCount: 0,
      valueOffsets: columns.payloadOffsets,
      data: columns.payload,
    }),
    makeData({ type: new Uint32(), length, nullCount: 0, data: columns.crc }),
  ]
  const rows = makeData({ type: new Struct(BARE_SCHEMA.fields), length, nullCount: 0, children })
  const stream = tableToIPC(new Table([new RecordBatch(BARE_SCHEMA, rows)]), 'stream')
  return stream.subarray(BARE_START_BYTES, stream.length - STREAM_END.length)
}

function schemaMessage(schema: Schema): Uint8Array {
  const stream = tableToIPC(new Table(schema), 'stream')
  return stream.subarray(0, stream.length - STREAM_END.length)
}

function repeated(text: string, count: number): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => i * text.length)
  return { offsets, bytes: Buffer.from(text.repeat(count), 'latin1') }
}

const BARE_SCHEMA = new Schema(JOURNAL_COLUMNS.map((column) => new Field(column.name, column.type, false)))
const BARE_START_BYTES = schemaMessage(BARE_SCHEMA).length
