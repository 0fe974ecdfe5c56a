// Do the intervals and uncertainties of a campaign hold what they say? Many trials, a fresh virtual board each, against what only the
// emulator knows. `node --import tsx test/accuracy/campaign.ts [trials] [seconds]`; the short form is in test/e2e/campaign-truth.test.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Campaign } from '../../src/campaign/campaign.ts'
import { CampaignFolder } from '../../src/campaign/campaign-folder.ts'
import { readTrials } from '../../src/campaign/read-tables.ts'
import { runCampaign } from '../../src/campaign/run-campaign.ts'
import { cardLibrary, cardTiming } from '../../src/cli/card-data.ts'
import { loadCampaign } from '../../src/cli/load-campaign.ts'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { trueInferenceEnergies } from '../../src/truth/read-truth.ts'

export interface TruthCheck {
  readonly trials: number
  readonly within2U: number
  /** Of (E - truth) / u. */
  readonly rms: number
  /** Of the shallowest to the deepest pipelines: the same, by devices. */
  readonly rmsByDepth: ReadonlyMap<number, number>
  /** Mean of (E - truth) / truth. */
  readonly bias: number
  /** Pairs of trials whose 2 u intervals do not overlap, and those of them that stand in the wrong order. */
  readonly apart: number
  readonly misranked: number
  /** Median relative u. */
  readonly uRel: number
}

/** Each trial of the depth sweep, once, as often as it takes: every one on a board of its own. */
export async function checkTruth(
  count: number,
  windowS: number,
  onProgress: (done: number) => void = () => {},
): Promise<TruthCheck> {
  const file = fileURLToPath(new URL('../../pipelines/campaigns/depth-sweep.yaml', import.meta.url))
  const plain = loadCampaign(file, true)
  // a copy of a trial has another name, and so another board
  const trials = Array.from({ length: count }, (_, i) => {
    const trial = plain.trials[i % plain.trials.length] as Campaign['trials'][number]
    return { ...trial, id: `${trial.id}-${i}` }
  })
  const window = { durationS: windowS, inferences: 30, samples: 1000, longestS: windowS }
  const campaign: Campaign = { ...plain, trials, passes: 1, boards: 'fresh', window }
  const path = mkdtempSync(join(tmpdir(), 'joulespan-truth-'))
  const trueMeans = new Map<string, number>()
  try {
    await runCampaign({
      campaign,
      path,
      createdBy: 'joulespan truth check',
      library: cardLibrary(file),
      timing: cardTiming,
      isResuming: true,
      jobs: Math.min(2, cpus().length),
      signal: new AbortController().signal,
      onStatus: (text) => console.error(text),
      onProgress: ({ done }) => onProgress(done),
    })
    const rows = (await readTrials(new CampaignFolder(path))).filter(({ energy_j }) => energy_j != null)
    for (const { run_id: id } of rows) trueMeans.set(id, trueMean(join(path, 'runs', id)))
    return judge(
      rows.map((row) => ({
        e: Number(row.energy_j),
        u: Number(row.energy_u_j),
        depth: Number(row.depth),
        truth: trueMeans.get(row.run_id) as number,
      })),
    )
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

function trueMean(run: string): number {
  const energies = [...trueInferenceEnergies(runFolder(run).truth).values()]
  return energies.reduce((sum, joules) => sum + joules, 0) / energies.length
}

function judge(
  all: readonly { readonly e: number; readonly u: number; readonly truth: number; readonly depth: number }[],
): TruthCheck {
  const z = all.map(({ e, u, truth }) => (e - truth) / u)
  let [apart, misranked] = [0, 0]
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) {
      if (Math.abs(a.e - b.e) <= 2 * (a.u + b.u)) continue
      apart++
      if (Math.sign(a.e - b.e) !== Math.sign(a.truth - b.truth)) misranked++
    }
  const depths = [...new Set(all.map(({ depth }) => depth))].sort((a, b) => a - b)
  const relative = all.map(({ e, u }) => u / e).sort((a, b) => a - b)
  return {
    trials: all.length,
    within2U: z.filter((value) => Math.abs(value) <= 2).length,
    rms: rmsOf(z),
    rmsByDepth: new Map(depths.map((depth) => [depth, rmsOf(z.filter((_, i) => all[i]?.depth === depth))])),
    bias: all.reduce((sum, { e, truth }) => sum + e / truth - 1, 0) / all.length,
    apart,
    misranked,
    uRel: relative[Math.floor(relative.length / 2)] as number,
  }
}

function rmsOf(z: readonly number[]): number {
  return Math.sqrt(z.reduce((sum, value) => sum + value * value, 0) / z.length)
}

export function truthText({ trials, within2U, rms, rmsByDepth, bias, apart, misranked, uRel }: TruthCheck): string {
  return (
    `${trials} trials, a fresh board each: ${within2U} within 2 u of the truth, rms (E - truth)/u ${rms.toFixed(3)} ` +
    `(by devices ${[...rmsByDepth].map(([depth, value]) => `${depth}: ${value.toFixed(2)}`).join(', ')}), mean error ${(100 * bias).toFixed(2)} %, ` +
    `median u ${(100 * uRel).toFixed(2)} %; ${misranked} of ${apart} pairs with separate intervals in the wrong order`
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2] ?? 400)
  const windowS = Number(process.argv[3] ?? 10)
  const check = await checkTruth(count, windowS, (done) => {
    if (done % 20 === 0) console.error(`${done} of ${count}`)
  })
  console.log(truthText(check))
  const isMet = check.within2U >= 0.93 * count && check.rms >= 0.7 && check.rms <= 1.2 && check.misranked === 0
  console.log(isMet ? 'met' : 'missed: at least 93 % within 2 u, rms 0.7 to 1.2, no pair in the wrong order')
  process.exitCode = isMet ? 0 : 1
}
