import { JoulespanError } from '../errors/joulespan-error.ts'

/** Sorts by time and reads: `20261123T204001Z-mobilenetv2-4tpu-7k3f`. */
export type RunId = string

export interface RunIdParts {
  /** Start of the run, UTC, ms since 1970; the id keeps whole seconds. */
  readonly startUtcMs: number
  /** What the run is about, such as the model and the number of devices; anything but letters and digits becomes a hyphen. */
  readonly words: readonly string[]
  /** Four random letters or digits, so that two runs of one second differ. */
  readonly suffix: string
}

export function createRunId({ startUtcMs, words, suffix }: RunIdParts): RunId {
  const time = new Date(startUtcMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
  const slugs = words.map(slug).filter((word) => word.length > 0)
  const runId = [`${time}Z`, ...slugs, suffix].join('-')
  checkRunId(runId)
  return runId
}

/** Start of the run, ms since 1970 UTC. */
export function runStartUtcMs(runId: RunId): number {
  checkRunId(runId)
  const [, year, month, day, hour, minute, second] = RUN_ID.exec(runId)!.map(Number)
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!)
}

export function isRunId(text: string): boolean {
  return RUN_ID.test(text)
}

function checkRunId(text: string): void {
  if (isRunId(text)) return
  throw new JoulespanError('dataset', `expected a run id like 20261123T204001Z-mobilenetv2-4tpu-7k3f, saw '${text}'`)
}

const RUN_ID = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z(?:-[a-z0-9]+)*-[a-z0-9]{4}$/

function slug(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}
