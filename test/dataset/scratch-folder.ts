import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty folder that is gone when the process ends. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'joulespan-dataset-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}
