import { Table, tableFromIPC } from 'apache-arrow'
import type { ParquetFile, ReaderOptions } from 'parquet-wasm'
import { openParquetFile } from './parquet-file.ts'
import { listParts, type RunFolder } from './run-folder.ts'
import type { TableName } from './schema.ts'
import { ROW_GROUP_ROWS } from './table-buffer.ts'

export interface ReadOptions {
  /** Only these columns; default all. They come in the order of the file. */
  readonly columns?: readonly string[]
}

/** All parts of a table as one Arrow table; undefined when the run has none. For `power` there is readRowGroups. */
export async function readTable(
  folder: RunFolder,
  table: TableName,
  options: ReadOptions = {},
): Promise<Table | undefined> {
  const parts: Table[] = []
  for (const path of await listParts(folder, table)) parts.push(await readParquet(path, options))
  if (parts.length === 0) return undefined
  return new Table(parts.flatMap((part) => part.batches))
}

/** One Parquet file, a part or a summary, as an Arrow table. */
export async function readParquet(path: string, options: ReadOptions = {}): Promise<Table> {
  const file = await openParquetFile(path)
  try {
    return await read(file, options)
  } finally {
    file.free()
  }
}

/** The rows of a table in order, one row group in memory at a time. */
export async function* readRowGroups(
  folder: RunFolder,
  table: TableName,
  options: ReadOptions = {},
): AsyncGenerator<Table> {
  for (const path of await listParts(folder, table)) {
    const file = await openParquetFile(path)
    try {
      const metadata = file.metadata()
      const rowGroups = metadata.numRowGroups()
      metadata.free()
      for (let i = 0; i < rowGroups; i++) yield await read(file, options, i)
    } finally {
      file.free()
    }
  }
}

async function read(file: ParquetFile, { columns }: ReadOptions, rowGroup?: number): Promise<Table> {
  const options: ReaderOptions = { batchSize: ROW_GROUP_ROWS }
  if (columns !== undefined) options.columns = [...columns]
  if (rowGroup !== undefined) options.rowGroups = [rowGroup]
  const table = await file.read(options)
  return tableFromIPC(table.intoIPCStream())
}
