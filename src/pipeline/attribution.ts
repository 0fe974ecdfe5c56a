import type { EnergyResult } from '../energy/result.ts'
import { conservationError, type RailTotals } from '../energy/totals.ts'
import { budgetOfMean } from '../energy/uncertainty.ts'
import type { AttributeDocument, AttributeWarning, ModelFacts, OptionFacts, RowFacts } from './attribute-document.ts'
import { REPEATED } from './attribute-sink.ts'
import { plain } from './attribute-warnings.ts'
import { describeLearning, type Learning } from './learning.ts'
import type { ListedSpans } from './listed-spans.ts'
import { TaskStatistics } from './task-statistics.ts'
import { type RailSettings, TraceLedger, type TraceRows, type TraceSettings } from './trace-ledger.ts'

/** The ledger, and what is counted over its windows. */
export class Attribution {
  readonly ledger: TraceLedger
  readonly inferences = new RowCount()
  readonly stages = new RowCount()
  readonly #settings: TraceSettings
  readonly #spans: ListedSpans
  readonly #tasks = new Map<string, TaskStatistics>()

  constructor(settings: TraceSettings, spans: ListedSpans) {
    this.#settings = settings
    this.#spans = spans
    this.ledger = new TraceLedger(settings, spans)
  }

  note(result: TraceRows): TraceRows {
    for (const row of result.inferences) {
      const key = `${row.span.source}:${row.span.task}:${row.span.model}`
      const statistics = this.#tasks.get(key) ?? new TaskStatistics()
      this.#tasks.set(key, statistics)
      statistics.add(row)
      this.inferences.add(row)
    }
    for (const row of result.stages) this.stages.add(row)
    for (const _ of result.repeated) this.stages.add({ method: 'unresolved', reason: REPEATED })
    return result
  }

  energy(): AttributeDocument['energy'] {
    return Object.fromEntries(this.ledger.ledger.totals.map((totals, r) => [totals.rail, this.#energyOf(totals, r)]))
  }

  #energyOf(totals: RailTotals, r: number) {
    const { gainURel, offsetUW } = this.#settings.rails[r] as RailSettings
    const coveredS = (this.#settings.trace.end - this.#settings.trace.start) / 1e9 - totals.gapS
    const noiseJ = Math.sqrt(this.ledger.noiseOf(r).densityJ2PerS * coveredS)
    return {
      measured_j: totals.measuredJ,
      measured_u_j: Math.hypot(totals.measuredJ * gainURel, offsetUW * coveredS, noiseJ),
      idle_j: totals.idleJ,
      idle_unowned_j: totals.idleUnownedJ,
      attributed_j: totals.attributedJ,
      load_j: totals.loadJ,
      unattributed_j: totals.unattributedJ,
      uncovered_j: totals.uncoveredJ,
      gap_s: totals.gapS,
      conservation_error: conservationError(totals),
    }
  }

  models(): ModelFacts[] {
    const { list } = this.#spans
    const rails = this.ledger.uncertainty
    const baselineUW = rails.map((_, r) => this.ledger.meanBaselineUW(r))
    return [...this.#tasks].map(([key, statistics]) => {
      const [, task, model] = key.split(':').map(Number) as [number, number, number]
      const account = this.ledger.ledger.tasks.get(key)
      const isKnown = account !== undefined && statistics.energyMeanJ !== undefined
      return {
        task: list.tasks[task] ?? null,
        model: list.models[model] as string,
        n_inferences: statistics.inferences,
        n_with_energy: statistics.counted,
        energy_mean_j: statistics.energyMeanJ ?? null,
        energy_mean_u_j: isKnown ? budgetOfMean(account, statistics.inferences, rails, baselineUW).uJ : null,
        energy_idle_mean_j: statistics.idleMeanJ ?? null,
        energy_sd_j: statistics.energySdJ ?? null,
        duration_p50_ns: statistics.durationQuantileNs(0.5) ?? null,
      }
    })
  }

  optionFacts(): OptionFacts {
    const { guards, delayNs, delayUNs, timeConstantNs, alignBoundNs, rails } = this.#settings
    const railFacts = rails.map((rail, r) => {
      const means = [...this.ledger.idle.survey.means(r).values()]
      const measured = this.ledger.isNoiseUnknown(r) ? 'nothing' : 'idle gaps'
      return [
        rail.name,
        {
          gain_u: rail.gainURel,
          offset_u_w: rail.offsetUW,
          noise_w: this.ledger.isNoiseUnknown(r) ? null : this.ledger.noiseOf(r).cellSdW,
          noise_from: rail.noiseW === undefined ? measured : 'option',
          idle_w: rail.idleW ?? means[0] ?? null,
          idle_from: rail.idleW !== undefined ? 'option' : means.length > 0 ? 'idle gaps' : 'nothing',
        },
      ] as const
    })
    return {
      lead_ns: guards.leadNs,
      tail_ns: guards.tailNs,
      delay_ns: delayNs,
      delay_u_ns: delayUNs,
      time_constant_ns: timeConstantNs,
      align_bound_ns: alignBoundNs,
      rails: Object.fromEntries(railFacts),
    }
  }

  learning(): Learning {
    const rails = this.#settings.rails.map(({ name }) => name)
    return describeLearning(this.ledger.ledger, rails, () => this.#spans.names)
  }

  warnings(): AttributeWarning[] {
    const { rails } = this.#settings
    const warnings: AttributeWarning[] = []
    if (this.ledger.idle.found === 0 && rails.some(({ idleW }) => idleW === undefined))
      warnings.push(
        plain(
          'no-idle',
          1,
          'no idle time was found: without --idle-w nothing is known of the idle power, and nothing is divided',
        ),
      )
    const { found, outOfStep } = this.ledger.ledger.lag
    if (outOfStep) {
      const lag = found === undefined ? '' : ` (${Math.round(found.lagNs / 1e3)} us)`
      const message = `power follows the spans by more than --align-bound-ns and devices explain${lag}: shared energy is not divided by learned powers`
      warnings.push(plain('out-of-step', 1, message))
    }
    const unknown = rails.filter((_, r) => this.ledger.isNoiseUnknown(r)).map(({ name }) => name)
    if (unknown.length > 0)
      warnings.push(
        plain(
          'noise-unknown',
          unknown.length,
          `too little idle time to see the noise of ${unknown.join(', ')}: uncertainties leave it out (--noise-w)`,
        ),
      )
    return warnings
  }
}

/** Rows by method and reason. */
class RowCount {
  #total = 0
  #withoutEnergy = 0
  readonly #methods = new Map<string, number>()
  readonly #reasons = new Map<string, number>()

  add({ method, reason }: Pick<EnergyResult, 'method' | 'reason'>): void {
    this.#total++
    this.#methods.set(method, (this.#methods.get(method) ?? 0) + 1)
    if (reason === undefined) return
    this.#withoutEnergy++
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }

  facts(): RowFacts {
    return {
      total: this.#total,
      without_energy: this.#withoutEnergy,
      by_method: Object.fromEntries(this.#methods),
      by_reason: Object.fromEntries(this.#reasons),
    }
  }
}
