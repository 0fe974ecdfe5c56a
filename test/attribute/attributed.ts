// One attribution, its document and its tables.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readParquet } from '../../src/dataset/read-table.ts'
import { type AttributeOptions, attribute } from '../../src/pipeline/attribute.ts'
import type { AttributeDocument } from '../../src/pipeline/attribute-document.ts'

export type Row = Record<string, unknown>

export interface Attributed {
  readonly document: AttributeDocument
  readonly inferences: readonly Row[]
  readonly stages: readonly Row[]
  readonly out: string
}

export async function attributed(
  power: string,
  spans: string,
  options: Partial<AttributeOptions> = {},
): Promise<Attributed> {
  const out = options.out ?? join(scratch(), 'out')
  const document = await attribute({
    ...{ power, spans, out, force: false, createdBy: 'joulespan test' },
    ...{ gainURel: 0, offsetUW: 0, delayNs: 0, delayUNs: 0, timeConstantNs: 0, alignBoundNs: 0 },
    ...options,
  })
  return { document, out, inferences: await rowsOf(out, 'inferences'), stages: await rowsOf(out, 'stages') }
}

export async function rowsOf(out: string, table: string): Promise<Row[]> {
  return (await readParquet(join(out, `${table}.parquet`))).toArray().map((row) => row.toJSON())
}

/** A folder that is gone when the process ends. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'joulespan-attribute-'))
  if (scratches.length === 0) process.on('exit', removeScratches)
  scratches.push(path)
  return path
}

const scratches: string[] = []

function removeScratches(): void {
  for (const path of scratches) rmSync(path, { recursive: true, force: true })
}
