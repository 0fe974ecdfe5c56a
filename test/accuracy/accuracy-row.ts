/** One line of a table of accuracy: a figure, and the limit it must keep. */
export interface AccuracyRow {
  readonly scenario: string
  readonly figure: string
  readonly value: number
  /** Unit of value and limits. */
  readonly unit: string
  /** Undefined: told for comparison only. */
  readonly most?: number
  readonly least?: number
}

export function passes({ value, most, least }: AccuracyRow): boolean {
  return Number.isFinite(value) && (most === undefined || value <= most) && (least === undefined || value >= least)
}

export function isJudged({ most, least }: AccuracyRow): boolean {
  return most !== undefined || least !== undefined
}

export function describe(row: AccuracyRow): string {
  const limits = [
    row.least === undefined ? '' : `at least ${row.least}`,
    row.most === undefined ? '' : `at most ${row.most}`,
  ]
  const limit = limits.filter((text) => text !== '').join(', ')
  const verdict = isJudged(row) ? (passes(row) ? 'pass' : 'MISS') : ''
  return [row.scenario, row.figure, `${row.value.toPrecision(3)} ${row.unit}`.trim(), limit, verdict]
    .map((text, i) => text.padEnd([30, 58, 14, 24, 0][i] ?? 0))
    .join(' ')
}
