import { attribute as attributeTrace, type PerRail } from '../../pipeline/attribute.ts'
import type { AttributeDocument } from '../../pipeline/attribute-document.ts'
import { withUncertainty, withUnit } from '../figures.ts'
import { Progress } from '../progress.ts'
import { table } from '../table.ts'
import { createdBy } from '../version.ts'

export interface AttributeFlags {
  readonly power: string
  readonly spans: string
  readonly out: string
  readonly json?: boolean
  readonly force?: boolean
  readonly gainU: PerRail
  readonly offsetUW: PerRail
  readonly noiseW?: PerRail
  readonly idleW?: PerRail
  readonly delayNs: number
  readonly delayUNs: number
  readonly timeConstantNs: number
  readonly alignBoundNs: number
  readonly leadNs?: number
  readonly tailNs?: number
}

/** The engine of a run on a trace of any other instrument. */
export async function attribute(flags: AttributeFlags): Promise<void> {
  const progress = new Progress()
  const { gainU: gainURel, force = false, json, ...options } = flags
  try {
    const onProgress = (what: string, share: number): void => progress.share(what, share)
    const document = await attributeTrace({ ...options, gainURel, force, createdBy: createdBy(), onProgress })
    progress.end()
    process.stdout.write(json ? `${JSON.stringify(document)}\n` : report(document))
  } finally {
    progress.end()
  }
}

/** What the tables hold, for people. */
function report(document: AttributeDocument): string {
  const { power, spans, options, energy, models, rows, warnings } = document
  const steps = power.is_regular ? '' : `, irregular (${(100 * power.jitter).toFixed(0)} % rms)`
  const gaps = power.gaps === 0 ? '' : `, ${power.gaps} gaps of ${power.gaps_s.toPrecision(3)} s together`
  const lines = [
    `power: ${power.rows} samples of ${power.rails.join(', ')}, period ${withUnit(power.period_ns / 1e9, 's')}${steps}${gaps}`,
    `spans: ${spans.rows} rows, ${spans.inferences} inferences on ${spans.devices.length} devices; guards ${withUnit(options.lead_ns / 1e9, 's', 3)} before, ${withUnit(options.tail_ns / 1e9, 's', 3)} after`,
    ...Object.entries(options.rails).map(
      ([rail, facts]) =>
        `rail ${rail}: idle ${withUnit(facts.idle_w, 'W')} (${facts.idle_from}), noise ${withUnit((facts.noise_w ?? 1) < 1e-12 ? 0 : facts.noise_w, 'W', 3)} a sample (${facts.noise_from})`,
    ),
    '',
  ]
  if (models.length > 0) {
    const head = ['task', 'model', 'inferences', 'energy each (k=2)', 'idle share', 'ms p50']
    const cells = models.map((m) => [
      m.task ?? '-',
      m.model,
      m.n_with_energy === m.n_inferences ? String(m.n_inferences) : `${m.n_with_energy} of ${m.n_inferences}`,
      m.energy_mean_j === null || m.energy_mean_u_j === null
        ? '-'
        : withUncertainty(m.energy_mean_j, m.energy_mean_u_j, 'J'),
      withUnit(m.energy_idle_mean_j, 'J', 3),
      m.duration_p50_ns === null ? '-' : String(Number((m.duration_p50_ns / 1e6).toPrecision(3))),
    ])
    lines.push(table(head, cells), '')
  }
  for (const [rail, e] of Object.entries(energy)) {
    // what is left of rounding is none
    const joules = (value: number): string =>
      withUnit(Math.abs(value) < 1e-12 * Math.abs(e.measured_j) ? 0 : value, 'J')
    lines.push(
      `rail ${rail}: measured ${joules(e.measured_j)} = idle ${joules(e.idle_j)} + attributed ${joules(e.attributed_j)}` +
        ` + load ${joules(e.load_j)} + unattributed ${joules(e.unattributed_j)} + uncovered ${joules(e.uncovered_j)}`,
    )
  }
  for (const [name, { total, by_method, by_reason }] of Object.entries(rows))
    lines.push(
      `${name}: ${total} rows${counts(by_method)}${Object.keys(by_reason).length === 0 ? '' : '; no energy:'}${counts(by_reason)}`,
    )
  for (const { message, first_rows } of warnings)
    lines.push(`warning: ${message}${first_rows.length === 0 ? '' : ` (first at ${first_rows.join(', ')})`}`)
  lines.push(`tables: ${document.out_dir}`, '')
  return lines.join('\n')
}

function counts(by: Readonly<Record<string, number>>): string {
  return Object.entries(by)
    .map(([what, n], i) => `${i === 0 ? ' ' : ', '}${n} ${what}`)
    .join('')
}
