import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { parseWhole } from './csv-cells.ts'
import { badCell, badRow, type CellBlock, type ForeignTable, NS_HINT } from './foreign-table.ts'

const BLOCK_ROWS = 1 << 13

/** One JSON object a line. What a line leaves out is empty. */
export function openJsonl(path: string): ForeignTable {
  const seen = new Set<string>()
  const blocks = (wanted: readonly string[]): AsyncGenerator<CellBlock> => readBlocks(path, wanted, seen)
  return { path, columns: undefined, seen: () => [...seen], places: 'line', blocks }
}

interface PlacedRow {
  readonly line: number
  readonly row: Readonly<Record<string, unknown>>
}

async function* readBlocks(path: string, wanted: readonly string[], seen: Set<string>): AsyncGenerator<CellBlock> {
  const { size } = await stat(path)
  let rows: PlacedRow[] = []
  let bytes = 0
  for await (const row of readRows(path, (count) => (bytes += count))) {
    rows.push(row)
    for (const name of Object.keys(row.row)) seen.add(name)
    if (rows.length < BLOCK_ROWS) continue
    yield blockOf(path, rows, wanted, Math.min(1, bytes / size))
    rows = []
  }
  if (rows.length > 0) yield blockOf(path, rows, wanted, 1)
}

async function* readRows(path: string, count: (bytes: number) => void = () => {}): AsyncGenerator<PlacedRow> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    count(text.length + 1)
    const json = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (json.trim() === '') continue
    yield { line, row: parse(path, line, json) }
  }
}

function parse(path: string, line: number, json: string): Readonly<Record<string, unknown>> {
  let row: unknown
  try {
    row = JSON.parse(withLongIntegersAsText(json))
  } catch (error) {
    throw badRow({ path, places: 'line' }, line, `expected a JSON object, saw '${(error as Error).message}'`)
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>
  throw badRow({ path, places: 'line' }, line, `expected a JSON object, saw ${json.slice(0, 40)}`)
}

/** JSON.parse rounds integers of more than 15 digits, and epoch nanoseconds have 19. */
function withLongIntegersAsText(json: string): string {
  return json.replace(/((?<!\\)"\w+"\s*:\s*)(-?\d{16,})(?=\s*[,}])/g, '$1"$2"')
}

function blockOf(path: string, rows: readonly PlacedRow[], wanted: readonly string[], share: number): CellBlock {
  const table = { path, places: 'line' } as const
  const cell = (column: number, i: number): unknown => rows[i]?.row[wanted[column] as string] ?? undefined
  const bad = (column: number, i: number, expected: string, hint?: string) =>
    badCell(table, (rows[i] as PlacedRow).line, wanted[column] as string, expected, show(cell(column, i)), hint)
  const int64 = (column: number, i: number, expected: string, hint?: string): bigint | undefined => {
    const value = cell(column, i)
    const whole =
      typeof value === 'number' && Number.isSafeInteger(value)
        ? BigInt(value)
        : typeof value === 'string'
          ? parseWhole(value)
          : value === undefined
            ? undefined
            : null
    if (whole === null) throw bad(column, i, expected, hint)
    return whole
  }
  return {
    rows: rows.length,
    share,
    place: (i) => (rows[i] as PlacedRow).line,
    ns: (column, originNs, out) => {
      for (let i = 0; i < rows.length; i++) {
        const value = int64(column, i, 'whole nanoseconds', NS_HINT)
        out[i] = value === undefined ? Number.NaN : Number(value - originNs)
      }
    },
    int64: (column, i) => int64(column, i, 'a whole number'),
    numbers: (column, out) => {
      for (let i = 0; i < rows.length; i++) {
        const value = cell(column, i)
        if (value !== undefined && typeof value !== 'number') throw bad(column, i, 'a number')
        out[i] = value ?? Number.NaN
      }
    },
    text: (column, i) => {
      const value = cell(column, i)
      if (value === undefined || typeof value === 'string') return value?.trim() || undefined
      if (typeof value === 'number') return String(value)
      throw bad(column, i, 'text')
    },
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}
