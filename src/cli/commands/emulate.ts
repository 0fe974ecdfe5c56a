import { rm } from 'node:fs/promises'
import { JoulespanError } from '../../errors/joulespan-error.ts'
import { emulateJournal } from '../../pipeline/emulate.ts'
import { finaliseRun } from '../../pipeline/finalise-run.ts'
import { compareEnergies } from '../../truth/compare.ts'
import { loadRecipe, type RecipeFlags } from '../load-recipe.ts'
import { emulatedRun } from '../new-run.ts'
import { Progress } from '../progress.ts'
import { reportRun, runFigures } from '../run-report.ts'
import { createdBy } from '../version.ts'

export interface EmulateFlags extends RecipeFlags {
  readonly json?: boolean
  readonly runs: string
  readonly plot?: string
  readonly runId?: string
}

export async function emulate(recipePath: string, flags: EmulateFlags): Promise<void> {
  const recipe = loadRecipe(recipePath, flags)
  if (recipe.sensor.port !== 'virtual' || recipe.runner.kind !== 'spawn')
    throw new JoulespanError('recipe', `${recipePath}: expected a virtual board and a virtual card to emulate`, {
      hint: 'joulespan record runs this recipe',
    })
  const { runId, path } = emulatedRun(flags.runs, recipe, flags.runId)
  const progress = new Progress()
  // the same run is made again: what an earlier version left there is not mixed with it
  await rm(path, { recursive: true, force: true })
  progress.status(`emulating ${recipe.name} into ${path}`)
  const folder = await emulateJournal({ recipe, runId, path, createdBy: createdBy() })
  progress.status('making the dataset')
  const { runJson, summary } = await finaliseRun({ run: folder, out: folder, createdBy: createdBy() })
  progress.end()
  const reported = { path, runJson, summary, truth: await compareEnergies(path) }
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ format: 'joulespan.emulate', version: 1, ...runFigures(reported) })}\n`)
  else process.stdout.write(reportRun(reported))
  if (flags.plot !== undefined) await (await import('../plot-run.ts')).plotRun(path, flags.plot)
}
