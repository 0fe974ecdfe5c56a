import type { Random } from '../units/random.ts'

/**
 * How long to wait from one ping to the next, ms: dense for 3 s, while the rate is being certified, then sparse. Random, so that
 * pings lock neither to USB frames nor to each other.
 */
export function pingPauseMs(sinceStartS: number, random: Random): number {
  return sinceStartS < 3 ? 10 + 20 * random() : 50 + 100 * random()
}
