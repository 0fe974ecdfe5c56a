import type { Column, RowOf, Table } from '../../src/dataset/column.ts'

/** A row that fits any table, and what a reader must find: one value per column as it is in the file. */
export interface MadeRow<T extends Table> {
  readonly row: RowOf<T>
  readonly stored: Readonly<Record<string, Stored>>
}

export type Stored = string | number | bigint | null

/** Seeded 32-bit xorshift, [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Rows with a third of the nullable cells null, int64 up to 2^53 - 1 and beyond, and all values of each choice. */
export function makeRows<T extends Table>(
  table: T,
  rails: readonly string[],
  count: number,
  seed: number,
): readonly MadeRow<T>[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, i) => makeRow(table, rails, i, random))
}

function makeRow<T extends Table>(table: T, rails: readonly string[], i: number, random: () => number): MadeRow<T> {
  const row: Record<string, unknown> = {}
  const stored: Record<string, Stored> = {}
  for (const column of table.columns) {
    if (column.perRail === undefined) {
      const value = cell(column, i, random)
      row[column.name] = value
      stored[column.name] = asStored(column, value)
    } else if (column.perRail === 'always' || rails.length > 1) {
      const values = rails.map(() => cell(column, i, random))
      row[column.name] = values
      rails.forEach((rail, at) => {
        stored[column.name.replace('<rail>', rail)] = asStored(column, values[at]!)
      })
    }
  }
  return { row: row as RowOf<T>, stored }
}

function cell(column: Column, i: number, random: () => number): Stored {
  if (column.nullable && random() < 1 / 3) return null
  const draw = random()
  switch (column.type) {
    case 'int64':
      if (i % 7 === 0) return BigInt.asIntN(64, 1_795_466_401_000_000_000n + BigInt(Math.floor(draw * 1e9)))
      return Math.floor((2 * draw - 1) * (2 ** 53 - 1))
    case 'timestamp_us':
      return 1_795_466_401_000_000 + Math.floor(draw * 1e12)
    case 'int32':
      return Math.floor((draw - 0.5) * 2 ** 32)
    case 'uint32':
      return Math.floor(draw * 2 ** 32)
    case 'float32':
    case 'float64':
      return (draw - 0.5) * 10 ** (i % 9)
    case 'dictionary':
      return column.values?.[i % column.values.length] ?? `naïve ${column.name} ${Math.floor(draw * 20)}`
    case 'utf8':
      return `["${column.name} π ${i}", ${draw}]`
  }
}

function asStored(column: Column, value: Stored): Stored {
  if (value === null) return null
  if (column.type === 'float32') return Math.fround(value as number)
  if (column.type === 'int64' || column.type === 'timestamp_us') return BigInt(value)
  return value
}
