/** One claim of the issue: what was asked, what came out. */
export interface Claim {
  readonly what: string
  readonly measured: string
  readonly target: string
  readonly met: boolean
}

export interface SectionResult {
  readonly rows: readonly Claim[]
  /** Markdown that goes into docs/accuracy.md as it is; no clock, no machine in it. */
  readonly text: string
}

/** A part of the accuracy report. `scale` 1 is the full one; 0.1 a tenth of its seeds, for tests. */
export interface Section {
  readonly title: string
  run(scale: number): Promise<SectionResult>
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export function claimTable(rows: readonly Claim[]): string {
  return markdownTable(
    ['claim', 'measured', 'target', 'met'],
    rows.map(({ what, measured, target, met }) => [what, measured, target, met ? 'yes' : '**no**']),
  )
}
