import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** The error of a disk that refuses, with the errno and the free space at this moment; `state` says what became of the data. */
export function diskError(doing: string, path: string, cause: unknown, state: string): JoulespanError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new JoulespanError('disk', `cannot ${doing} ${path}: ${reason}; ${freeSpace(path)} free; ${state}`, {
    hint: `free space in ${dirname(path)} or check the disk`,
    cause,
  })
}

function freeSpace(path: string): string {
  try {
    const disk = statfsSync(dirname(path))
    return `${disk.bavail * disk.bsize} bytes`
  } catch {
    return 'unknown space'
  }
}
