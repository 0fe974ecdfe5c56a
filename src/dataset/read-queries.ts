import { JoulespanError } from '../errors/joulespan-error.ts'
import { textLines } from './text-lines.ts'

export interface TickQuery {
  readonly tick: bigint
  readonly boot?: string
}

/** One `tick[,boot]` a line. */
export async function readQueries(path: string): Promise<TickQuery[]> {
  const queries: TickQuery[] = []
  for await (const { text, number } of textLines(path)) {
    if (text.trim() === '') continue
    const [, tick, boot] = /^\s*(-?\d{1,19})\s*(?:,\s*(\S(?:.*\S)?)?\s*)?$/.exec(text) ?? []
    if (tick === undefined)
      throw new JoulespanError(
        'dataset',
        `${path}:${number}: expected tick[,boot], saw '${text.trim().slice(0, 60)}'`,
        {
          hint: 'a query is a whole tick, and where ticks start anew the boot after a comma, such as 1200345,2',
        },
      )
    queries.push(boot === undefined ? { tick: BigInt(tick) } : { tick: BigInt(tick), boot })
  }
  return queries
}
