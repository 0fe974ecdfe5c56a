import { type AccuracyRow, isJudged, passes } from './accuracy-row.ts'
import { energyRows } from './energy-main.ts'
import { markdownTable, type Section } from './section.ts'

/** Energy against truth: synthetic overlaps, and at full scale the offline testbed with the real firmware. */
export const energySection: Section = {
  title: 'Energy',
  run: async (scale) => {
    const parts = scale >= 1 ? ['overlap', 'isolated', 'testbed'] : ['overlap']
    const rows = await energyRows(parts, () => undefined)
    const told = rows.filter((row) => !isJudged(row))
    const claims = rows.filter(isJudged).map((row) => ({
      what: cell(`${row.scenario}: ${row.figure}`),
      measured: valueText(row),
      target: limitText(row),
      met: passes(row),
    }))
    const text = `For comparison, without a target:

${markdownTable(
  ['scenario', 'figure', 'value'],
  told.map((row) => [row.scenario, cell(row.figure), valueText(row)]),
)}

Overlaps are synthetic (four devices, 0.5 to 2 W); figures of devices are relative to their own true energy. Runs of the testbed draw
gain, offset, rail voltage, lag, drift and noise by seed; NaN: no inference of a saturated pipeline is given a figure of its own.
`
    return { rows: claims, text }
  },
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function valueText({ value, unit }: AccuracyRow): string {
  return `${value.toPrecision(3)} ${unit}`.trim()
}

function limitText({ least, most, unit }: AccuracyRow): string {
  const limits = [least === undefined ? '' : `at least ${least}`, most === undefined ? '' : `at most ${most}`]
  return `${limits.filter((text) => text !== '').join(', ')} ${unit}`.trim()
}
