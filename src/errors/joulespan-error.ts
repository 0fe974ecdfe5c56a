/**
 * What went wrong, by kind; a caller switches on this, never on text. The exit code of the command line follows from it
 * (docs/errors.md).
 */
export type ErrorCode =
  | 'usage'
  | 'recipe'
  | 'device-missing'
  | 'device-busy'
  | 'device-foreign'
  | 'permission'
  | 'quality'
  | 'threshold'
  | 'unfinished'
  | 'interrupted'
  | 'dataset'
  | 'journal'
  | 'disk'
  | 'internal'

/** An error a user can act on: what was expected, what was seen, where; and the next command to try. */
export class JoulespanError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'JoulespanError'
    this.code = code
    this.hint = options.hint
  }
}

export const EXIT_CODES: Record<ErrorCode, number> = {
  internal: 1,
  usage: 2,
  recipe: 2,
  dataset: 2,
  journal: 2,
  'device-missing': 3,
  'device-busy': 3,
  'device-foreign': 3,
  permission: 4,
  quality: 5,
  threshold: 6,
  unfinished: 7,
  disk: 7,
  interrupted: 130,
}

export function exitCodeOf(error: unknown): number {
  return error instanceof JoulespanError ? EXIT_CODES[error.code] : EXIT_CODES.internal
}
