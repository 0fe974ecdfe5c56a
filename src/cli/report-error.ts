import { JoulespanError } from '../errors/joulespan-error.ts'
import { paint } from './paint.ts'

/** What, why and the next command, on stderr; with --json also as a document on stdout. */
export function reportError(error: unknown, json: boolean): void {
  const known = error instanceof JoulespanError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  const code = known?.code ?? 'internal'
  if (json) {
    const document = { format: 'joulespan.error', version: 1, error: { code, message, hint: known?.hint ?? null } }
    process.stdout.write(`${JSON.stringify(document)}\n`)
  }
  process.stderr.write(`${paint('red', 'error')}: ${message}\n`)
  if (known?.hint !== undefined) process.stderr.write(`  ${known.hint}\n`)
  if (known === undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
}
