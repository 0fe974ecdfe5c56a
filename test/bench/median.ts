export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Median seconds of `rounds` calls after one that is not counted. */
export function time(work: () => void, rounds = 5): number {
  work()
  return median(
    Array.from({ length: rounds }, () => {
      const start = process.hrtime.bigint()
      work()
      return Number(process.hrtime.bigint() - start) / 1e9
    }),
  )
}
