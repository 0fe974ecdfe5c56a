import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { openCsv } from './csv-table.ts'
import type { ForeignTable } from './foreign-table.ts'
import { openJsonl } from './jsonl-table.ts'
import { openParquet } from './parquet-table.ts'

export type Format = 'csv' | 'parquet' | 'jsonl'

/** A file by its extension; `what` names the option it was given with. */
export async function openTable(path: string, what: string, formats: readonly Format[]): Promise<ForeignTable> {
  const format = extname(path).slice(1).toLowerCase()
  const known = formats.find((one) => one === format)
  if (known === undefined)
    throw new JoulespanError('usage', `${what}: expected a file named .${formats.join(', .')}, saw ${path}`)
  const entry = await stat(path).catch(() => undefined)
  if (entry === undefined || !entry.isFile())
    throw new JoulespanError('dataset', `${what}: expected a file, saw none at ${path}`)
  if (entry.size === 0) throw new JoulespanError('dataset', `${what}: expected rows, saw an empty file at ${path}`)
  if (known === 'csv') return openCsv(path)
  return known === 'parquet' ? openParquet(path) : openJsonl(path)
}
