import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** A run by its path, its id, a part of its id that fits one run, or `latest`. Ids sort by time. */
export function findRun(run: string, runs: string): string {
  for (const path of [run, join(runs, run)]) if (isRun(path)) return path
  const ids = existsSync(runs) ? readdirSync(runs).filter((id) => isRun(join(runs, id))) : []
  const fitting = run === 'latest' ? ids.sort().slice(-1) : ids.filter((id) => id.includes(run)).sort()
  if (fitting.length === 1) return join(runs, fitting[0] as string)
  if (fitting.length === 0)
    throw new JoulespanError('dataset', `expected a run at ${run} or ${join(runs, run)}, saw none`, {
      hint: 'joulespan inspect lists the runs',
    })
  throw new JoulespanError(
    'dataset',
    `expected one run of ${runs} with '${run}' in its id, saw ${fitting.length}: ${fitting.slice(-3).join(', ')}`,
    { hint: 'say more of its id' },
  )
}

function isRun(path: string): boolean {
  return existsSync(join(path, 'journal')) || existsSync(join(path, 'run.json'))
}
