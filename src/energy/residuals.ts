import type { Activity } from './activity.ts'
import type { PowerColumn } from './columns.ts'
import type { PieceLog } from './piece-log.ts'
import type { StateTable } from './state-table.ts'

/** Executions vary, and with them all pieces of one: what is summed over this much of a run is as good as independent. */
const CLUSTER_S = 20e-3
/** The same in executions, for long ones. */
const CLUSTER_EXECUTIONS = 3

/**
 * What the fit leaves of every piece, summed the three ways its quality is judged by: over visits to a state (does the model
 * fit?), over executions (how much do they vary?) and over stretches of time (how well are the powers known?).
 */
export class Residuals {
  readonly rails: number
  size = 0
  /** By rail: sum over clusters of g g', g being what a cluster would move the normal equations by; J^2. */
  scoreJ2: Float64Array[]
  clusters = 0
  /** By rail: residual variance beyond noise, J^2, and what it is a share of: squares of predicted energies, J^2. */
  readonly excessJ2: Float64Array
  readonly squareJ2: Float64Array
  /** Sums over visits, by rail: r^2 and seconds. */
  readonly residualJ2: Float64Array
  seconds = 0
  /** Executions by column. */
  executions = new Float64Array(0)
  executionS = new Float64Array(0)
  #lastSeen: (Activity | undefined)[] = []

  constructor(rails: number) {
    this.rails = rails
    this.scoreJ2 = Array.from({ length: rails }, () => new Float64Array(0))
    this.excessJ2 = new Float64Array(rails)
    this.squareJ2 = new Float64Array(rails)
    this.residualJ2 = new Float64Array(rails)
  }

  grow(size: number, columns: number): void {
    if (size > this.size) {
      this.scoreJ2 = this.scoreJ2.map((old) => {
        const larger = new Float64Array(size * size)
        for (let i = 0; i < this.size; i++) larger.set(old.subarray(i * this.size, (i + 1) * this.size), i * size)
        return larger
      })
      this.size = size
    }
    if (columns <= this.executions.length) return
    const [executions, executionS] = [new Float64Array(columns), new Float64Array(columns)]
    executions.set(this.executions)
    executionS.set(this.executionS)
    this.executions = executions
    this.executionS = executionS
  }

