/** Storage type of a column; the Parquet and Arrow types follow from it (arrow-schema.ts). */
export type ColumnType = 'int64' | 'int32' | 'uint32' | 'float64' | 'float32' | 'utf8' | 'dictionary' | 'timestamp_us'

/** One column of a table: the only place where its name, type, unit and meaning are said. */
export interface Column {
  /** With its unit in it; `<rail>` stands for the name of each rail when `perRail` is set. */
  readonly name: string
  readonly type: ColumnType
  /** UCUM; `1` for text, identifiers and pure numbers. */
  readonly unit: string
  readonly nullable: boolean
  readonly description: string
  /** The only texts allowed. */
  readonly values?: readonly string[]
  /** `always`: one column for each rail. `several`: the same, but none at all in a run with a single rail. */
  readonly perRail?: 'always' | 'several'
}

export interface Table {
  readonly name: string
  readonly description: string
  readonly columns: readonly Column[]
}

/** A row of a table as it is handed to the writer; a per-rail column takes one value for each rail, in rail order. */
export type RowOf<T extends Table> = Required<T['columns'][number]> & Nullable<T['columns'][number]>

type Required<C extends Column> = {
  [K in C as K extends { nullable: true } | { perRail: string } ? never : K['name']]: ValueOf<K>
}

type Nullable<C extends Column> = {
  [K in C as K extends { nullable: true } | { perRail: string } ? K['name'] : never]?: K extends { perRail: string }
    ? readonly (ValueOf<K> | null)[] | undefined
    : ValueOf<K> | null | undefined
}

type ValueOf<C extends Column> = C extends { values: readonly (infer Text)[] }
  ? Text
  : C['type'] extends 'utf8' | 'dictionary'
    ? string
    : C['type'] extends 'int64'
      ? number | bigint
      : number
