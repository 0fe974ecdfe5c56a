import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Campaign } from '../../campaign/campaign.ts'
import { CampaignFolder } from '../../campaign/campaign-folder.ts'
import { type Estimate, estimateCampaign } from '../../campaign/estimate.ts'
import { readResults } from '../../campaign/read-tables.ts'
import { runCampaign } from '../../campaign/run-campaign.ts'
import { JoulespanError } from '../../errors/joulespan-error.ts'
import { reportCampaign } from '../campaign-report.ts'
import { cardLibrary, cardTiming } from '../card-data.ts'
import { bytesText, durationText } from '../figures.ts'
import { interruptSignal } from '../interrupt.ts'
import { loadCampaign } from '../load-campaign.ts'
import { Progress } from '../progress.ts'
import { createdBy } from '../version.ts'

export interface BenchFlags {
  readonly out?: string
  readonly quick?: boolean
  readonly resume?: boolean
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly jobs?: number
  readonly json?: boolean
}

/** More measurements than this want a word of assent. */
const ASK_FROM = 1000
/** Trials that a first look resolves to say what a large campaign would take. */
const LOOK_AT = 100

export async function bench(file: string, flags: BenchFlags): Promise<void> {
  const campaign = loadCampaign(file, flags.quick === true)
  const library = cardLibrary(file)
  const jobs = flags.jobs ?? Math.max(1, Math.min(4, cpus().length))
  if (jobs < 1) throw new JoulespanError('usage', `--jobs: expected at least 1, saw ${jobs}`)
  const path = flags.out ?? join('data/campaigns', campaign.name)
  askBeforeMuch(campaign, flags, () => estimateCampaign(campaign, library, jobs, LOOK_AT))
  const estimate = estimateCampaign(campaign, library, jobs)
  const progress = new Progress()
  progress.status(`${campaign.name}: ${estimateText(campaign, estimate)}`)
  if (flags.dryRun) return answerDryRun(campaign, estimate, path, flags)
  const startedAt = process.hrtime.bigint()
  const signal = interruptSignal(() =>
    progress.status('ending after what is being measured; Ctrl-C again ends at once'),
  )
  const document = await runCampaign({
    campaign,
    path,
    createdBy: createdBy(),
    library,
    timing: cardTiming,
    isResuming: flags.resume === true,
    jobs,
    signal,
    onStatus: (text) => progress.status(text),
    onProgress: ({ done, total, failed, doneNow, last }) => {
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
      const left = durationText((seconds / doneNow) * (total - done))
      const fails = failed === 0 ? '' : `, ${failed} failed`
      progress.share(`${done} of ${total} measured${fails}, ${left} left; ${last}`, done / total)
    },
  })
  progress.end()
  if (document.status === 'interrupted') {
    process.stderr.write(`interrupted; joulespan bench ${file} --resume${againFlags(flags)} goes on\n`)
    process.exitCode = 130
    return
  }
  const results = await readResults(new CampaignFolder(path))
  if (flags.json) {
    const { format: _format, version: _version, text: _text, recipe: _recipe, ...plain } = document
    process.stdout.write(
      `${JSON.stringify({ format: 'joulespan.bench', version: 1, campaign_dir: path, ...plain, results })}\n`,
    )
  } else process.stdout.write(reportCampaign(path, document, results))
  if (document.failed > 0)
    throw new JoulespanError(
      'quality',
      `expected every measurement, saw ${document.failed} of ${document.runs.length} fail`,
      {
        hint: `${path}/trials.parquet has the reasons`,
      },
    )
}

function askBeforeMuch(campaign: Campaign, flags: BenchFlags, estimate: () => Estimate): void {
  const runs = campaign.trials.length * campaign.passes
  if (runs <= ASK_FROM || flags.yes || flags.dryRun) return
  throw new JoulespanError(
    'usage',
    `expected --yes for more than ${ASK_FROM} measurements, saw ${estimateText(campaign, estimate())}`,
    { hint: 'filters (`only`, `exclude`), fewer passes or --quick make it less' },
  )
}

function estimateText(campaign: Campaign, { runs, wallS, bytes }: Estimate): string {
  const how = campaign.isLive ? 'live' : 'offline'
  return (
    `${campaign.trials.length} trials in ${campaign.passes} passes, ${runs} measurements ${how}: ` +
    `about ${durationText(wallS)} and ${bytesText(bytes)} of disk`
  )
}

function answerDryRun(campaign: Campaign, estimate: Estimate, path: string, flags: BenchFlags): void {
  const trials = campaign.trials.map(({ id }) => id)
  if (!flags.json) {
    process.stdout.write(`${trials.join('\n')}\n`)
    return
  }
  const { runs, measuredS, wallS, bytes } = estimate
  const figures = { runs, measured_s: measuredS, wall_s: wallS, disk_bytes: Math.round(bytes) }
  process.stdout.write(
    `${JSON.stringify({ format: 'joulespan.bench-plan', version: 1, campaign_dir: path, trials, ...figures })}\n`,
  )
}

function againFlags({ out, quick }: BenchFlags): string {
  return `${quick ? ' --quick' : ''}${out === undefined ? '' : ` --out ${out}`}`
}
