const MODULUS = 2 ** 32

/** The value nearest to `predicted` that a 32-bit counter showing `raw` can stand for. */
export function unwrapNear(raw: number, predicted: number): number {
  return raw + MODULUS * Math.round((predicted - raw) / MODULUS)
}
