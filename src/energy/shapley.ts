import { type StateSums, stateW } from './state-table.ts'

/** Subsets of more columns than this are not asked for: their number doubles with each. */
const MOST_PLAYERS = 8

/**
 * What each of the columns of a state draws by L. S. Shapley's value ("A value for n-person games", 1953): its marginal power,
 * averaged over all orders in which they could have come. Adds up to the state's power. Undefined unless the power of every
 * subset was measured.
 */
export function shapleyW(
  columns: readonly number[],
  rail: number,
  find: (columns: readonly number[]) => StateSums | undefined,
): { watts: number[]; spreadW: number[] } | undefined {
  const n = columns.length
  if (n > MOST_PLAYERS) return undefined
  const worth = new Float64Array(1 << n)
  for (let subset = 1; subset < 1 << n; subset++) {
    const state = find(columns.filter((_, i) => subset & (1 << i)))
    if (state === undefined) return undefined
    worth[subset] = stateW(state, rail)
  }
  const watts: number[] = []
  const spreadW: number[] = []
  for (let k = 0; k < n; k++) {
    let mean = 0
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let subset = 0; subset < 1 << n; subset++) {
      if (subset & (1 << k)) continue
      const marginal = (worth[subset | (1 << k)] as number) - (worth[subset] as number)
      mean += marginal * orderShare(bitsOf(subset), n)
      least = Math.min(least, marginal)
      most = Math.max(most, marginal)
    }
    watts.push(mean)
    spreadW.push(most - least)
  }
  return { watts, spreadW }
}

/** Share of the n! orders in which exactly a given subset of `size` comes before a given player. */
function orderShare(size: number, n: number): number {
  let share = 1 / n
  // size! (n - 1 - size)! / (n - 1)!
  for (let i = 0; i < size; i++) share *= (i + 1) / (n - 1 - i)
  return share
}

function bitsOf(subset: number): number {
  let count = 0
  for (let rest = subset; rest > 0; rest >>= 1) count += rest & 1
  return count
}
