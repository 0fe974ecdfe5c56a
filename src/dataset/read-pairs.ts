import { closeSync, openSync, readSync } from 'node:fs'
import { DataType, type Table, tableFromIPC, type Vector } from 'apache-arrow'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { diskError } from './disk-error.ts'
import { openParquetFile } from './parquet-file.ts'
import { ROW_GROUP_ROWS } from './table-buffer.ts'
import { textLines } from './text-lines.ts'

/** Where pairs go as they are read. */
export interface PairSink {
  push(isUp: boolean, tick: bigint, hostNs: bigint, boot: string | null): void
}

export interface PairsRead {
  readonly pairs: number
  /** Names in the file that mean nothing here. */
  readonly ignored: readonly string[]
}

/** Pairs from a Parquet file or from JSON lines, in the order of the file; docs/timebase.md says what they hold. */
export async function readPairs(path: string, sink: PairSink): Promise<PairsRead> {
  const read = isParquet(path) ? await readParquetPairs(path, sink) : await readJsonPairs(path, sink)
  if (read.pairs === 0) throw new JoulespanError('dataset', `${path}: expected pairs, saw none`, { hint: HINT })
  return read
}

const FIELDS = ['kind', 'tick', 'host_ns', 'boot']
const HINT =
  'a pair is {"kind": "up" or "down", "tick": integer, "host_ns": integer, "boot": optional}; see docs/timebase.md'

function isParquet(path: string): boolean {
  const magic = Buffer.alloc(4)
  try {
    const file = openSync(path, 'r')
    try {
      readSync(file, magic, 0, 4, 0)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new JoulespanError('dataset', `expected a run or a file of pairs at ${path}, saw nothing there`)
    throw diskError('read', path, error)
  }
  return magic.toString('latin1') === 'PAR1'
}

async function readJsonPairs(path: string, sink: PairSink): Promise<PairsRead> {
  const ignored = new Set<string>()
  let pairs = 0
  for await (const { text, number } of textLines(path)) {
    if (text.trim() === '') continue
    const where = `${path}:${number}`
    const pair = parseObject(text, where)
    for (const name of Object.keys(pair)) if (!FIELDS.includes(name)) ignored.add(name)
    const boot = pair.boot === undefined || pair.boot === null ? null : bootOf(pair.boot, where)
    sink.push(
      isUp(pair.kind, where),
      integerOf(pair.tick, 'tick', text, where),
      integerOf(pair.host_ns, 'host_ns', text, where),
      boot,
    )
    pairs++
  }
  return { pairs, ignored: [...ignored] }
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new JoulespanError('dataset', `${where}: expected one JSON object a line, saw ${shown(text.trim())}`, {
      hint: HINT,
      cause,
    })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new JoulespanError('dataset', `${where}: expected a JSON object, saw ${shown(value)}`, { hint: HINT })
}

function isUp(kind: unknown, where: string): boolean {
  if (kind === 'up') return true
  if (kind === 'down') return false
  throw new JoulespanError('dataset', `${where}: expected kind "up" or "down", saw ${shown(kind)}`, { hint: HINT })
}

/** JSON numbers beyond 2^53 lose digits in the parser: those are taken from the text itself. */
function integerOf(value: unknown, name: string, text: string, where: string): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  if (typeof value === 'number') {
    const digits = [...text.matchAll(new RegExp(`"${name}"\\s*:\\s*(-?\\d{1,19})\\s*[,}]`, 'g'))].at(-1)?.[1]
    if (digits !== undefined) return BigInt(digits)
  }
  throw new JoulespanError('dataset', `${where}: expected an integer ${name}, saw ${shown(value)}`, { hint: HINT })
}

function bootOf(value: unknown, where: string): string {
  if (typeof value === 'string' || typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  throw new JoulespanError('dataset', `${where}: expected a boot id (integer or text), saw ${shown(value)}`)
}

async function readParquetPairs(path: string, sink: PairSink): Promise<PairsRead> {
  const file = await openParquetFile(path)
  let row = 0
  const ignored = new Set<string>()
  try {
    const metadata = file.metadata()
    const rowGroups = metadata.numRowGroups()
    metadata.free()
    for (let group = 0; group < rowGroups; group++) {
      const read = await file.read({ rowGroups: [group], batchSize: ROW_GROUP_ROWS })
      const table = tableFromIPC(read.intoIPCStream())
      for (const { name } of table.schema.fields) if (!FIELDS.includes(name)) ignored.add(name)
      row = pushRows(table, path, row, sink)
    }
  } finally {
    file.free()
  }
  return { pairs: row, ignored: [...ignored] }
}

function pushRows(table: Table, path: string, firstRow: number, sink: PairSink): number {
  const kind = column(table, path, 'kind', (type) => DataType.isUtf8(type) || DataType.isLargeUtf8(type))
  const tick = column(table, path, 'tick', isNumber)
  const host = column(table, path, 'host_ns', isNumber)
  const boot = table.getChild('boot')
  for (let i = 0; i < table.numRows; i++) {
    const where = `${path} row ${firstRow + i}`
    const id = boot?.get(i) as unknown
    // a nullable integer column of pandas comes as float, its nulls as NaN
    const isNull = id === null || id === undefined || Number.isNaN(id)
    sink.push(
      isUp(kind.get(i), where),
      wholeOf(tick.get(i), 'tick', where),
      wholeOf(host.get(i), 'host_ns', where),
      isNull ? null : bootOf(id, where),
    )
  }
  return firstRow + table.numRows
}

function column(table: Table, path: string, name: string, fits: (type: DataType) => boolean): Vector {
  const vector = table.getChild(name)
  if (vector === null) {
    const seen = table.schema.fields.map((field) => field.name).join(', ')
    throw new JoulespanError('dataset', `${path}: expected columns kind, tick, host_ns and boot, saw ${seen}`, {
      hint: HINT,
    })
  }
  const type = DataType.isDictionary(vector.type) ? vector.type.dictionary : vector.type
  if (fits(type)) return vector
  throw new JoulespanError(
    'dataset',
    `${path}: expected ${name === 'kind' ? 'text' : 'integers'} in column ${name}, saw ${type}`,
    {
      hint: HINT,
    },
  )
}

function isNumber(type: DataType): boolean {
  return DataType.isInt(type) || DataType.isFloat(type)
}

function wholeOf(value: unknown, name: string, where: string): bigint {
  if (typeof value === 'bigint') return value
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  throw new JoulespanError('dataset', `${where}: expected an integer ${name}, saw ${shown(value)}`, { hint: HINT })
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text =
    typeof value === 'string' ? `'${value}'` : typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
