import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { diskError } from './disk-error.ts'
import { isRunId, type RunId } from './run-id.ts'
import { TABLE_NAMES, type TableName } from './schema.ts'

/** Where everything of a run is. */
export interface RunFolder {
  readonly path: string
  readonly runJson: string
  readonly summary: string
  readonly journal: string
  /** Virtual testbed only. */
  readonly truth: string
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    runJson: join(path, 'run.json'),
    summary: join(path, 'summary.parquet'),
    journal: join(path, 'journal'),
    truth: join(path, 'truth'),
  }
}

export function tablePath(folder: RunFolder, table: TableName): string {
  return join(folder.path, table)
}

export function partPath(folder: RunFolder, table: TableName, number: number): string {
  if (!Number.isInteger(number) || number < 0 || number > LAST_PART) {
    throw new JoulespanError('dataset', `table ${table}: expected a part number from 0 to ${LAST_PART}, saw ${number}`)
  }
  return join(tablePath(folder, table), `part-${String(number).padStart(PART_DIGITS, '0')}.parquet`)
}

/** Runs below `data/runs`, oldest first; other folders are left out, and a folder that is not there has none. */
export async function listRuns(root: string): Promise<readonly RunId[]> {
  const entries = await entriesOf(root)
  return entries.filter(isRunId).sort()
}

/** Parts of a table in order; none while a run has written none. */
export async function listParts(folder: RunFolder, table: TableName): Promise<readonly string[]> {
  const names = (await entriesOf(tablePath(folder, table))).filter((name) => PART_NAME.test(name)).sort()
  names.forEach((name, number) => {
    const expected = partPath(folder, table, number)
    if (join(tablePath(folder, table), name) !== expected) {
      throw new JoulespanError('dataset', `expected ${expected}, saw ${name} next: a part is missing`, {
        hint: '`joulespan recover` writes the tables of a run again from its journal',
      })
    }
  })
  return names.map((name) => join(tablePath(folder, table), name))
}

/** The run folder at this path, when there is one: it has a run.json, or a journal to make one from. */
export async function openRunFolder(path: string): Promise<RunFolder> {
  const folder = runFolder(path)
  if (!(await isFolder(path))) {
    throw new JoulespanError('dataset', `expected a run folder, saw nothing of the kind at ${path}`, {
      hint: '`joulespan inspect` without a path lists the runs',
    })
  }
  const entries = await entriesOf(path)
  if (entries.includes('run.json')) return folder
  if (entries.includes('journal')) {
    throw new JoulespanError('unfinished', `run without run.json, but with a journal: ${path}`, {
      hint: `joulespan recover ${path}`,
    })
  }
  const seen = entries.length === 0 ? 'an empty folder' : entries.slice(0, 5).join(', ')
  throw new JoulespanError('dataset', `expected run.json and ${TABLE_NAMES.join(', ')}, saw ${seen} in ${path}`)
}

const PART_DIGITS = 5
const LAST_PART = 10 ** PART_DIGITS - 1
const PART_NAME = /^part-\d{5}\.parquet$/

async function entriesOf(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw diskError('list', path, error)
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw diskError('open', path, error)
  }
}
