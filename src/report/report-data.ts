import type { CostRow } from '../campaign/cost-table.ts'
import type { ResultRow } from '../campaign/results-table.ts'
import type { TrialRow } from '../campaign/trials-table.ts'

/** Everything a report says, gathered before it is written. */
export interface ReportData {
  readonly title: string
  readonly about: string
  /** Label and value, such as testbed, versions, calibration. */
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly isQuick: boolean
  readonly rules: readonly Rule[]
  readonly results: readonly ResultRow[]
  readonly trials: readonly TrialRow[]
  readonly cost: readonly CostRow[]
  readonly shares: readonly EnergyShare[]
  readonly trace: Trace | undefined
  readonly warnings: readonly string[]
}

/** A rule of sound measurement, what this campaign did, and whether that keeps it; unknown where nothing tells. */
export interface Rule {
  readonly rule: string
  readonly wanted: string
  readonly seen: string
  readonly kept: 'kept' | 'broken' | 'unknown'
}

/** Where the energy of a mean inference of a trial goes, J. */
export interface EnergyShare {
  readonly trial: string
  readonly parts: readonly (readonly [name: string, joules: number])[]
}

/** Power around one inference. */
export interface Trace {
  readonly title: string
  readonly startNs: number
  readonly endNs: number
  readonly tNs: readonly number[]
  readonly watts: readonly number[]
  readonly stages: readonly {
    readonly device: string
    readonly segment: number
    readonly startNs: number
    readonly endNs: number
  }[]
}

/** A figure with what it shows; `svg` colours by CSS variables. */
export interface Figure {
  /** File name of `--figures`. */
  readonly name: string
  readonly title: string
  readonly caption: string
  readonly svg: string
  readonly isWide?: boolean
}
