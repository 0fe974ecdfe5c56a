import type { SummaryRow } from '../dataset/summary-table.ts'
import type { TaskAccount } from '../energy/activity.ts'
import { conservationError } from '../energy/totals.ts'
import { budgetOfMean } from '../energy/uncertainty.ts'
import type { Finaliser } from './finaliser.ts'
import { LogHistogram } from './log-histogram.ts'
import { Names } from './names.ts'
import { joined, TaskStatistics } from './task-statistics.ts'
import type { WindowResult } from './window-result.ts'

/** What is counted over the windows of a run, for run.json and summary.parquet. Memory does not grow with the run. */
export class RunStatistics {
  inferences = 0
  stages = 0
  events = 0
  unresolved = 0
  readonly methods = new Map<string, number>()
  readonly reasons = new Map<string, number>()
  boundMaxNs = 0
  suspends = 0
  ratePpm = Number.NaN
  epochs = 0
  readonly bounds = new LogHistogram()
  readonly tasks = new Map<string, TaskStatistics>()
  readonly #all = new TaskStatistics()

  add(result: WindowResult): void {
    for (const inference of result.inferences) {
      const { source, task, model } = inference.span
      const key = `${source}:${task}:${model}`
      const statistics = this.tasks.get(key) ?? new TaskStatistics()
      this.tasks.set(key, statistics)
      statistics.add(inference)
      this.#all.add(inference)
      this.bounds.add(inference.boundNs)
      if (inference.boundNs > this.boundMaxNs) this.boundMaxNs = inference.boundNs
      if (inference.energyJ === undefined) this.unresolved++
      count(this.methods, inference.method)
      if (inference.reason !== undefined) count(this.reasons, inference.reason)
    }
    this.inferences += result.inferences.length
    this.stages += result.stages.length
    this.events += result.events.length
    for (const { suspends } of result.probes) this.suspends = Math.max(this.suspends, suspends)
    for (const { ratePpm, epoch } of result.knots) {
      if (!Number.isNaN(ratePpm)) this.ratePpm = ratePpm
      this.epochs = Math.max(this.epochs, epoch + 1)
    }
  }

  /** One row per task and model, and one for the whole run. */
  summary(runId: string, startTimeUs: number, finaliser: Finaliser, durationS: number): SummaryRow[] {
    const { ledger, events } = finaliser
    const rows: SummaryRow[] = []
    const common = { run_id: runId, start_time: startTimeUs }
    for (const [key, statistics] of this.tasks) {
      const [source, task, model] = key.split(':').map(Number) as [number, number, number]
      const names = new Names(events.sources[source]?.dictionary)
      const account = ledger.tasks.get(key)
      if (account === undefined) continue
      rows.push({
        ...common,
        task: names.task(task) ?? null,
        model: names.model(model) ?? null,
        ...this.#figures(statistics, account, finaliser, durationS),
      })
    }
    const accounts = [...ledger.tasks.values()].map(({ account }) => account)
    const all = joined(accounts, ledger.totals.length)
    const { splitJ2 } = ledger.allTasks
    const figures = this.#figures(this.#all, { account: all, splitJ2 }, finaliser, durationS)
    rows.push({ ...common, task: null, model: null, ...figures })
    return rows
  }

  #figures(
    statistics: TaskStatistics,
    account: Pick<TaskAccount, 'account' | 'splitJ2'>,
    finaliser: Finaliser,
    durationS: number,
  ) {
    const { energyMeanJ, idleMeanJ, inferences } = statistics
    const { totals } = finaliser.ledger
    const mean = energyMeanJ === undefined ? undefined : budgetOfMean(account, inferences, ...finaliser.meanBudget())
    const measuredJ = totals.reduce((sum, rail) => sum + rail.measuredJ, 0)
    return {
      n_inferences: inferences,
      energy_mean_j: energyMeanJ ?? null,
      energy_mean_u_j: mean?.uJ ?? null,
      energy_idle_mean_j: idleMeanJ ?? null,
      energy_gross_mean_j: energyMeanJ === undefined || idleMeanJ === undefined ? null : energyMeanJ + idleMeanJ,
      energy_rail_per_inference_j: this.inferences === 0 ? null : measuredJ / this.inferences,
      energy_median_j: statistics.energyQuantileJ(0.5) ?? null,
      energy_sd_j: statistics.energySdJ ?? null,
      duration_mean_ns: inferences === 0 ? null : Math.round(statistics.durationNs / inferences),
      duration_p50_ns: statistics.durationQuantileNs(0.5) ?? null,
      duration_p95_ns: statistics.durationQuantileNs(0.95) ?? null,
      duration_p99_ns: statistics.durationQuantileNs(0.99) ?? null,
      throughput_per_s: durationS > 0 ? inferences / durationS : null,
      coverage_min: inferences === 0 ? null : statistics.coverageMin,
      frames_lost: finaliser.serial.tracker.counts.framesLost,
      events_lost: finaliser.eventsLost,
      align_bound_ns_p99: this.bounds.quantile(0.99) ?? null,
      conservation_error: Math.max(...totals.map(conservationError)),
    }
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}
