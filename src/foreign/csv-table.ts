import { type FileHandle, open } from 'node:fs/promises'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { latin1, NOT_A_NUMBER, parseNs, parseNumber, parseWhole } from './csv-cells.ts'
import { badCell, badRow, type CellBlock, type ForeignTable, NS_HINT } from './foreign-table.ts'

const READ_BYTES = 1 << 22
/** A row longer than this is a quote that was never closed. */
const LONGEST_ROW_BYTES = 1 << 20
const BLOCK_ROWS = 1 << 15
const [QUOTE, COMMA, LF, CR] = [34, 44, 10, 13]

/** A CSV file (RFC 4180: commas, quotes, any line end, with a header), read in blocks. */
export async function openCsv(path: string, readBytes = READ_BYTES): Promise<ForeignTable> {
  const columns = await readHeader(path)
  return {
    path,
    columns,
    seen: () => columns,
    places: 'line',
    blocks: (wanted) => readBlocks(path, columns, wanted, readBytes),
  }
}

async function readHeader(path: string): Promise<string[]> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1 << 16), 0, 1 << 16, 0)
    if (bytesRead === 0) throw new JoulespanError('dataset', `expected a header and rows, saw an empty file at ${path}`)
    const text = withoutMark(buffer.subarray(0, bytesRead)).toString('utf8')
    const end = text.search(/\r?\n/)
    const line = end < 0 ? text : text.slice(0, end)
    const names = splitHeader(line)
    if (names.length === 1) {
      const other = [';', '\t', '|'].find((separator) => line.includes(separator))
      if (other !== undefined)
        throw badRow(
          { path, places: 'line' },
          1,
          `expected columns separated by commas, saw '${other === '\t' ? '\\t' : other}'`,
          'save the file as CSV with commas and decimal points',
        )
    }
    const repeated = names.find((name, i) => names.indexOf(name) !== i)
    if (repeated !== undefined)
      throw badRow({ path, places: 'line' }, 1, `expected each column once, saw '${repeated}' twice`)
    return names
  } finally {
    await file.close()
  }
}

function splitHeader(line: string): string[] {
  const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []
  const names = cells.map((cell) =>
    cell
      .replace(/,$/, '')
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"')
      .trim(),
  )
  // the expression finds one empty cell more at the end of the line
  if (!line.endsWith(',')) names.length = Math.max(1, names.length - (cells[cells.length - 1] === '' ? 1 : 0))
  return names
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

async function* readBlocks(
  path: string,
  columns: readonly string[],
  wanted: readonly string[],
  pieceBytes: number,
): AsyncGenerator<CellBlock> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const rows = new CsvRows(path, columns, wanted)
    let held: Uint8Array = new Uint8Array(0)
    let readBytes = 0
    for (let isLast = false; !isLast; ) {
      const bytes = await readMore(file, held, pieceBytes, readBytes === 0)
      readBytes += pieceBytes
      isLast = readBytes >= size
      rows.take(bytes)
      for (;;) {
        const block = rows.next(isLast, Math.min(1, (readBytes - pieceBytes + rows.at) / size))
        if (block === undefined) break
        yield block
      }
      held = bytes.slice(rows.at)
      if (held.length > LONGEST_ROW_BYTES && !isLast)
        throw badRow(
          { path, places: 'line' },
          rows.line,
          'expected the end of the row within 1 MiB, saw none',
          'is a quote never closed?',
        )
    }
  } finally {
    await file.close()
  }
}

async function readMore(file: FileHandle, held: Uint8Array, pieceBytes: number, isFirst: boolean): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(held.length + pieceBytes)
  buffer.set(held)
  let filled = held.length
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  const bytes = buffer.subarray(0, filled)
  return isFirst ? withoutMark(bytes) : bytes
}

/** Finds the cells of whole rows in a piece of the file. */
class CsvRows {
  readonly #table: Pick<ForeignTable, 'path' | 'places'>
  readonly #columns: number
  readonly #wanted: readonly string[]
  /** Position among the wanted columns, or -1, by column of the file. */
  readonly #slots: Int32Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #lines = new Float64Array(BLOCK_ROWS)
  #bytes: Uint8Array = new Uint8Array(0)
  #header = true
  /** First byte that is not part of a row handed out yet. */
  at = 0
  /** Line of that byte. */
  line = 1

  constructor(path: string, columns: readonly string[], wanted: readonly string[]) {
    this.#table = { path, places: 'line' }
    this.#columns = columns.length
    this.#wanted = wanted
    this.#slots = Int32Array.from(columns, (name) => wanted.indexOf(name))
    this.#starts = new Int32Array(BLOCK_ROWS * wanted.length)
    this.#ends = new Int32Array(BLOCK_ROWS * wanted.length)
  }

