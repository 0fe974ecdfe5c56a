import type { CampaignJson } from '../campaign/campaign-folder.ts'
import type { TrialRow } from '../campaign/trials-table.ts'
import type { Rule } from './report-data.ts'
import { percent } from './words.ts'

/** Steeper, and the window was not steady. */
const DRIFT_MAX_PER_MIN = 0.01
const UNATTRIBUTED_MAX = 0.02

/** What a sound energy report must keep (docs/bench.md), held against what the campaign did. */
export function rulesOf(campaign: CampaignJson, trials: readonly TrialRow[], hasBaselines: boolean): Rule[] {
  const good = trials.filter(({ status }) => status === 'ok')
  const least = (key: 'window_s' | 'n_inferences' | 'n_samples'): number =>
    Math.min(...good.map((row) => Number(row[key] ?? 0)))
  const sum = (key: 'frames_lost' | 'events_lost'): number =>
    good.reduce((total, row) => total + Number(row[key] ?? 0), 0)
  const drifts = good.flatMap((row) => row.drift_rel_per_min ?? []).map(Math.abs)
  const unattributed = good.flatMap((row) => row.unattributed_share ?? []).map(Math.abs)
  const judged = (rule: string, wanted: string, seen: string, isKept: boolean): Rule => ({
    rule,
    wanted,
    seen,
    kept: isKept ? 'kept' : 'broken',
  })
  const unknown = (rule: string, wanted: string, seen: string): Rule => ({ rule, wanted, seen, kept: 'unknown' })
  if (good.length === 0) return [judged('measurements', 'at least one', 'none', false)]
  return [
    judged('warm-up', 'at least 30 inferences', `${campaign.warmup}`, campaign.warmup >= 30),
    drifts.length === 0
      ? unknown(
          'steady window',
          `slope of the energy under ${percent(DRIFT_MAX_PER_MIN, 0)} a minute`,
          'no inference measured by itself',
        )
      : steadiness(drifts, campaign.window.duration_s),
    judged('window', 'at least 10 s', `${least('window_s').toFixed(1)} s`, least('window_s') >= 0.99 * 10),
    judged('inferences', 'at least 1000 in a window', `${least('n_inferences')}`, least('n_inferences') >= 1000),
    judged('samples', 'at least 1000 in a run', `${least('n_samples')}`, least('n_samples') >= 1000),
    judged('passes', 'at least 2, better 10', `${campaign.passes}`, campaign.passes >= 2),
    judged('order', 'random in each pass', campaign.order, campaign.order === 'random'),
    judged('idle', 'baselines before and after', hasBaselines ? 'both' : 'missing', hasBaselines),
    judged(
      'nothing lost',
      'no frame, no event',
      `${sum('frames_lost')} frames, ${sum('events_lost')} events`,
      sum('frames_lost') + sum('events_lost') === 0,
    ),
    unattributed.length === 0
      ? unknown('energy accounted for', `${percent(UNATTRIBUTED_MAX, 0)} unattributed`, 'nothing attributed')
      : judged(
          'energy accounted for',
          `at most ${percent(UNATTRIBUTED_MAX, 0)} of the dynamic energy unattributed`,
          `up to ${percent(Math.max(...unattributed))}`,
          Math.max(...unattributed) <= UNATTRIBUTED_MAX,
        ),
    judged('every trial measured', 'none failed', `${campaign.failed} failed`, campaign.failed === 0),
    unknown('temperature', 'logged, no trip in a window', 'not logged'),
    unknown('observer effect', 'latency with and without the meter', 'not measured'),
  ]
}

/** A slope over seconds, taken to a minute, is mostly noise: then it says nothing. */
function steadiness(drifts: readonly number[], windowS: number): Rule {
  const typical = [...drifts].sort((a, b) => a - b)[Math.floor(drifts.length / 2)] as number
  const wanted = `slope of the energy under ${percent(DRIFT_MAX_PER_MIN, 0)} a minute`
  if (windowS < 10) return { rule: 'steady window', wanted, seen: 'windows too short to tell', kept: 'unknown' }
  const seen = `${percent(typical)} a minute in the median`
  return { rule: 'steady window', wanted, seen, kept: typical <= DRIFT_MAX_PER_MIN ? 'kept' : 'broken' }
}
