import { createReadStream } from 'node:fs'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { diskError } from './disk-error.ts'

/** Lines of a text file, counted from 1; a chunk in memory at a time. */
export async function* textLines(path: string): AsyncGenerator<{ text: string; number: number }> {
  let number = 0
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() as string
      for (const part of parts) yield { text: number === 0 ? withoutMark(part) : part, number: ++number }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new JoulespanError('dataset', `expected a text file at ${path}, saw nothing there`, { cause: error })
    throw diskError('read', path, error)
  }
  if (rest !== '') yield { text: number === 0 ? withoutMark(rest) : rest, number: ++number }
}

/** Some editors begin a file with a byte order mark. */
function withoutMark(line: string): string {
  return line.replace(/^\uFEFF/, '')
}