  forget(factor: number): void {
    for (const sums of [this.excessJ2, this.squareJ2, this.residualJ2, this.executions, this.executionS])
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) * factor
    // evidence is weighed by the factor, so its variance by the square
    for (const sums of this.scoreJ2)
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) * factor * factor
    this.seconds *= factor
    this.clusters *= factor
  }

  /** `watts` and `densityJ2PerS` by rail. */
  add(log: PieceLog, watts: readonly Float64Array[], densityJ2PerS: readonly number[], states: StateTable): void {
    this.#countExecutions(log)
    const clusterNs = 1e9 * Math.max(CLUSTER_S, CLUSTER_EXECUTIONS * this.#meanExecutionS())
    const rails = this.rails
    const scores = watts.map((w) => new Float64Array(w.length))
    const residualJ = new Float64Array(rails)
    const touched: number[] = []
    const isTouched = new Uint8Array(this.size)
    const visit = new Visit(rails)
    let cluster = Number.NaN
    const closeCluster = (): void => {
      if (touched.length === 0) return
      this.#closeCluster(touched, scores)
      for (const i of touched) isTouched[i] = 0
      touched.length = 0
    }
    for (let piece = 0; piece < log.pieces; piece++) {
      const ofPiece = Math.floor((log.startNs[piece] as number) / clusterNs)
      if (ofPiece !== cluster) closeCluster()
      cluster = ofPiece
      const seconds = log.clearS[piece] as number
      if (seconds === 0) continue
      const from = log.firstPart[piece] as number
      const to = log.firstPart[piece + 1] as number
      const active = log.active[piece] as number
      if (!visit.isOf(log, from, active)) {
        this.#closeVisit(visit, densityJ2PerS, states)
        visit.open(log, from, active)
      }
      visit.seconds += seconds
      for (let r = 0; r < rails; r++) {
        const w = watts[r] as Float64Array
        let powerW = w[0] as number
        for (let a = from; a < to; a++) powerW += w[log.unknowns[a] as number] as number
        const joules = log.clearJ[piece * rails + r] as number
        const residual = joules - powerW * seconds
        residualJ[r] = residual
        visit.energyJ[r] = (visit.energyJ[r] as number) + joules
        visit.residualJ[r] = (visit.residualJ[r] as number) + residual
        for (let a = 0; a < active; a++) {
          const at = a * rails + r
          visit.partJ[at] = (visit.partJ[at] as number) + seconds * (w[log.unknowns[from + a] as number] as number)
        }
        const score = scores[r] as Float64Array
        score[0] = (score[0] as number) + residual
        for (let a = from; a < to; a++) {
          const i = log.unknowns[a] as number
          score[i] = (score[i] as number) + residual
        }
      }
      if (isTouched[0] === 0) touched.push(0)
      isTouched[0] = 1
      for (let a = from; a < to; a++) {
        const i = log.unknowns[a] as number
        if (isTouched[i] === 0) touched.push(i)
        isTouched[i] = 1
      }
    }
    this.#closeVisit(visit, densityJ2PerS, states)
    closeCluster()
  }

  #countExecutions(log: PieceLog): void {
    for (let piece = 0; piece < log.pieces; piece++) {
      if (log.clearS[piece] === 0) continue
      const from = log.firstPart[piece] as number
      for (let a = from; a < from + (log.active[piece] as number); a++) {
        const activity = log.parts[a] as Activity
        const column = activity.column as PowerColumn
        this.executionS[column.index] = (this.executionS[column.index] as number) + (log.clearS[piece] as number)
        if (this.#lastSeen[column.index] === activity) continue
        this.#lastSeen[column.index] = activity
        this.executions[column.index] = (this.executions[column.index] as number) + 1
      }
    }
  }

  #meanExecutionS(): number {
    let count = 0
    let seconds = 0
    for (let k = 0; k < this.executions.length; k++) {
      count += this.executions[k] as number
      seconds += this.executionS[k] as number
    }
    return count === 0 ? 0 : seconds / count
  }

  #closeCluster(touched: readonly number[], scores: readonly Float64Array[]): void {
    this.clusters++
    scores.forEach((score, r) => {
      const sums = this.scoreJ2[r] as Float64Array
      for (const i of touched) {
        const left = score[i] as number
        for (const j of touched) {
          const at = i * this.size + j
          sums[at] = (sums[at] as number) + left * (score[j] as number)
        }
      }
      for (const i of touched) score[i] = 0
    })
  }

  #closeVisit(visit: Visit, densityJ2PerS: readonly number[], states: StateTable): void {
    if (!(visit.seconds > 0) || visit.columns.length === 0) {
      visit.clear()
      return
    }
    states.addVisit(visit.hash, visit.columns, visit.seconds, visit.energyJ, visit.residualJ)
    this.seconds += visit.seconds
    for (let r = 0; r < this.rails; r++) {
      const square = (visit.residualJ[r] as number) ** 2
      this.residualJ2[r] = (this.residualJ2[r] as number) + square
      this.excessJ2[r] = (this.excessJ2[r] as number) + square - (densityJ2PerS[r] as number) * visit.seconds
      for (let a = 0; a < visit.columns.length; a++)
        this.squareJ2[r] = (this.squareJ2[r] as number) + (visit.partJ[a * this.rails + r] as number) ** 2
    }
    visit.clear()
  }
}

/** A stretch with one set of active spans. */
class Visit {
  readonly energyJ: Float64Array
  readonly residualJ: Float64Array
  /** Predicted energy by active span, then by rail. */
  partJ: Float64Array
  seconds = 0
  hash = 0
  readonly columns: PowerColumn[] = []
  readonly #activities: Activity[] = []
  readonly #rails: number

  constructor(rails: number) {
    this.#rails = rails
    this.energyJ = new Float64Array(rails)
    this.residualJ = new Float64Array(rails)
    this.partJ = new Float64Array(16 * rails)
  }

  isOf(log: PieceLog, from: number, active: number): boolean {
    if (active !== this.#activities.length) return false
    for (let a = 0; a < active; a++) if (log.parts[from + a] !== this.#activities[a]) return false
    return true
  }

  open(log: PieceLog, from: number, active: number): void {
    if (active * this.#rails > this.partJ.length) this.partJ = new Float64Array(2 * active * this.#rails)
    for (let a = 0; a < active; a++) {
      const activity = log.parts[from + a] as Activity
      const column = activity.column as PowerColumn
      this.#activities.push(activity)
      this.columns.push(column)
      this.hash += column.hash
    }
  }

  clear(): void {
    this.partJ.fill(0, 0, this.#activities.length * this.#rails)
    this.energyJ.fill(0)
    this.residualJ.fill(0)
    this.#activities.length = 0
    this.columns.length = 0
    this.seconds = 0
    this.hash = 0
  }
}
