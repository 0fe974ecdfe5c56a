import { JoulespanError } from '../errors/joulespan-error.ts'

/** What the operating system refused, as an error a user can act on; any other error as it is. */
export function diskError(action: string, path: string, error: unknown): unknown {
  const errno = (error as NodeJS.ErrnoException | undefined)?.code
  if (errno === undefined || error instanceof JoulespanError) return error
  const reason = (error as Error).message
  return new JoulespanError('disk', `cannot ${action} ${path}: ${errno} (${reason})`, {
    hint: HINTS[errno] ?? 'check the disk, then `joulespan recover` the run: its journal is kept',
    cause: error,
  })
}

const HINTS: Record<string, string> = {
  ENOSPC: 'make room on the disk, then `joulespan recover` the run: its journal is kept',
  EDQUOT: 'make room in the quota, then `joulespan recover` the run: its journal is kept',
  EACCES: 'make the folder writable for this user',
  EPERM: 'make the folder writable for this user',
  EROFS: 'choose a folder on a writable file system',
  ENOENT: 'check the path',
}
