import { seededRandom } from '../units/random.ts'

/** One measurement: a trial, by its number in the campaign, in one pass. */
export interface Run {
  readonly trial: number
  readonly pass: number
}

/**
 * Every trial once in each pass, pass by pass. Random: each pass shuffled anew (Fisher and Yates), so that a drift meets all
 * trials alike; the same seed gives the same order.
 */
export function orderRuns(trials: number, passes: number, isRandom: boolean, seed: number): Run[] {
  const random = seededRandom(seed)
  return Array.from({ length: passes }, (_, pass) => {
    const order = Array.from({ length: trials }, (_, trial) => trial)
    for (let i = order.length - 1; isRandom && i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const [a, b] = [order[i] as number, order[j] as number]
      order[i] = b
      order[j] = a
    }
    return order.map((trial) => ({ trial, pass }))
  }).flat()
}
