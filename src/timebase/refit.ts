import type { HostClock } from './host-clock.ts'
import type { Oscillator } from './oscillator.ts'
import type { PairTable } from './pair-table.ts'
import { refitOnline } from './refit-online.ts'
import { refitTwoPass } from './refit-two-pass.ts'

/** How a map is made from stored pairs. */
export interface RefitOptions {
  readonly mode: 'online' | 'two-pass'
  readonly tickHz: number
  readonly oscillator: Oscillator
  /** Certified least delays of the link, ns. */
  readonly floorUpNs: number
  readonly floorDownNs: number
  /** A stamp is the floor of the device's time: the tick it stands for. 0 when the pairs were corrected for it already. */
  readonly stampTicks: number
  /** Slew of the host's clock against its raw oscillator; 0 when there is none, or when `clock` takes it out. */
  readonly hostSlewPerS: number
  /** Host stamps are CLOCK_MONOTONIC, slewed: the map is made in CLOCK_MONOTONIC_RAW through this. */
  readonly clock?: HostClock
}

export interface Query {
  readonly tick: bigint
  /** Undefined: of whichever boot reaches the tick first. */
  readonly boot?: string
}

/** The instants of a tick, [tick, tick + 1), lie within `boundNs` of `hostNs`. */
export interface Answer {
  readonly query: Query
  readonly hostNs: bigint | null
  /** Guaranteed half-width; null where nothing is certain. */
  readonly boundNs: number | null
  /** Number of the epoch it was answered in. */
  readonly epoch: number | null
  /** Why a figure is null. */
  readonly reason: string | null
}

/** certified: both sides known. estimate, unbounded: no ping was answered, arrivals only. unaligned: not even that. */
export type EpochLabel = 'certified' | 'estimate, unbounded' | 'unaligned'

/** A stretch of one unbroken device clock. */
export interface Epoch {
  readonly epoch: number
  readonly boot: string | null
  /** What it began with. */
  readonly cause: 'start' | 'boot' | 'step'
  readonly label: EpochLabel
  readonly firstTick: bigint
  readonly lastTick: bigint
  readonly firstHostNs: bigint
  readonly lastHostNs: bigint
  readonly up: number
  readonly down: number
  /** Host seconds per nominal device second less one; online: at the end of the epoch, two-pass: its mean. */
  readonly ratePpm: number | null
  readonly rateBoundPpm: number | null
  /** Over all frames that were aligned. */
  readonly boundNs: { readonly p50: number; readonly p99: number; readonly max: number } | null
  /** What the mean bound is made of, ns. */
  readonly budgetNs: Budget | null
}

export interface Budget {
  /** Half of what the least delays of the link leave open at the best instant, beyond the claimed floors. */
  readonly link: number
  /** Added because the best pairs lie some time away and the rate is known to an interval only. */
  readonly rate: number
  /** Half a tick of the device. */
  readonly tick: number
}

/** A step of the device's clock, or a drift beyond what is declared: the stretch in which nothing is certain. */
export interface Step {
  readonly boot: string | null
  readonly fromTick: bigint
  readonly toTick: bigint
}

export interface Refit {
  readonly epochs: readonly Epoch[]
  readonly steps: readonly Step[]
  /** In the order of the queries. */
  readonly answers: readonly Answer[]
}

/** The map from ticks to host time, made anew from stored pairs. */
export function refit(pairs: PairTable, queries: readonly Query[], options: RefitOptions): Refit {
  return options.mode === 'online' ? refitOnline(pairs, queries, options) : refitTwoPass(pairs, queries, options)
}
