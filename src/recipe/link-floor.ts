import type { TestbedRecipe } from './recipe.ts'

/**
 * Floors are claimed so much lower than they are: 10 us too low cost 5 us of the estimate, 100 us too high falsify the bound
 * without a trace.
 */
const DERATE_NS = 10e3

/**
 * Least delay from the virtual board to the host beyond the wire time, ns, as certain from the testbed's own configuration: no byte
 * is handed over before its emulated instant plus the lag. Other link models keep no such promise.
 */
export function certifiedFloorUpNs({ lagNs, link }: Pick<TestbedRecipe, 'lagNs' | 'link'>, isLive: boolean): number {
  return isLive || link === 'pty' ? lagNs - DERATE_NS : 0
}
