import { JoulespanError } from '../errors/joulespan-error.ts'
import * as P from '../protocol/constants.ts'
import { badCell, badRow, type CellBlock, type ForeignTable } from './foreign-table.ts'
import { list } from './power-rows.ts'

const NEEDED = ['inference_id', 'device', 'model', 'segment', 'start_ns', 'end_ns'] as const
const WANTED = [...NEEDED, 'kind', 'task'] as const
const [ID, DEVICE, MODEL, SEGMENT, START, END, KIND, TASK] = [0, 1, 2, 3, 4, 5, 6, 7]
const KINDS: Readonly<Record<string, number>> = {
  stage: P.KIND_STAGE,
  load: P.KIND_LOAD,
  unload: P.KIND_UNLOAD,
  warmup: P.KIND_WARMUP,
}
const MOST_NAMES = P.NONE16 - 1
/** Inferences of an exact number; P.NONE32 stands for none. */
export const NO_INFERENCE = P.NONE32

/** A list of spans as it stands in the file: one element a row and column, names as numbers. */
export interface SpanList {
  readonly count: number
  /** Since the origin; NaN in `endNs`: no end told. Beyond 2^53 rounded, the exact times stand in `exactNs`. */
  readonly startNs: Float64Array
  readonly endNs: Float64Array
  readonly exactNs: ReadonlyMap<number, { readonly startNs: bigint; readonly endNs: bigint }>
  /** Position in `inferenceIds`, or NO_INFERENCE. */
  readonly inference: Float64Array
  readonly device: Uint16Array
  readonly model: Uint16Array
  /** P.NONE16: none. */
  readonly segment: Uint16Array
  readonly kind: Uint8Array
  /** P.NONE16: none. */
  readonly task: Uint16Array
  readonly place: Float64Array
  readonly inferenceIds: readonly bigint[]
  readonly devices: readonly string[]
  readonly models: readonly string[]
  readonly tasks: readonly string[]
  /** Columns that nothing asks for. */
  readonly extra: readonly string[]
}

export async function readSpans(table: ForeignTable, originNs: bigint): Promise<SpanList> {
  if (table.columns !== undefined) checkColumns(table, table.columns)
  const reading = new SpanReading(table, originNs)
  for await (const block of table.blocks(WANTED)) reading.take(block)
  return reading.done()
}

function checkColumns(table: ForeignTable, columns: readonly string[]): void {
  const missing = NEEDED.filter((name) => !columns.includes(name))
  if (missing.length === 0) return
  throw new JoulespanError(
    'dataset',
    `expected the columns ${NEEDED.join(', ')} and perhaps kind, task in ${table.path}, saw ${list(columns)}: ${missing.join(', ')} missing`,
    { hint: 'docs/attribute.md says what each column holds; one that does not apply may be empty' },
  )
}

class SpanReading {
  readonly #table: ForeignTable
  readonly #originNs: bigint
  #count = 0
  #startNs = new Float64Array(0)
  #endNs = new Float64Array(0)
  #inference = new Float64Array(0)
  #place = new Float64Array(0)
  #device = new Uint16Array(0)
  #model = new Uint16Array(0)
  #segment = new Uint16Array(0)
  #task = new Uint16Array(0)
  #kind = new Uint8Array(0)
  readonly #exactNs = new Map<number, { startNs: bigint; endNs: bigint }>()
  readonly #inferences = new Map<bigint, number>()
  readonly #devices = new Map<string, number>()
  readonly #models = new Map<string, number>()
  readonly #tasks = new Map<string, number>()

  constructor(table: ForeignTable, originNs: bigint) {
    this.#table = table
    this.#originNs = originNs
  }

