import { studentQuantile } from './student.ts'

export interface LinearFit {
  readonly slope: number
  readonly meanY: number
  /** Standard error of the slope. */
  readonly slopeU: number
  /** Half-width of the slope's 95 % interval, Student t with n - 2 degrees of freedom. */
  readonly slopeHalfWidth: number
}

/** Least squares of y on x; undefined where x does not vary. */
export function linearFit(x: readonly number[], y: readonly number[]): LinearFit | undefined {
  const n = x.length
  const meanX = mean(x)
  const meanY = mean(y)
  let sxx = 0
  let sxy = 0
  for (let i = 0; i < n; i++) {
    const dx = (x[i] as number) - meanX
    sxx += dx * dx
    sxy += dx * ((y[i] as number) - meanY)
  }
  if (n < 3 || sxx === 0) return undefined
  const slope = sxy / sxx
  let residual = 0
  for (let i = 0; i < n; i++) residual += ((y[i] as number) - meanY - slope * ((x[i] as number) - meanX)) ** 2
  const slopeU = Math.sqrt(residual / (n - 2) / sxx)
  return { slope, meanY, slopeU, slopeHalfWidth: studentQuantile(0.975, n - 2) * slopeU }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
