export interface Fit {
  readonly parameters: number[]
  /** Standard uncertainty of each, from the covariance with the residuals' own spread where that is above the stated sigma. */
  readonly uncertainties: number[]
  /** Weighted sum of squares. */
  readonly chi2: number
}

/**
 * Levenberg-Marquardt (Press et al., Numerical Recipes, section 15.5) on residuals already divided by their sigma, with numeric
 * derivatives. Parameters stay at or above zero.
 */
export function leastSquares(start: readonly number[], residualsOf: (parameters: readonly number[]) => number[]): Fit {
  let parameters = [...start]
  let residuals = residualsOf(parameters)
  let chi2 = sumOfSquares(residuals)
  let damping = 1e-3
  for (let step = 0; step < 200 && damping < 1e12; step++) {
    const jacobian = derivatives(parameters, residuals, residualsOf)
    const moved = solve(normal(jacobian, damping), gradient(jacobian, residuals))
    const candidate = parameters.map((value, i) => Math.max(0, value - (moved[i] as number)))
    const next = residualsOf(candidate)
    const nextChi2 = sumOfSquares(next)
    if (nextChi2 >= chi2) {
      damping *= 10
      continue
    }
    const gained = (chi2 - nextChi2) / chi2
    parameters = candidate
    residuals = next
    chi2 = nextChi2
    damping = Math.max(damping / 10, 1e-12)
    if (gained < 1e-12) break
  }
  const jacobian = derivatives(parameters, residuals, residualsOf)
  const freedom = Math.max(1, residuals.length - parameters.length)
  const scale = Math.max(1, chi2 / freedom)
  const uncertainties = parameters.map((_, i) => {
    const unit = parameters.map((__, j) => (i === j ? 1 : 0))
    return Math.sqrt(Math.max(0, (solve(normal(jacobian, 0), unit)[i] as number) * scale))
  })
  return { parameters, uncertainties, chi2 }
}

function derivatives(
  parameters: readonly number[],
  residuals: readonly number[],
  residualsOf: (parameters: readonly number[]) => number[],
): number[][] {
  return parameters.map((value, i) => {
    const step = Math.max(Math.abs(value), 1e-3) * 1e-6
    const shifted = residualsOf(parameters.map((other, j) => (i === j ? other + step : other)))
    return shifted.map((residual, n) => (residual - (residuals[n] as number)) / step)
  })
}

function normal(jacobian: readonly (readonly number[])[], damping: number): number[][] {
  return jacobian.map((a, i) => jacobian.map((b, j) => dot(a, b) * (i === j ? 1 + damping : 1)))
}

function gradient(jacobian: readonly (readonly number[])[], residuals: readonly number[]): number[] {
  return jacobian.map((column) => dot(column, residuals))
}

/** Gauss-Jordan with row exchange; the matrix is a few rows. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number])
  for (let column = 0; column < rows.length; column++) {
    let pivot = column
    for (let r = column; r < rows.length; r++)
      if (Math.abs(rows[r]?.[column] as number) > Math.abs(rows[pivot]?.[column] as number)) pivot = r
    const chosen = rows[pivot] as number[]
    rows[pivot] = rows[column] as number[]
    rows[column] = chosen
    const divisor = chosen[column] as number
    if (divisor === 0) continue
    for (const row of rows) {
      if (row === chosen) continue
      const factor = (row[column] as number) / divisor
      for (let c = column; c < row.length; c++) row[c] = (row[c] as number) - factor * (chosen[c] as number)
    }
  }
  return rows.map((row, i) => (row[rows.length] as number) / ((row[i] as number) || Number.POSITIVE_INFINITY))
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
}

function sumOfSquares(values: readonly number[]): number {
  return dot(values, values)
}