  take(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.at = 0
  }

  /** Undefined when there is no whole row left; the last row of the file needs no line end. */
  next(isLast: boolean, share: number): CellBlock | undefined {
    this.#starts.fill(0)
    this.#ends.fill(0)
    let rows = 0
    while (rows < BLOCK_ROWS && this.at < this.#bytes.length) {
      const cells = this.#row(rows, isLast)
      if (cells < 0) break
      if (cells > 0 && !this.#header) rows++
      if (cells > 0) this.#header = false
    }
    return rows === 0 ? undefined : this.#block(rows, share)
  }

  /** Takes one row into slot `row`: number of its cells, 0 for a blank line, -1 when it is not whole. */
  #row(row: number, isLast: boolean): number {
    const bytes = this.#bytes
    const base = row * this.#wanted.length
    let at = this.at
    let lines = 1
    let cells = 0
    for (;;) {
      let start = at
      let end: number
      if (bytes[at] === QUOTE) {
        start = ++at
        for (;;) {
          while (at < bytes.length && bytes[at] !== QUOTE) if (bytes[at++] === LF) lines++
          if (at + 1 >= bytes.length && !(isLast && at < bytes.length)) return this.#cut(isLast)
          if (bytes[at + 1] !== QUOTE) break
          at += 2
        }
        end = at++
        if (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF && bytes[at] !== CR)
          throw badRow(this.#table, this.line, 'expected a comma or the end of the line behind a quoted cell')
        while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF) at++
      } else {
        while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF) at++
        end = at
      }
      const isEnd = at >= bytes.length || bytes[at] === LF
      if (at >= bytes.length && !isLast) return -1
      if (isEnd && end > start && end === at && bytes[end - 1] === CR) end--
      if (isEnd && cells === 0 && end === start && this.#columns > 1) return this.#pass(at + 1, lines, 0)
      const slot = cells < this.#columns ? (this.#slots[cells] as number) : -1
      if (slot >= 0) {
        this.#starts[base + slot] = start
        this.#ends[base + slot] = end
      }
      cells++
      at++
      if (!isEnd) continue
      if (cells !== this.#columns)
        throw badRow(this.#table, this.line, `expected ${this.#columns} cells as in the header, saw ${cells}`)
      this.#lines[row] = this.line
      return this.#pass(at, lines, cells)
    }
  }

  #pass(at: number, lines: number, cells: number): number {
    this.at = Math.min(at, this.#bytes.length)
    this.line += lines
    return cells
  }

  #cut(isLast: boolean): number {
    if (isLast) throw badRow(this.#table, this.line, 'expected a closing quote, saw the end of the file')
    return -1
  }

  #block(rows: number, share: number): CellBlock {
    const width = this.#wanted.length
    const [bytes, starts, ends, lines] = [this.#bytes, this.#starts, this.#ends, this.#lines]
    const table = this.#table
    const text = (column: number, i: number): string => {
      const at = i * width + column
      const cell = Buffer.from(
        bytes.buffer,
        bytes.byteOffset + (starts[at] as number),
        (ends[at] as number) - (starts[at] as number),
      )
      return cell.toString('utf8').replaceAll('""', '"')
    }
    const bad = (column: number, i: number, expected: string, hint?: string): JoulespanError =>
      badCell(table, lines[i] as number, this.#wanted[column] as string, expected, text(column, i), hint)
    return {
      rows,
      share,
      place: (i) => lines[i] as number,
      ns: (column, originNs, out) => {
        const high = Number(originNs / 1_000_000_000n)
        const low = Number(originNs % 1_000_000_000n)
        for (let i = 0, at = column; i < rows; i++, at += width) {
          const value = parseNs(bytes, starts[at] as number, ends[at] as number, high, low)
          if (value === NOT_A_NUMBER) throw bad(column, i, 'whole nanoseconds', NS_HINT)
          out[i] = value
        }
      },
      int64: (column, i) => {
        const whole = parseWhole(text(column, i))
        if (whole === null) throw bad(column, i, 'a whole number')
        return whole
      },
      numbers: (column, out) => {
        for (let i = 0, at = column; i < rows; i++, at += width) {
          const value = parseNumber(bytes, starts[at] as number, ends[at] as number)
          if (value === NOT_A_NUMBER)
            throw bad(column, i, 'a number', decimalHint(latin1(bytes, starts[at] as number, ends[at] as number)))
          out[i] = value
        }
      },
      text: (column, i) => text(column, i).trim() || undefined,
    }
  }
}

function decimalHint(seen: string): string | undefined {
  return /^\d+,\d+$/.test(seen) ? 'write decimals with a point' : undefined
}
