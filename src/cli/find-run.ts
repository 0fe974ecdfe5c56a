import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** A run by its path or its id. */
export function findRun(run: string, runs: string): string {
  for (const path of [run, join(runs, run)])
    if (existsSync(join(path, 'journal')) || existsSync(join(path, 'run.json'))) return path
  throw new JoulespanError('dataset', `expected a run at ${run} or ${join(runs, run)}, saw none`, {
    hint: 'joulespan inspect lists the runs',
  })
}
