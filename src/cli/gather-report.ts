import { join } from 'node:path'
import { CampaignFolder, type CampaignJson } from '../campaign/campaign-folder.ts'
import { readCost, readResults, readTrials } from '../campaign/read-tables.ts'
import { resultsOf } from '../campaign/results.ts'
import { readSegmentEnergies } from '../campaign/segment-energy.ts'
import { figuresOf } from '../campaign/trial-figures.ts'
import type { TrialRow } from '../campaign/trials-table.ts'
import { readParquet } from '../dataset/read-table.ts'
import { openRunFolder, runFolder } from '../dataset/run-folder.ts'
import { type RunJson, readRunJson } from '../dataset/run-json.ts'
import type { SummaryRow } from '../dataset/summary-table.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { EnergyShare, ReportData, Trace } from '../report/report-data.ts'
import { rulesOf } from '../report/rules.ts'
import { findRun } from './find-run.ts'
import { readTrace } from './plot/trace.ts'

/** Everything a report on a campaign or a run says. */
export async function gatherReport(path: string, runs: string): Promise<ReportData> {
  const folder = new CampaignFolder(path)
  return folder.exists() ? gatherCampaign(folder) : gatherRun(findRun(path, runs))
}

async function gatherCampaign(folder: CampaignFolder): Promise<ReportData> {
  const campaign = folder.read()
  const [trials, results, cost] = [await readTrials(folder), await readResults(folder), await readCost(folder)]
  const measured = trials.filter(({ status }) => status === 'ok')
  const firsts = firstOfEach(measured)
  const runJsons: RunJson[] = []
  for (const row of firsts) runJsons.push(await readRunJson(runFolder(join(folder.runs, row.run_id))))
  const shares: EnergyShare[] = []
  for (const row of firsts) shares.push(await shareOf(row, join(folder.runs, row.run_id)))
  const shown = traceRow(firsts)
  return {
    title: campaign.name,
    about: campaign.about,
    facts: [...campaignFacts(campaign), ...runFacts(runJsons[0])],
    isQuick: campaign.quick,
    rules: rulesOf(campaign, trials, runJsons.length > 0 && runJsons.every(hasBaselines)),
    results,
    trials,
    cost,
    shares: shares.filter(({ parts }) => parts.length > 0),
    trace: shown === undefined ? undefined : await traceOf(join(folder.runs, shown.run_id), shown.trial),
    warnings: [
      ...trials
        .filter(({ status }) => status === 'failed')
        .map(({ trial, pass, reason }) => `${trial}, pass ${pass} failed: ${reason}`),
      ...countedWarnings(runJsons),
    ],
  }
}

/** A run is a campaign of one trial in one pass. */
async function gatherRun(path: string): Promise<ReportData> {
  const folder = await openRunFolder(path)
  const runJson = await readRunJson(folder)
  const summary = (await readParquet(folder.summary))
    .toArray()
    .map((row) => numbersIn(row.toJSON())) as unknown as SummaryRow[]
  const recipe = runJson.recipe as unknown as Recipe
  const rows = await figuresOf({ path, runJson, summary }, null)
  const common = { campaign: recipe.name, trial: recipe.name, pass: 0, position: 0, run_id: runJson.run_id }
  const unknowns = { predicted_service_ns: null, measured_over_predicted: null }
  const trials = rows.map((row): TrialRow => ({ ...row, ...common, ...unknowns, sampling: recipe.sensor.mode }))
  const first = trials[0] as TrialRow
  const share = await shareOf(first, path)
  return {
    title: recipe.name,
    about: recipe.about,
    facts: [['run', runJson.run_id], ...runFacts(runJson)],
    isQuick: false,
    rules: [],
    results: resultsOf(trials, { reference: null, macs: new Map() }),
    trials,
    cost: [],
    shares: share.parts.length > 0 ? [share] : [],
    trace: await traceOf(path, recipe.name),
    warnings: runJson.warnings.map(({ message }) => message),
  }
}

/** One run for each trial: the first pass that was measured. */
function firstOfEach(rows: readonly TrialRow[]): TrialRow[] {
  const firsts = new Map<string, TrialRow>()
  for (const row of rows) if (!firsts.has(row.trial)) firsts.set(row.trial, row)
  return [...firsts.values()]
}

