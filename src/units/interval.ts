/** [start, end) on one time axis. */
export interface Interval {
  readonly start: number
  readonly end: number
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end
}
