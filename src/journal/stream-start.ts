import { DataType } from 'apache-arrow'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { JOURNAL_VERSION } from '../protocol/constants.ts'
import type { JournalFile } from './file-name.ts'
import { FlatTable } from './flatbuffer.ts'
import { JOURNAL_COLUMNS, type JournalIdentity, METADATA } from './schema.ts'

/** Reads the schema message of a journal file; throws 'journal' when the file is none, or another version or source's. */
export function readStreamStart(metadata: DataView, file: JournalFile): JournalIdentity {
  const { columns, values } = readSchema(metadata, file)
  const version = values.get(METADATA.version)
  if (version === undefined) {
    throw notAJournal(file, `a stream without '${METADATA.version}' in its schema`)
  }
  if (version !== String(JOURNAL_VERSION)) {
    throw new JoulespanError('journal', `expected journal version ${JOURNAL_VERSION}, saw ${version} in ${file.path}`, {
      hint: 'read it with the joulespan version that wrote it',
    })
  }
  if (columns !== EXPECTED_COLUMNS) throw notAJournal(file, `the columns ${columns}`)
  const source = values.get(METADATA.source)
  if (source !== file.source) {
    throw new JoulespanError(
      'journal',
      `expected source '${file.source}' as in the file name, saw '${source}' in ${file.path}`,
    )
  }
  return {
    runId: values.get(METADATA.runId) ?? '',
    originMonoNs: nanoseconds(METADATA.originMonoNs, values, file),
    originUtcNs: nanoseconds(METADATA.originUtcNs, values, file),
  }
}

/** Throws 'journal' when a file belongs to another run than expected, or to the same run with another origin. */
export function checkSameRun(seen: JournalIdentity, expected: Partial<JournalIdentity>, path: string): void {
  for (const key of ['runId', 'originMonoNs', 'originUtcNs'] as const) {
    if (expected[key] === undefined || seen[key] === expected[key]) continue
    throw new JoulespanError('journal', `expected ${METADATA[key]} ${expected[key]}, saw ${seen[key]} in ${path}`, {
      hint: 'a journal folder holds one run: move the file to its own',
    })
  }
}

/** The error for a file that is something else. */
export function notAJournal(file: JournalFile, saw: string): JoulespanError {
  return new JoulespanError('journal', `expected a joulespan journal, saw ${saw} in ${file.path}`, {
    hint: 'move the file out of the journal folder to read the rest of the run',
  })
}

// Field numbers and codes of Arrow's Message.fbs and Schema.fbs.
const MESSAGE = { headerType: 1, header: 2 }
const SCHEMA = { endianness: 0, fields: 1, metadata: 2 }
const FIELD = { name: 0, typeType: 2, type: 3, dictionary: 4 }
const INT = { bitWidth: 0, isSigned: 1 }
const KEY_VALUE = { key: 0, value: 1 }
const HEADER_SCHEMA = 1
const TYPE_INT = 2
const TYPE_BINARY = 4
const TYPE_UTF8 = 5

const EXPECTED_COLUMNS = JOURNAL_COLUMNS.map((column) => `${column.name} ${typeName(column.type)}`).join(', ')

function typeName(type: DataType): string {
  return DataType.isInt(type) ? intName(type.bitWidth, type.isSigned) : String(type).toLowerCase()
}

function readSchema(metadata: DataView, file: JournalFile): { columns: string; values: Map<string, string> } {
  try {
    const message = FlatTable.root(metadata)
    if (message.uint8(MESSAGE.headerType) !== HEADER_SCHEMA) throw new RangeError('its first message is no schema')
    const schema = message.table(MESSAGE.header)
    if (schema.int16(SCHEMA.endianness) !== 0) throw new RangeError('it is big endian')
    return {
      columns: schema.tables(SCHEMA.fields).map(columnName).join(', '),
      values: new Map(
        schema.tables(SCHEMA.metadata).map((pair) => [pair.text(KEY_VALUE.key), pair.text(KEY_VALUE.value)]),
      ),
    }
  } catch (error) {
    if (error instanceof RangeError) throw notAJournal(file, `no Arrow schema (${error.message})`)
    throw error
  }
}

function columnName(field: FlatTable): string {
  const type = field.has(FIELD.dictionary) ? 'dictionary' : fieldTypeName(field)
  return `${field.text(FIELD.name)} ${type}`
}

function fieldTypeName(field: FlatTable): string {
  const code = field.uint8(FIELD.typeType)
  if (code === TYPE_BINARY) return 'binary'
  if (code === TYPE_UTF8) return 'utf8'
  if (code !== TYPE_INT) return `type ${code}`
  const int = field.table(FIELD.type)
  return intName(int.int32(INT.bitWidth), int.uint8(INT.isSigned) !== 0)
}

function intName(bitWidth: number, isSigned: boolean): string {
  return `${isSigned ? '' : 'u'}int${bitWidth}`
}

function nanoseconds(key: string, values: Map<string, string>, file: JournalFile): bigint {
  const text = values.get(key) ?? ''
  if (!/^-?\d{1,19}$/.test(text)) throw notAJournal(file, `${key} '${text}'`)
  return BigInt(text)
}
