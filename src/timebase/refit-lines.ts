import { Envelope } from './envelope.ts'
import type { EpochDraft } from './epoch-draft.ts'
import { PairLog } from './pair-log.ts'
import type { PairTable } from './pair-table.ts'
import type { RefitOptions } from './refit.ts'
import type { RefitScale } from './refit-scale.ts'

/** A counter that falls back by more than this was set anew, though no boot id says so. */
const REWIND_S = 0.5

/** One unbroken numbering of ticks: a boot, or what follows a counter that fell back. */
export interface Line {
  readonly boot: number
  readonly cause: EpochDraft['cause']
  readonly log: PairLog
  /** Row of the table of each pair of the log. */
  readonly rows: number[]
  lastUpTick: number
}

/** Splits pairs into lines within which device time orders them. */
export function splitLines(pairs: PairTable, scale: RefitScale, options: RefitOptions): Line[] {
  const lines: Line[] = []
  const current = new Map<number, OpenLine>()
  const open = (boot: number, cause: Line['cause']): OpenLine => {
    const line = new OpenLine(boot, cause, options)
    lines.push(line)
    current.set(boot, line)
    return line
  }
  for (let i = 0; i < pairs.length; i++) {
    const boot = pairs.boot(i)
    const { isUpper, d, v } = scale.constraint(i)
    let line = current.get(boot) ?? open(boot, boot === 0 ? 'start' : 'boot')
    if (!line.fits(isUpper, d, v) && d < line.lastD - REWIND_S) {
      line = open(boot, 'step')
      line.fits(isUpper, d, v)
    }
    line.push(i, isUpper, d, v)
    if (isUpper) line.lastUpTick = Math.max(line.lastUpTick, pairs.tick(i))
  }
  return lines
}

class OpenLine implements Line {
  readonly boot: number
  readonly cause: Line['cause']
  readonly log = new PairLog()
  readonly rows: number[] = []
  lastUpTick = Number.NEGATIVE_INFINITY
  lastD = Number.NEGATIVE_INFINITY
  readonly #envelope: Envelope

  constructor(boot: number, cause: Line['cause'], options: RefitOptions) {
    this.boot = boot
    this.cause = cause
    this.#envelope = new Envelope(options.oscillator, { hostSlewPerS: options.hostSlewPerS })
  }

  fits(isUpper: boolean, d: number, v: number): boolean {
    return isUpper ? this.#envelope.addUpper(d, v) : this.#envelope.addLower(d, v)
  }

  push(row: number, isUpper: boolean, d: number, v: number): void {
    this.lastD = Math.max(this.lastD, d)
    this.log.push(isUpper, d, v)
    this.rows.push(row)
  }
}
