import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readParquet } from '../dataset/read-table.ts'
import { runFolder } from '../dataset/run-folder.ts'
import { readRunJson } from '../dataset/run-json.ts'
import { compareEnergies } from '../truth/compare.ts'
import { readExcerpt } from './plot/excerpt.ts'
import { drawRun } from './plot/run-picture.ts'

const EXCERPT_NS = 160e6

/** Draws a run into an SVG file. */
export async function plotRun(path: string, file: string): Promise<void> {
  const folder = runFolder(path)
  const runJson = await readRunJson(folder)
  const total = (await readParquet(folder.summary)).toArray().find((row) => row.task === null)
  const hasTruth = existsSync(join(folder.truth, 'stages.csv'))
  const truth = hasTruth ? await compareEnergies(path) : undefined
  const excerpt = await readExcerpt(folder, runJson.rails, EXCERPT_NS)
  const recipe = runJson.recipe as { name?: string }
  const bound =
    runJson.clock.bound_p99_ns === null
      ? ''
      : `, clocks aligned within ${Math.ceil(runJson.clock.bound_p99_ns / 1e3)} us`
  const svg = drawRun(excerpt, {
    title: `${recipe.name ?? runJson.run_id}: what one inference costs`,
    subtitle: `${runJson.counts.inferences} inferences, ${runJson.link.samples} samples of the supply${bound}${hasTruth ? '; virtual testbed' : ''}`,
    meanJ: total?.energy_mean_j ?? undefined,
    meanUJ: total?.energy_mean_u_j ?? undefined,
    trueMeanJ: truth?.trueMeanJ,
  })
  await writeFile(file, `${svg}\n`)
}
