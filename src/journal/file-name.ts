import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'

export interface JournalFile {
  readonly path: string
  readonly source: string
  readonly number: number
}

/** `<source>-<number>.arrows`, the number of at least five digits from 00000. */
export function journalFileName(source: string, number: number): string {
  return `${source}-${String(number).padStart(5, '0')}.arrows`
}

/** Throws unless the name can stand in a file name and sorts the same everywhere: ASCII letters, digits, `.`, `_`, `-`. */
export function checkSourceName(source: string): void {
  if (!SOURCE_NAME.test(source)) {
    throw new JoulespanError(
      'journal',
      `expected a source name of 1 to 64 letters, digits, '.', '_' or '-' that starts with a letter or digit, saw ${JSON.stringify(source)}`,
    )
  }
}

/** The journal files of a folder by source and number; of one source when it is named. Other files are not looked at. */
export function listJournalFiles(folder: string, source?: string): JournalFile[] {
  const files: JournalFile[] = []
  for (const name of readFolder(folder)) {
    if (!name.endsWith('.arrows')) continue
    const match = FILE_NAME.exec(name)
    const file =
      match === null ? undefined : { path: join(folder, name), source: match[1] as string, number: Number(match[2]) }
    if (file === undefined || journalFileName(file.source, file.number) !== name) {
      throw new JoulespanError(
        'journal',
        `expected journal files named <source>-<number>.arrows, saw ${JSON.stringify(name)} in ${folder}`,
        { hint: 'move the file out of the journal folder' },
      )
    }
    if (source === undefined || file.source === source) files.push(file)
  }
  return files.sort(compareFiles)
}

const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const FILE_NAME = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})-(\d{5,9})\.arrows$/

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new JoulespanError('journal', `expected a journal folder at ${folder}, saw ${(error as Error).message}`, {
      hint: 'give the folder of a run that holds journal/',
      cause: error,
    })
  }
}

function compareFiles(a: JournalFile, b: JournalFile): number {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  return a.number - b.number
}
