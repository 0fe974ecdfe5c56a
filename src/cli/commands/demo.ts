import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runFolder } from '../../dataset/run-folder.ts'
import { finaliseRun } from '../../pipeline/finalise-run.ts'
import { compareEnergies } from '../../truth/compare.ts'
import { loadRecipe } from '../load-recipe.ts'
import { type ReportedRun, reportRun, runFigures } from '../run-report.ts'
import { createdBy } from '../version.ts'
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
  if (flags.capture !== undefined) return demoCapture(flags.capture, flags)
  const recipe = loadRecipe(fileURLToPath(new URL('../../../pipelines/demo.yaml', import.meta.url)), flags)
  const { path, run } = await recordWithProgress(recipe, flags.runs)
  await report({ path, runJson: run.runJson, summary: run.summary, truth: await compareEnergies(path) }, flags)
  judge(run)
}

/** The dataset of a run recorded elsewhere, made here: for machines on which the virtual testbed cannot be built. */
async function demoCapture(capture: string, flags: DemoFlags): Promise<void> {
  const path = join(flags.runs, 'demo-capture')
  await rm(path, { recursive: true, force: true })
  await cp(capture, path, { recursive: true })
  const folder = runFolder(path)
  const { runJson, summary } = await finaliseRun({ run: folder, out: folder, createdBy: createdBy() })
  await report({ path, runJson, summary, truth: await compareEnergies(path) }, flags)
}

async function report(run: ReportedRun, flags: DemoFlags): Promise<void> {
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ format: 'joulespan.demo', version: 1, ...runFigures(run) })}\n`)
  else process.stdout.write(reportRun(run))
  if (flags.plot !== undefined) await (await import('../plot-run.ts')).plotRun(run.path, flags.plot)
}