async function shareOf(row: TrialRow, path: string): Promise<EnergyShare> {
  const parts = await readSegmentEnergies(runFolder(path))
  const idle = row.energy_idle_j == null || parts.length === 0 ? [] : [['idle share', row.energy_idle_j] as const]
  return { trial: row.trial, parts: [...parts, ...idle] }
}

/** Four devices show a pipeline and can still be told apart. */
function traceRow(rows: readonly TrialRow[]): TrialRow | undefined {
  return [...rows].sort((a, b) => Math.abs((a.depth ?? 0) - 4) - Math.abs((b.depth ?? 0) - 4))[0]
}

async function traceOf(path: string, name: string): Promise<Trace | undefined> {
  const folder = runFolder(path)
  return readTrace(folder, (await readRunJson(folder)).rails, name)
}

function hasBaselines({ recipe }: RunJson): boolean {
  const { runner } = recipe as unknown as Recipe
  if (runner.kind !== 'spawn') return false
  const { never_used_ms, context_open_ms, resident_ms, after_ms } = runner.plan.idle
  return Math.min(never_used_ms, context_open_ms, resident_ms, after_ms) > 0
}

function campaignFacts(campaign: CampaignJson): [string, string][] {
  const { duration_s, inferences, samples } = campaign.window
  return [
    ['campaign', `${campaign.file}${campaign.quick ? ', --quick' : ''}`],
    ['recipe', campaign.recipe.file],
    [
      'mode',
      campaign.mode === 'offline'
        ? 'virtual testbed in simulated time: real firmware in the emulator, virtual card'
        : 'live',
    ],
    [
      'boards',
      campaign.boards === 'fresh' ? 'a virtual board for each trial, the same in all its passes' : 'one virtual board',
    ],
    ['order', `${campaign.order}, seed ${campaign.seed}, ${campaign.passes} passes`],
    [
      'window',
      `at least ${duration_s} s, ${inferences} inferences, ${samples} samples; ${campaign.warmup} inferences of warm-up`,
    ],
    ['intervals', '95 %, from between the passes and from what they have in common (JCGM 100, G.4)'],
  ]
}

function runFacts(run: RunJson | undefined): [string, string][] {
  if (run === undefined) return []
  const recipe = run.recipe as unknown as Recipe
  const rails = run.calibration as unknown as readonly CalibratedRail[]
  const isVirtual = recipe.runner.kind === 'spawn'
  return [
    ['made by', `${run.created_by}, Node ${run.host.node}, ${run.host.os}`],
    [
      'sensor board',
      run.firmware === null
        ? 'no identity'
        : `${run.firmware.hardware}, firmware ${run.firmware.version}, mode ${recipe.sensor.mode}`,
    ],
    ...rails.map(({ name, current, voltage }): [string, string] => [
      `rail ${name}`,
      `scale within ${percentText(current.scaleURel)}, voltage within ${percentText(voltage.uRel ?? voltage.scaleURel ?? 0)} (k = 1)`,
    ]),
    [
      'clock',
      run.clock.bound_p99_ns === null
        ? 'not aligned'
        : `guaranteed within ${Math.ceil(run.clock.bound_p99_ns / 1e3)} us (99 % of inferences)`,
    ],
    ...(isVirtual
      ? [
          ['card', 'virtual: times by the timing model of the card, powers parametric and unvalidated'] as [
            string,
            string,
          ],
        ]
      : []),
  ]
}

interface CalibratedRail {
  readonly name: string
  readonly current: { readonly scaleURel: number }
  readonly voltage: { readonly uRel?: number; readonly scaleURel?: number }
}

function percentText(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

function countedWarnings(runs: readonly RunJson[]): string[] {
  const counts = new Map<string, number>()
  for (const { warnings } of runs)
    for (const { message } of warnings) counts.set(message, (counts.get(message) ?? 0) + 1)
  return [...counts].map(([message, n]) => (n === 1 ? message : `${message} (in ${n} trials)`))
}

function numbersIn(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value])
  return Object.fromEntries(entries)
}
