/**
 * UTC of an instant of the run, whole us since 1970. `utcAtStartUs` is what UTC was at run start by the clock reading
 * nearest to the instant: UTC steps and slews, the run's own clock does not.
 */
export function utcMicroseconds(utcAtStartUs: number, tNs: number): number {
  // Apart, because their sum with its fraction has more digits than a double.
  return Math.floor(utcAtStartUs) + Math.floor(tNs / 1000)
}
