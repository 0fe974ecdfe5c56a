/**
 * What a sweep adds up for one owner of energy: a span, an inference or a task. Joules above the baseline, one column per
 * rail, and the weights an uncertainty needs.
 */
export class Account {
  /** Equal split of the stretches in which it was active. */
  readonly equalJ: Float64Array
  /** Energy while nobody else was active: the least it can have caused. */
  readonly exclusiveJ: Float64Array
  /** All energy while it was active: the most it can have caused. */
  readonly inclusiveJ: Float64Array
  readonly idleJ: Float64Array
  /** Sum over stretches of share * length * u(baseline), J: wrong together, as one baseline serves them all. */
  readonly baselineUJ: Float64Array
  /** Sum of share * length and of share^2 * length, s. */
  weightedS = 0
  weightedSquareS = 0
  /** All stretches it took part in, guards included. */
  lengthNs = 0
  coveredNs = 0
  /** Stretches in which others were active too. */
  sharedNs = 0
  /** Another owner was active within the guards. */
  touched = false
  /** Edges shared with another owner: there an alignment error moves energy between them. */
  sharedEdges = 0
  flags = 0

  constructor(rails: number) {
    const all = new Float64Array(5 * rails)
    this.equalJ = all.subarray(0, rails)
    this.exclusiveJ = all.subarray(rails, 2 * rails)
    this.inclusiveJ = all.subarray(2 * rails, 3 * rails)
    this.idleJ = all.subarray(3 * rails, 4 * rails)
    this.baselineUJ = all.subarray(4 * rails)
  }

  get coverage(): number {
    return this.lengthNs === 0 ? 0 : this.coveredNs / this.lengthNs
  }
}
