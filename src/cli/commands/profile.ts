import { writeFile } from 'node:fs/promises'
import { openRunFolder } from '../../dataset/run-folder.ts'
import type { FoldedBin } from '../../energy/folded-power.ts'
import { type Profile, profileRun, writeProfile } from '../../pipeline/profile.ts'
import { withUncertainty, withUnit } from '../figures.ts'
import { findRun } from '../find-run.ts'
import { drawProfile } from '../plot/profile-picture.ts'
import { Progress } from '../progress.ts'

export interface ProfileFlags {
  readonly model?: string
  readonly segment?: number
  readonly bins: number
  readonly json?: boolean
  readonly runs: string
  readonly plot?: string
  readonly out?: string
}

/** The power of one execution over its time, from the samples of all. */
export async function profile(run: string, flags: ProfileFlags): Promise<void> {
  const path = findRun(run, flags.runs)
  const progress = new Progress()
  const { bins, model, segment } = flags
  let found: Profile
  try {
    found = await profileRun(await openRunFolder(path), {
      bins,
      ...(model === undefined ? {} : { model }),
      ...(segment === undefined ? {} : { segment }),
      onProgress: (share) => progress.share('folding', share),
    })
  } finally {
    progress.end()
  }
  if (flags.out !== undefined) await writeProfile(flags.out, found)
  if (flags.plot !== undefined) await writeFile(flags.plot, `${drawProfile(found)}\n`)
  process.stdout.write(flags.json ? `${JSON.stringify(documentOf(found, path))}\n` : report(found, flags))
}

function report(found: Profile, flags: ProfileFlags): string {
  const what = found.segment === undefined ? 'inferences' : `executions of segment ${found.segment}`
  const left = [
    [found.overlapping, 'not alone'],
    [found.notMeasured, 'not measured throughout'],
    [found.tooLong, 'much longer than the others'],
  ]
    .filter(([n]) => n !== 0)
    .map(([n, why]) => `${n} ${why}`)
  const { uniformity } = found
  const lines = [
    `${found.runId}: ${found.folded} ${what} of ${found.model} folded${left.length === 0 ? '' : ` (left out: ${left.join(', ')})`}`,
    `duration ${withUnit(found.durationP50Ns / 1e9, 's')} (median), a sample every ${withUnit(found.samplePeriodNs / 1e9, 's')}${found.short === 0 ? '' : `; ${found.short} last less than two samples`}`,
    '',
    barChart(found.byTime),
    '',
    `integral ${withUncertainty(found.integralJ, found.integralSeJ, 'J')} (k=2, scatter alone)${found.energyCount === 0 ? '' : `, mean energy of ${found.energyCount} of them ${withUnit(found.energyMeanJ, 'J')}`}`,
    `start phases against the samples: Kuiper V ${uniformity.v.toFixed(3)}, p ${uniformity.p.toPrecision(2)} (${uniformity.count} starts)`,
    ...warningsOf(found).map((warning) => `warning: ${warning}`),
    ...[flags.out, flags.plot].filter((file) => file !== undefined).map((file) => `wrote ${file}`),
  ]
  return `${lines.join('\n')}\n`
}

const BAR_WIDTH = 48

/** One line a bin: time, power with its standard error, and a bar; `|` is idle power where bars go both ways. */
function barChart(bins: readonly FoldedBin[]): string {
  const known = bins.map(({ watts }) => watts).filter((watts) => !Number.isNaN(watts))
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)]
  const column = (watts: number): number => Math.round(((watts - low) / (high - low || 1)) * BAR_WIDTH)
  const zero = column(0)
  const lines = bins.map(({ from, to, watts, seW, count }) => {
    const at = ((from + to) / 2e6).toFixed(3).padStart(9)
    if (count === 0) return `${at}        -          (no sample)`
    const end = column(watts)
    const [left, right] = [Math.min(zero, end), Math.max(zero, end)]
    const bar = `${' '.repeat(left)}${'#'.repeat(right - left)}`
    const se = Number.isNaN(seW) ? '' : seW.toFixed(3)
    return `${at} ${watts.toFixed(3).padStart(8)} ${se.padStart(6)}  ${bar.slice(0, zero)}${zero > left && end < zero ? '|' : ''}${bar.slice(zero)}`.trimEnd()
  })
  return [`${'ms'.padStart(9)} ${'W'.padStart(8)} ${'s.e.'.padStart(6)}  power above idle`, ...lines].join('\n')
}

export function warningsOf(found: Profile): string[] {
  const warnings: string[] = []
  const { p, v } = found.uniformity
  if (found.isLocked)
    warnings.push(
      `starts are locked to the sampling (Kuiper V ${v.toFixed(2)}, p ${p.toPrecision(2)}): the same instants are sampled again and again, and what lies between them is not seen; vary the pauses between inferences`,
    )
  const empty = found.byTime.filter(({ count }) => count === 0).length
  if (empty > 0) warnings.push(`${empty} bins have no sample: fewer --bins, or more inferences`)
  const bin = found.byTime[0]
  if (bin !== undefined && bin.to - bin.from < found.boundNs)
    warnings.push(
      `bins of ${withUnit((bin.to - bin.from) / 1e9, 's', 3)} are narrower than the clock bound of ${withUnit(found.boundNs / 1e9, 's', 3)}: edges are smeared by up to that`,
    )
  return warnings
}

function documentOf(found: Profile, path: string) {
  const number = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const bins = (list: readonly FoldedBin[], unit: string) =>
    list.map(({ from, to, watts, seW, count }) => ({
      [`from${unit}`]: from,
      [`to${unit}`]: to,
      power_w: number(watts),
      power_se_w: number(seW),
      n: count,
    }))
  return {
    format: 'joulespan.profile',
    version: 1,
    run_id: found.runId,
    run_dir: path,
    model: found.model,
    segment: found.segment ?? null,
    sample_period_ns: found.samplePeriodNs,
    duration_p50_ns: found.durationP50Ns,
    lead_ns: found.guards.leadNs,
    tail_ns: found.guards.tailNs,
    folded: found.folded,
    shorter_than_two_samples: found.short,
    left_out: { not_alone: found.overlapping, not_measured: found.notMeasured, too_long: found.tooLong },
    align_bound_max_ns: found.boundNs,
    integral_j: number(found.integralJ),
    integral_se_j: number(found.integralSeJ),
    energy_mean_j: number(found.energyMeanJ),
    energy_n: found.energyCount,
    phases: {
      kuiper_v: found.uniformity.v,
      p: found.uniformity.p,
      n: found.uniformity.count,
      is_locked: found.isLocked,
    },
    by_time: bins(found.byTime, '_ns'),
    by_phase: bins(found.byPhase, ''),
    warnings: warningsOf(found),
  }
}
