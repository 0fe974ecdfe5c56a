import { openAsBlob } from 'node:fs'
import { ParquetFile } from 'parquet-wasm'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { diskError } from './disk-error.ts'

/** A Parquet file opened by its footer; only what is asked for is read. Free it after use: it lives in WebAssembly memory. */
export async function openParquetFile(path: string): Promise<ParquetFile> {
  try {
    return await ParquetFile.fromFile(await openAsBlob(path))
  } catch (error) {
    const seen = diskError('read', path, error)
    if (seen instanceof JoulespanError) throw seen
    throw new JoulespanError('dataset', `expected a whole parquet file, saw '${firstLine(error)}' in ${path}`, {
      hint: '`joulespan recover` writes the tables of a run again from its journal',
      cause: error,
    })
  }
}

export interface ParquetCounts {
  readonly rows: number
  readonly rowGroups: number
}

/** What the footer says is in the file. */
export async function countParquet(path: string): Promise<ParquetCounts> {
  const file = await openParquetFile(path)
  const metadata = file.metadata()
  const fileMetadata = metadata.fileMetadata()
  const counts = { rows: fileMetadata.numRows(), rowGroups: metadata.numRowGroups() }
  for (const held of [fileMetadata, metadata, file]) held.free()
  return counts
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0]!
}
