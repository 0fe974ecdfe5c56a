import { createHash } from 'node:crypto'
import { type RecordBatch, transformParquetStream, Table as WasmTable } from 'parquet-wasm'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { keyValueJson } from './arrow-schema.ts'
import type { Table } from './column.ts'
import { countParquet } from './parquet-file.ts'
import { TemporaryFile } from './replace-file.ts'
import { TableBuffer, type TableBufferOptions } from './table-buffer.ts'
import { writerProperties } from './writer-properties.ts'

export interface PartOptions extends TableBufferOptions {
  /** Where the part will be: partPath() in run-folder.ts. */
  readonly path: string
}

/** What became of a part; run.json lists them. */
export interface Part {
  readonly rows: number
  readonly row_groups: number
  readonly bytes: number
  readonly sha256: string
}

/**
 * One `part-NNNNN.parquet`: append to `rows`, `flush` now and then, `close`. Memory holds the row groups since the last
 * flush and the encoded one being written, not the file. After an error the part is gone and only `abort` is allowed.
 */
export class PartWriter<T extends Table> {
  readonly rows: TableBuffer<T>
  readonly #file: TemporaryFile
  readonly #rowGroups: WritableStreamDefaultWriter<RecordBatch>
  readonly #hash = createHash('sha256')
  #bytes = 0
  #rowGroupsWritten = 0
  #failure: unknown
  readonly #written: Promise<void>

  static async open<T extends Table>(table: T, options: PartOptions): Promise<PartWriter<T>> {
    const rows = new TableBuffer(table, options)
    return new PartWriter(rows, await TemporaryFile.create(options.path), options.runId)
  }

  private constructor(rows: TableBuffer<T>, file: TemporaryFile, runId: string) {
    this.rows = rows
    this.#file = file
    // No room on either side: a write ends when parquet-wasm asks for the row group after it.
    const handOver = new TransformStream<RecordBatch, RecordBatch>({}, { highWaterMark: 1 }, { highWaterMark: 0 })
    this.#rowGroups = handOver.writable.getWriter()
    const json = keyValueJson(rows.columns, { table: rows.table.name, runId })
    this.#written = this.#writeFile(handOver.readable, json)
  }

  /** Write the row groups that are full. */
  async flush(): Promise<void> {
    for (const ipc of this.rows.takeSealed()) {
      await this.#throwFailure()
      this.#rowGroupsWritten += 1
      await Promise.race([this.#rowGroups.write(recordBatchOf(ipc)), this.#written])
    }
    await this.#throwFailure()
  }

  /** Write what is left, and let the part appear under its name. */
  async close(): Promise<Part> {
    this.rows.sealRest()
    await this.flush()
    await Promise.race([this.#rowGroups.close(), this.#written])
    await this.#written
    await this.#throwFailure()
    try {
      await this.#file.sync()
      await this.#checkCounts()
      await this.#file.publish()
    } catch (error) {
      await this.#file.discard()
      throw error
    }
    return {
      rows: this.rows.rowCount,
      row_groups: this.#rowGroupsInFile,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    }
  }

  /** Leave nothing behind. */
  async abort(): Promise<void> {
    this.#failure ??= new JoulespanError('internal', `part was aborted: ${this.#file.path}`)
    await this.#rowGroups.abort().catch(() => {})
    await this.#written
    await this.#file.discard()
  }

  /** A file without rows has no row group: the empty one only carried the schema. */
  get #rowGroupsInFile(): number {
    return this.rows.rowCount === 0 ? 0 : this.#rowGroupsWritten
  }

  /** Never rejects: a failure is kept for the next call. */
  async #writeFile(rowGroups: ReadableStream<RecordBatch>, keyValue: string): Promise<void> {
    try {
      const properties = writerProperties(this.rows.columns, keyValue, this.rows.rowGroupRows)
      for await (const chunk of await transformParquetStream(rowGroups, properties)) {
        this.#hash.update(chunk)
        this.#bytes += chunk.length
        await this.#file.write(chunk)
      }
    } catch (error) {
      this.#failure ??= writeError(this.#file.path, error)
    }
  }

  async #throwFailure(): Promise<void> {
    if (this.#failure === undefined) return
    await this.abort()
    throw this.#failure
  }

  /** parquet-wasm drops a row group it cannot write and says nothing, so the footer is asked. */
  async #checkCounts(): Promise<void> {
    const { rows, rowGroups } = await countParquet(this.#file.temporaryPath)
    if (rows === this.rows.rowCount && rowGroups === this.#rowGroupsInFile) return
    throw new JoulespanError(
      'internal',
      `expected ${this.rows.rowCount} rows in ${this.#rowGroupsInFile} row groups, saw ${rows} in ${rowGroups} in ${this.#file.path}`,
    )
  }
}

/** parquet-wasm throws text as well as errors. */
function writeError(path: string, error: unknown): unknown {
  if (error instanceof JoulespanError) return error
  return new JoulespanError('internal', `parquet writer failed on ${path}: ${String(error)}`, { cause: error })
}

function recordBatchOf(ipc: Uint8Array): RecordBatch {
  const table = WasmTable.fromIPCStream(ipc)
  const batch = table.recordBatch(0)!
  table.free()
  return batch
}
