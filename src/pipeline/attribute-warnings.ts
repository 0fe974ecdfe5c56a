import type { Sampling } from '../alignment/sample-period.ts'
import { type PowerFaults, Sightings } from '../foreign/power-faults.ts'
import { SPAN_FAULTS, type SpanFault } from '../foreign/span-faults.ts'
import { NO_INFERENCE } from '../foreign/span-list.ts'
import * as P from '../protocol/constants.ts'
import type { AttributeWarning } from './attribute-document.ts'
import type { ListedSpans } from './listed-spans.ts'

/** What is odd about the power table. */
export function powerWarnings(
  { rails, extra }: { readonly rails: readonly string[]; readonly extra: readonly string[] },
  sampling: Sampling,
  faults: PowerFaults,
): AttributeWarning[] {
  const warnings: AttributeWarning[] = []
  if (extra.length > 0)
    warnings.push(plain('power-columns-ignored', extra.length, `power columns that are not used: ${extra.join(', ')}`))
  if (!sampling.isRegular)
    warnings.push(
      plain(
        'irregular-sampling',
        1,
        `irregular sampling: steps deviate from the period of ${sampling.periodNs} ns by ${(100 * sampling.jitter).toFixed(0)} % (rms); a sample lasts half-way to its neighbours`,
      ),
    )
  add(warnings, 'times-repeated', faults.repeated, (n) => `power rows with the time of the row above: ${n}; averaged`)
  add(
    warnings,
    'power-gaps',
    faults.gaps,
    (n) => `gaps in the power: ${n}, ${(faults.gapsNs / 1e9).toPrecision(3)} s together; not filled`,
  )
  for (const [r, empty] of faults.empty.entries())
    add(warnings, 'power-empty', empty, (n) => `power rows without a figure in ${rails[r]}_w: ${n}; gaps of that rail`)
  return warnings
}

/** What is odd about the span list. */
export function spanWarnings(spans: ListedSpans): AttributeWarning[] {
  const { list, checked, mixedModels } = spans
  const warnings: AttributeWarning[] = []
  if (list.count === 0) warnings.push(plain('no-spans', 1, 'a span list without rows: all power is idle power'))
  if (list.extra.length > 0)
    warnings.push(
      plain('span-columns-ignored', list.extra.length, `span columns that are not used: ${list.extra.join(', ')}`),
    )
  if (checked.unsorted > 0)
    warnings.push(
      plain(
        'spans-unsorted',
        checked.unsorted,
        `spans that begin before the row above: ${checked.unsorted}; put in order`,
      ),
    )
  for (const [name, bit] of Object.entries(SPAN_FAULTS))
    add(
      warnings,
      CODES[name as SpanFault],
      rowsWhere(spans, (row) => ((checked.faults[row] as number) & bit) !== 0),
      (n) => SAYS[name as SpanFault].replace(':', `: ${n};`),
    )
  add(
    warnings,
    'no-inference-id',
    rowsWhere(spans, (row) => list.kind[row] === P.KIND_STAGE && list.inference[row] === NO_INFERENCE),
    (n) => `stages that belong to no inference: ${n}`,
  )
  if (mixedModels.size > 0) {
    const ids = [...mixedModels].slice(0, 5).map((i) => String(list.inferenceIds[i]))
    const message = `inferences that name several models: ${mixedModels.size}; the first counts (inference_id ${ids.join(', ')})`
    warnings.push(plain('mixed-models', mixedModels.size, message))
  }
  return warnings
}

const CODES: Record<SpanFault, string> = {
  endsBeforeStart: 'span-ends-before-start',
  neverEnds: 'span-never-ends',
  overlapsItself: 'span-overlaps-itself',
  outsideTrace: 'span-outside-trace',
  repeated: 'span-repeated',
}

const SAYS: Record<SpanFault, string> = {
  endsBeforeStart: 'spans that end at or before their start: no energy',
  neverEnds:
    'spans without an end: given up at the next start on the device, after 10 s or where the trace ends; no energy',
  overlapsItself: 'spans that overlap another one on their own device: shared as between devices',
  outsideTrace: 'spans that reach beyond the power trace: no energy',
  repeated: 'spans that repeat inference, device, segment and start of an earlier row: the first counts',
}

function rowsWhere({ list }: ListedSpans, isOdd: (row: number) => boolean): Sightings {
  const seen = new Sightings()
  for (let row = 0; row < list.count; row++) if (isOdd(row)) seen.note(list.place[row] as number)
  return seen
}

function add(warnings: AttributeWarning[], code: string, seen: Sightings, message: (n: number) => string): void {
  if (seen.count === 0) return
  warnings.push({ code, message: message(seen.count), count: seen.count, first_rows: seen.first })
}

export function plain(code: string, count: number, message: string): AttributeWarning {
  return { code, message, count, first_rows: [] }
}
