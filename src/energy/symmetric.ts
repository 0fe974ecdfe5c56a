/** Dense symmetric matrices, row by row in a Float64Array. */

/** Lower Cholesky factor of the rows and columns in `use`; undefined when they are not positive definite. */
export function cholesky(matrix: Float64Array, size: number, use: readonly number[]): Float64Array | undefined {
  const n = use.length
  const factor = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = (use[i] as number) * size
    for (let j = 0; j <= i; j++) {
      let sum = matrix[row + (use[j] as number)] as number
      for (let k = 0; k < j; k++) sum -= (factor[i * n + k] as number) * (factor[j * n + k] as number)
      if (j < i) factor[i * n + j] = sum / (factor[j * n + j] as number)
      else if (sum > 1e-13 * (matrix[row + (use[i] as number)] as number)) factor[i * n + i] = Math.sqrt(sum)
      else return undefined
    }
  }
  return factor
}

/** Solves factor factor' x = right, in place. */
export function solve(factor: Float64Array, n: number, right: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    let sum = right[i] as number
    for (let k = 0; k < i; k++) sum -= (factor[i * n + k] as number) * (right[k] as number)
    right[i] = sum / (factor[i * n + i] as number)
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = right[i] as number
    for (let k = i + 1; k < n; k++) sum -= (factor[k * n + i] as number) * (right[k] as number)
    right[i] = sum / (factor[i * n + i] as number)
  }
  return right
}

export function inverse(factor: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let j = 0; j < n; j++) {
    const column = new Float64Array(n)
    column[j] = 1
    solve(factor, n, column)
    for (let i = 0; i < n; i++) out[i * n + j] = column[i] as number
  }
  return out
}

/** a' M b */
export function bilinear(matrix: Float64Array, n: number, a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < n; i++) {
    const left = a[i] as number
    if (left === 0) continue
    let sum = 0
    for (let j = 0; j < n; j++) sum += (matrix[i * n + j] as number) * (b[j] as number)
    total += left * sum
  }
  return total
}

/** A M A for symmetric A and M. */
export function sandwich(bread: Float64Array, meat: Float64Array, n: number): Float64Array {
  return multiply(multiply(bread, meat, n), bread, n)
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const left = a[i * n + k] as number
      if (left === 0) continue
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] as number) + left * (b[k * n + j] as number)
    }
  return out
}

/** Eigenvalues by cyclic Jacobi rotations, unordered; destroys a copy. */
export function eigenvalues(matrix: Float64Array, n: number): number[] {
  const a = matrix.slice()
  const at = (i: number, j: number): number => a[i * n + j] as number
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += at(p, q) ** 2
    if (off < 1e-22) break
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(at(p, q)) < 1e-300) continue
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q))
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [at(k, p), at(k, q)]
          a[k * n + p] = c * x - s * y
          a[k * n + q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [at(p, k), at(q, k)]
          a[p * n + k] = c * x - s * y
          a[q * n + k] = s * x + c * y
        }
      }
  }
  return Array.from({ length: n }, (_, i) => at(i, i))
}
