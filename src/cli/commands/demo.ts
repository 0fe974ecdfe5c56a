import { fileURLToPath } from 'node:url'
import { compareEnergies } from '../../truth/compare.ts'
import { loadRecipe } from '../load-recipe.ts'
import { reportRun, runFigures } from '../run-report.ts'
import { judge, recordWithProgress } from './record.ts'

export interface DemoFlags {
  readonly json?: boolean
  readonly runs: string
  readonly seed?: number
  readonly duration?: string
  readonly plot?: string
  readonly capture?: string
}

/** The whole product in ten seconds: real firmware, real runner, real host; only card, sensors and supply are emulated. */
export async function demo(flags: DemoFlags): Promise<void> {
  if (flags.capture !== undefined) {
    const { replay } = await import('./replay.ts')
    await replay(flags.capture, { runs: flags.runs, ...(flags.json === undefined ? {} : { json: flags.json }) })
    return
  }
  const recipe = loadRecipe(fileURLToPath(new URL('../../../pipelines/demo.yaml', import.meta.url)), flags)
  const { path, run } = await recordWithProgress(recipe, flags.runs)
  const { runJson, summary } = run
  const reported = { path, runJson, summary, truth: await compareEnergies(path) }
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ format: 'joulespan.demo', version: 1, ...runFigures(reported) })}\n`)
  } else process.stdout.write(reportRun(reported))
  if (flags.plot !== undefined) await (await import('../plot-run.ts')).plotRun(path, flags.plot)
  judge(run)
}
