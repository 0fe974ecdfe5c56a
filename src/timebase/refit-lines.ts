import { Envelope } from './envelope.ts'
import type { EpochDraft } from './epoch-draft.ts'
import { PairLog } from './pair-log.ts'
import type { PairTable } from './pair-table.ts'
import type { RefitOptions } from './refit.ts'
import type { Constraint, RefitScale } from './refit-scale.ts'

/** A counter that falls back by more than this was set anew, though no boot id says so. */
const REWIND_S = 0.5

/** One unbroken numbering of ticks: a boot, or what follows a counter that fell back. */
export interface Line {
  readonly boot: number
  readonly cause: EpochDraft['cause']
  readonly log: PairLog
  /** Row of the table of each pair of the log. */
  readonly rows: number[]
  readonly firstUpTick: number
  readonly lastUpTick: number
}

/** Splits pairs into lines within which device time orders them. */
export function splitLines(pairs: PairTable, scale: RefitScale, options: RefitOptions): Line[] {
  const lines: OpenLine[] = []
  const current = new Map<number, OpenLine>()
  const open = (boot: number, cause: Line['cause']): OpenLine => {
    const line = new OpenLine(boot, cause, options)
    lines.push(line)
    current.set(boot, line)
    return line
  }
  for (let i = 0; i < pairs.length; i++) {
    const boot = pairs.boot(i)
    const constraint = scale.constraint(i)
    let line = current.get(boot) ?? open(boot, boot === 0 ? 'start' : 'boot')
    if (!line.fits(constraint) && constraint.d < line.lastD - REWIND_S) {
      // frames contradict nothing when they seem late: those of after the rewind are at the end of the old line
      const strays = line.takeStrays()
      line = open(boot, 'step')
      for (const row of strays) {
        line.fits(scale.constraint(row))
        line.push(row, scale.constraint(row))
      }
      line.fits(constraint)
    }
    line.push(i, constraint)
  }
  for (const line of lines)
    for (const row of line.rows) {
      if (!pairs.isUp(row)) continue
      line.firstUpTick = Math.min(line.firstUpTick, pairs.tick(row))
      line.lastUpTick = Math.max(line.lastUpTick, pairs.tick(row))
    }
  return lines
}

class OpenLine implements Line {
  readonly boot: number
  readonly cause: Line['cause']
  readonly log = new PairLog()
  readonly rows: number[] = []
  firstUpTick = Number.POSITIVE_INFINITY
  lastUpTick = Number.NEGATIVE_INFINITY
  lastD = Number.NEGATIVE_INFINITY
  readonly #envelope: Envelope

  constructor(boot: number, cause: Line['cause'], options: RefitOptions) {
    this.boot = boot
    this.cause = cause
    this.#envelope = new Envelope(options.oscillator, { hostSlewPerS: options.hostSlewPerS })
  }

  fits({ isUpper, d, v }: Constraint): boolean {
    return isUpper ? this.#envelope.addUpper(d, v) : this.#envelope.addLower(d, v)
  }

  push(row: number, { isUpper, d, v }: Constraint): void {
    this.lastD = Math.max(this.lastD, d)
    this.log.push(isUpper, d, v)
    this.rows.push(row)
  }

  /** Takes back the pairs at the end that lie far behind the rest, oldest first. */
  takeStrays(): number[] {
    const strays: number[] = []
    while (this.log.length > 0 && this.log.d(this.log.length - 1) < this.lastD - REWIND_S) {
      strays.push(this.rows.pop() as number)
      this.log.length--
    }
    return strays.reverse()
  }
}
