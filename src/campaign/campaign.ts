import type { Network } from '../card/network.ts'
import type { Replicas } from '../card/partition.ts'

/** A campaign file, checked and with its trials laid out. */
export interface Campaign {
  readonly name: string
  readonly about: string
  /** As it was given, for messages. */
  readonly file: string
  readonly text: string
  /** The recipe every trial starts from. */
  readonly base: RecipeSource
  readonly isLive: boolean
  readonly trials: readonly Trial[]
  /** Combinations that filters left out. */
  readonly left: number
  readonly reference: string | undefined
  readonly isRandom: boolean
  readonly seed: number
  readonly boards: 'fresh' | 'same'
  readonly warmup: number
  readonly isQuick: boolean
  readonly passes: number
  readonly window: Window
}

export interface RecipeSource {
  readonly file: string
  readonly text: string
}

export interface Window {
  readonly durationS: number
  readonly inferences: number
  readonly samples: number
  readonly longestS: number
}

/** One configuration; every pass measures it once. */
export interface Trial {
  /** Says what it is: `resnet50-d4-time-r40`. Used once in a campaign. */
  readonly id: string
  readonly model?: TrialModel
  readonly replicas?: readonly Replicas[]
  readonly segmentBy?: 'params' | 'time'
  /** As in a recipe. */
  readonly arrival?: unknown
  readonly ratePerS?: number
  readonly requests?: number
  readonly sampling?: 'fast' | 'balanced' | 'accurate'
  /** Keys of the recipe by path. */
  readonly set: Readonly<Record<string, string>>
}

export interface TrialModel {
  readonly name: string
  readonly spec?: string
  readonly network?: Network
  readonly labels: Readonly<Record<string, string>>
}
