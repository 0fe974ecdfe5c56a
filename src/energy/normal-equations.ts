import type { PieceLog } from './piece-log.ts'

/**
 * Sums over pieces from which powers are learned: for every pair of unknowns the time both drew, for every unknown the energy
 * of the pieces it drew in. Weighted by duration these are the normal equations of "energy = sum of powers x time", with one
 * unknown (number 0) for what the baseline is off. A piece costs the square of what was active in it, whatever the run's size.
 */
export class NormalEquations {
  readonly rails: number
  size = 0
  /** Seconds, size x size. */
  timeS: Float64Array = new Float64Array(0)
  /** Joules by rail. */
  energyJ: Float64Array[]
  /** Seconds in which both of two columns were active; columns x columns. */
  columns = 0
  bothS: Float64Array = new Float64Array(0)
  /** Time something was active, and idle time, s. */
  busyS = 0
  idleS = 0
  /** Sum of u(baseline) x time by rail, J. */
  readonly baselineUJ: Float64Array

  constructor(rails: number) {
    this.rails = rails
    this.energyJ = Array.from({ length: rails }, () => new Float64Array(0))
    this.baselineUJ = new Float64Array(rails)
  }

  grow(size: number, columns: number): void {
    if (size > this.size) {
      this.timeS = resized(this.timeS, this.size, size)
      this.energyJ = this.energyJ.map((old) => {
        const larger = new Float64Array(size)
        larger.set(old)
        return larger
      })
      this.size = size
    }
    if (columns > this.columns) {
      this.bothS = resized(this.bothS, this.columns, columns)
      this.columns = columns
    }
  }

  forget(factor: number): void {
    for (const sums of [this.timeS, this.bothS, this.baselineUJ, ...this.energyJ])
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) * factor
    this.busyS *= factor
    this.idleS *= factor
  }

  add(log: PieceLog): void {
    const { timeS, bothS, size, columns } = this
    for (let piece = 0; piece < log.pieces; piece++) {
      const seconds = log.clearS[piece] as number
      if (seconds === 0) continue
      const from = log.firstPart[piece] as number
      const to = log.firstPart[piece + 1] as number
      timeS[0] = (timeS[0] as number) + seconds
      for (let a = from; a < to; a++) {
        const i = log.unknowns[a] as number
        timeS[i] = (timeS[i] as number) + seconds
        timeS[i * size] = (timeS[i * size] as number) + seconds
        for (let b = from; b < to; b++) {
          const at = i * size + (log.unknowns[b] as number)
          timeS[at] = (timeS[at] as number) + seconds
        }
      }
      for (let r = 0; r < this.rails; r++) {
        const joules = log.clearJ[piece * this.rails + r] as number
        const energyJ = this.energyJ[r] as Float64Array
        energyJ[0] = (energyJ[0] as number) + joules
        for (let a = from; a < to; a++) {
          const i = log.unknowns[a] as number
          energyJ[i] = (energyJ[i] as number) + joules
        }
        this.baselineUJ[r] =
          (this.baselineUJ[r] as number) + seconds * (log.baselineUW[piece * this.rails + r] as number)
      }
      const active = from + (log.active[piece] as number)
      if (active > from) this.busyS += seconds
      for (let a = from; a < active; a++) {
        const row = (log.parts[a]?.column?.index ?? 0) * columns
        for (let b = from; b < active; b++) {
          const at = row + (log.parts[b]?.column?.index ?? 0)
          bothS[at] = (bothS[at] as number) + seconds
        }
      }
    }
    this.idleS += log.idleS
  }
}

function resized(old: Float64Array, from: number, to: number): Float64Array {
  const out = new Float64Array(to * to)
  for (let i = 0; i < from; i++) out.set(old.subarray(i * from, (i + 1) * from), i * to)
  return out
}
