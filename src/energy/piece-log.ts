import type { Activity } from './activity.ts'

/**
 * The pieces of a window in which something was active: constant in who was active and in which part of its course, with the
 * energy above the baseline. Kept because powers are learned from a whole window before it is divided.
 */
export class PieceLog {
  readonly rails: number
  pieces = 0
  #partCount = 0
  startNs = new Float64Array(1024)
  /** Time covered by samples on all rails, s. */
  coveredS = new Float64Array(1024)
  /** What powers may be learned from: the time clear of the edges of others, s; 0 when there is none. */
  clearS = new Float64Array(1024)
  /** 1: its energy has been given already, to what was active alone. */
  given = new Uint8Array(1024)
  /** How many of its parts are active; the others are behind their ends. */
  active = new Uint16Array(1024)
  /** Joules above the baseline and standard uncertainty of the baseline, W; by piece, then by rail. */
  aboveJ: Float64Array
  /** Joules above the baseline in the clear time; by piece, then by rail. */
  clearJ: Float64Array
  baselineUW: Float64Array
  firstPart = new Uint32Array(1025)
  /** Longer than what is in use: growing costs more than keeping. */
  readonly parts: Activity[] = []
  /** Unknown of the fit each was drawing by: a part of its course, or its tail; -1: not known. */
  unknowns = new Int32Array(4096)
  /** Idle time of the window, s. */
  idleS = 0

  constructor(rails: number) {
    this.rails = rails
    this.aboveJ = new Float64Array(1024 * rails)
    this.clearJ = new Float64Array(1024 * rails)
    this.baselineUW = new Float64Array(1024 * rails)
  }

  clear(): void {
    this.pieces = 0
    this.#partCount = 0
    this.idleS = 0
  }

  /** Parts are added first, those active before those behind their ends. */
  addPart(activity: Activity, unknown: number): void {
    const at = this.#partCount++
    if (at === this.unknowns.length) this.unknowns = larger(this.unknowns, new Int32Array(2 * at))
    this.unknowns[at] = unknown
    this.parts[at] = activity
  }

  /** Closes the piece over the parts added since the last; returns its number, whose energies the caller fills in. */
  addPiece(startNs: number, coveredS: number, active: number, isGiven: boolean, clearS: number): number {
    if (this.pieces === this.startNs.length) this.#grow()
    const piece = this.pieces++
    this.startNs[piece] = startNs
    this.coveredS[piece] = coveredS
    this.active[piece] = active
    this.given[piece] = isGiven ? 1 : 0
    this.clearS[piece] = clearS
    this.firstPart[piece + 1] = this.#partCount
    return piece
  }

  #grow(): void {
    const size = 2 * this.startNs.length
    this.startNs = larger(this.startNs, new Float64Array(size))
    this.coveredS = larger(this.coveredS, new Float64Array(size))
    this.clearS = larger(this.clearS, new Float64Array(size))
    this.given = larger(this.given, new Uint8Array(size))
    this.active = larger(this.active, new Uint16Array(size))
    this.aboveJ = larger(this.aboveJ, new Float64Array(size * this.rails))
    this.clearJ = larger(this.clearJ, new Float64Array(size * this.rails))
    this.baselineUW = larger(this.baselineUW, new Float64Array(size * this.rails))
    this.firstPart = larger(this.firstPart, new Uint32Array(size + 1))
  }
}

function larger<A extends Float64Array | Uint8Array | Uint16Array | Int32Array | Uint32Array>(old: A, space: A): A {
  space.set(old)
  return space
}
