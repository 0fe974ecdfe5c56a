// Overlapping executions on one rail with known powers: four devices, the schedules of research/clock-attribution.md section 4.
import { seededRandom } from '../../src/units/random.ts'

export interface Execution {
  readonly device: number
  readonly startS: number
  readonly endS: number
  /** Its power over that of its device; 1 when left out. */
  readonly powerRel?: number
}

export const SCHEDULES = [
  'pipeline-20',
  'pipeline-50',
  'bursts',
  'independent',
  'saturated',
  'lock-step-gaps',
  'lock-step-solid',
] as const
export type Schedule = (typeof SCHEDULES)[number]

/** Stage times, s, and powers, W, of the four devices. */
export const STAGE_S = [2.1e-3, 3.4e-3, 1.7e-3, 2.8e-3] as const
export const POWER_W = [0.5, 1, 1.5, 2] as const
const SPREAD = 0.03

/** Standard normal deviates (G. E. P. Box and M. E. Muller, 1958). */
export function gaussian(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** An idle gap is this long: everything admitted before has ended, and nothing is admitted for so long. */
const GAP_S = 5e-3

/** `requests` requests through the four devices, from `fromS` on, ordered by device, then time; an idle gap every `gapEveryS`. */
export function executionsOf(
  schedule: Schedule,
  requests: number,
  seed: number,
  fromS: number,
  gapEveryS = Number.POSITIVE_INFINITY,
): Execution[] {
  let gapS = fromS + gapEveryS
  const random = seededRandom(seed)
  const normal = gaussian(random)
  const exponential = (mean: number): number => -mean * Math.log(1 - random())
  const spread = (s: number): number => s * (1 + SPREAD * normal())
  const lists: Execution[][] = STAGE_S.map(() => [])
  const freeS = STAGE_S.map(() => fromS)
  const run = (device: number, startS: number, lengthS: number): number => {
    const endS = startS + lengthS
    lists[device]?.push({ device, startS, endS })
    freeS[device] = endS
    return endS
  }
  let t = fromS
  for (let n = 0; n < requests; n++) {
    if (schedule === 'independent') {
      STAGE_S.forEach((s, d) => {
        run(d, (freeS[d] as number) + exponential(3e-3), spread(s))
      })
      continue
    }
    if (schedule === 'lock-step-gaps' || schedule === 'lock-step-solid') {
      const length = 2.5e-3 * (1 + (schedule === 'lock-step-gaps' ? 0.05 : 0.02) * normal())
      for (let d = 0; d < 4; d++) run(d, t, length)
      t += length + (schedule === 'lock-step-gaps' ? 1e-3 * random() : 0)
      continue
    }
    const slowest = Math.max(...STAGE_S)
    if (schedule === 'pipeline-20') t += exponential(slowest / 0.2)
    if (schedule === 'pipeline-50') t += exponential(slowest / 0.5)
    if (schedule === 'bursts' && n % 20 === 0) t = Math.max(t, ...freeS) + 8e-3
    if ((freeS[0] as number) >= gapS) {
      t = Math.max(...freeS) + GAP_S
      gapS = t + gapEveryS
    }
    let ready = t
    STAGE_S.forEach((s, d) => {
      ready = run(d, Math.max(ready, freeS[d] as number), spread(s))
    })
  }
  return lists.flat()
}
