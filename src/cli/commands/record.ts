import { JoulespanError } from '../../errors/joulespan-error.ts'
import { type RecordedRun, recordRun } from '../../pipeline/record.ts'
import type { Recipe } from '../../recipe/recipe.ts'
import { interruptSignal } from '../interrupt.ts'
import { loadRecipe, type RecipeFlags } from '../load-recipe.ts'
import { newRun } from '../new-run.ts'
import { Progress } from '../progress.ts'
import { reportRun, runFigures } from '../run-report.ts'
import { createdBy } from '../version.ts'

export interface RecordFlags extends RecipeFlags {
  readonly json?: boolean
  readonly runs: string
  readonly plot?: string
}

export async function record(recipePath: string, flags: RecordFlags): Promise<void> {
  const recipe = loadRecipe(recipePath, flags)
  const { path, run } = await recordWithProgress(recipe, flags.runs)
  const { runJson, summary } = run
  if (flags.json) {
    const document = { format: 'joulespan.record', version: 1, ...runFigures({ path, runJson, summary }) }
    process.stdout.write(`${JSON.stringify(document)}\n`)
  } else process.stdout.write(reportRun({ path, runJson, summary }))
  if (flags.plot !== undefined) await (await import('../plot-run.ts')).plotRun(path, flags.plot)
  judge(run)
}

/** Records with progress on stderr; Ctrl-C closes the run cleanly. */
export async function recordWithProgress(recipe: Recipe, runs: string): Promise<{ path: string; run: RecordedRun }> {
  const { runId, path } = newRun(runs, recipe)
  const progress = new Progress()
  const signal = interruptSignal(() => progress.status('closing the run; Ctrl-C again ends at once'))
  const run = await recordRun({
    recipe,
    runId,
    path,
    createdBy: createdBy(),
    onStatus: (text) => progress.status(text),
    onFigures: (figures) => progress.figures(figures),
    signal,
  })
  progress.end()
  return { path, run }
}

/** The exit code of a run that was closed: an error that ended it, an interruption, or figures that are not to be trusted. */
export function judge({ reason, error, runJson }: RecordedRun): void {
  if (error !== undefined) throw error
  if (reason === 'interrupted') {
    process.exitCode = 130
    return
  }
  const { link, clock, counts } = runJson
  const lost = link.samples_lost / Math.max(1, link.samples + link.samples_lost)
  if (lost > SAMPLES_LOST_MAX)
    throw quality(`expected at most ${100 * SAMPLES_LOST_MAX} % of samples lost, saw ${(100 * lost).toFixed(1)} %`)
  if (counts.events_lost > 0) throw quality(`expected every event, saw ${counts.events_lost} lost`)
  if (counts.inferences > 0 && (clock.bound_p99_ns ?? Number.POSITIVE_INFINITY) > BOUND_MAX_NS)
    throw quality(`expected clocks aligned within ${BOUND_MAX_NS / 1e6} ms, saw ${clock.bound_p99_ns} ns`)
}

const SAMPLES_LOST_MAX = 0.01
const BOUND_MAX_NS = 1e6

function quality(message: string): JoulespanError {
  return new JoulespanError('quality', message, { hint: 'the run is kept; docs/errors.md says what each fault means' })
}