  take(block: CellBlock): void {
    this.#grow(block.rows)
    const at = this.#count
    block.ns(START, this.#originNs, this.#startNs.subarray(at, at + block.rows))
    block.ns(END, this.#originNs, this.#endNs.subarray(at, at + block.rows))
    for (let i = 0; i < block.rows; i++) this.#row(at + i, block, i)
    this.#count += block.rows
  }

  #row(at: number, block: CellBlock, i: number): void {
    this.#place[at] = block.place(i)
    const start = this.#startNs[at] as number
    if (Number.isNaN(start)) throw this.#empty(block, i, START)
    if (Math.abs(start) > Number.MAX_SAFE_INTEGER || Math.abs(this.#endNs[at] as number) > Number.MAX_SAFE_INTEGER) {
      const startNs = block.int64(START, i) as bigint
      this.#exactNs.set(at, { startNs, endNs: block.int64(END, i) ?? startNs })
    }
    const kind = this.#kindOf(block, i)
    this.#kind[at] = kind
    this.#device[at] = this.#number(this.#devices, block, i, DEVICE)
    this.#model[at] = this.#number(this.#models, block, i, MODEL)
    this.#task[at] = block.text(TASK, i) === undefined ? P.NONE16 : this.#number(this.#tasks, block, i, TASK)
    this.#segment[at] = this.#segmentOf(block, i)
    const id = block.int64(ID, i)
    this.#inference[at] = id === undefined || kind !== P.KIND_STAGE ? NO_INFERENCE : numberOf(this.#inferences, id)
  }

  #kindOf(block: CellBlock, i: number): number {
    const text = block.text(KIND, i)
    if (text === undefined) return P.KIND_STAGE
    const kind = KINDS[text.toLowerCase()]
    if (kind !== undefined) return kind
    throw badCell(this.#table, block.place(i), 'kind', `one of ${Object.keys(KINDS).join(', ')}`, text)
  }

  #segmentOf(block: CellBlock, i: number): number {
    const segment = block.int64(SEGMENT, i)
    if (segment === undefined) return P.NONE16
    if (segment >= 0n && segment < P.NONE16) return Number(segment)
    throw badCell(this.#table, block.place(i), 'segment', `0 to ${P.NONE16 - 1}`, String(segment))
  }

  #number(names: Map<string, number>, block: CellBlock, i: number, column: number): number {
    const name = block.text(column, i)
    if (name === undefined) throw this.#empty(block, i, column)
    if (names.size <= MOST_NAMES || names.has(name)) return numberOf(names, name)
    throw badRow(this.#table, block.place(i), `expected at most ${MOST_NAMES} different values of ${WANTED[column]}`)
  }

  #empty(block: CellBlock, i: number, column: number): JoulespanError {
    return badRow(this.#table, block.place(i), `column ${WANTED[column]}: expected a value, saw an empty cell`)
  }

  #grow(rows: number): void {
    const needed = this.#count + rows
    if (needed <= this.#startNs.length) return
    const size = Math.max(1024, 2 * needed)
    const float = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(size)
      larger.set(old)
      return larger
    }
    const short = (old: Uint16Array): Uint16Array<ArrayBuffer> => {
      const larger = new Uint16Array(size)
      larger.set(old)
      return larger
    }
    this.#startNs = float(this.#startNs)
    this.#endNs = float(this.#endNs)
    this.#inference = float(this.#inference)
    this.#place = float(this.#place)
    this.#device = short(this.#device)
    this.#model = short(this.#model)
    this.#segment = short(this.#segment)
    this.#task = short(this.#task)
    const kind = new Uint8Array(size)
    kind.set(this.#kind)
    this.#kind = kind
  }

  done(): SpanList {
    const count = this.#count
    return {
      count,
      startNs: this.#startNs.subarray(0, count),
      endNs: this.#endNs.subarray(0, count),
      exactNs: this.#exactNs,
      inference: this.#inference.subarray(0, count),
      device: this.#device.subarray(0, count),
      model: this.#model.subarray(0, count),
      segment: this.#segment.subarray(0, count),
      kind: this.#kind.subarray(0, count),
      task: this.#task.subarray(0, count),
      place: this.#place.subarray(0, count),
      inferenceIds: [...this.#inferences.keys()],
      devices: [...this.#devices.keys()],
      models: [...this.#models.keys()],
      tasks: [...this.#tasks.keys()],
      extra: this.#table.seen().filter((name) => !(WANTED as readonly string[]).includes(name)),
    }
  }
}

function numberOf<K>(numbers: Map<K, number>, key: K): number {
  let number = numbers.get(key)
  if (number === undefined) {
    number = numbers.size
    numbers.set(key, number)
  }
  return number
}
