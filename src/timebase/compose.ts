/** A certified map: host time of x lies in [lower(x), upper(x)]. An envelope is one. Both sides grow with x. */
export interface HostBounds {
  lower(x: number): number
  upper(x: number): number
}

/**
 * Two maps in a row, such as device to measuring host and measuring host to the host of a runner elsewhere: the sides of the first
 * through the sides of the second, so half-widths add. The second is the same envelope over a socket of its own: what one
 * host sent at h and the other read at r says r(h) <= r, what came back says r(h) >= r.
 */
export function inSequence(first: HostBounds, second: HostBounds): HostBounds {
  return {
    lower: (x) => second.lower(first.lower(x)),
    upper: (x) => second.upper(first.upper(x)),
  }
}
