import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'

/** The JoulespanError that this work must end in. */
export async function errorOf(work: Promise<unknown>): Promise<JoulespanError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.instance(outcome, JoulespanError)
  return outcome as JoulespanError
}
