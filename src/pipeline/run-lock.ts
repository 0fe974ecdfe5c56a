import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'

const NAME = 'recording.pid'

/** Marks a run as being recorded by this process; returns how to take the mark away. */
export function lockRun(path: string): () => void {
  mkdirSync(path, { recursive: true })
  const file = join(path, NAME)
  writeFileSync(file, `${process.pid}\n`)
  return () => rmSync(file, { force: true })
}

/** A run that is being recorded must not be mended under the recorder's hands. */
export function refuseLiveRun(path: string): void {
  const file = join(path, NAME)
  let pid: number
  try {
    pid = Number(readFileSync(file, 'utf8'))
  } catch {
    return
  }
  if (!isAlive(pid)) {
    rmSync(file, { force: true })
    return
  }
  throw new JoulespanError('device-busy', `expected ${path} to be at rest, saw process ${pid} recording it`, {
    hint: 'wait for it to end, or stop it with Ctrl-C',
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
