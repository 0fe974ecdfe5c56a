/** The smallest value that at least `share` of the values do not exceed; of ascending values. */
export function quantileOf(ascending: ArrayLike<number>, share: number): number | undefined {
  const { length } = ascending
  return length === 0 ? undefined : ascending[Math.min(length - 1, Math.max(0, Math.ceil(share * length - 1e-9) - 1))]
}
