/**
 * A resolved recipe: every default filled in, every quantity a number with its unit in the name. This is what the journal
 * stores and what everything behind the command line reads; the YAML people write is described in docs/recipes.md.
 */
export interface Recipe {
  readonly version: 1
  /** Lower case words and dashes; part of the run id. */
  readonly name: string
  readonly about: string
  /** How long tasks run, s. */
  readonly durationS: number
  /** Length of a part of the dataset, s: every table gets one file per part. */
  readonly partS: number
  readonly sensor: SensorRecipe
  /** At least one. */
  readonly rails: readonly RailRecipe[]
  readonly runner: RunnerRecipe
  /** Of the models whose segments were made from a spec. */
  readonly specs?: readonly SpecOrigin[]
  /** Only where the sensor or the card is virtual. */
  readonly testbed?: TestbedRecipe
}

export interface SpecOrigin {
  readonly model: string
  readonly spec: string
  readonly segmentBy: 'params' | 'time'
}

export interface SensorRecipe {
  /** `virtual`, or the path of a serial port. */
  readonly port: string
  readonly baud: number
  readonly mode: SamplingMode
  /** Of the microcontroller: sets the declared drift limit. An Arduino Uno runs from a resonator. */
  readonly oscillator: 'crystal' | 'resonator'
  /**
   * Certified least delay of the link beyond the wire time, ns: 0 on real hardware unless calibrated with a marker. A floor
   * claimed too high is the one error nothing detects.
   */
  readonly floorUpNs: number
  readonly floorDownNs: number
  /** What devices and supply need to settle behind an activity, ns, on top of the sensors' filters. */
  readonly settleNs: number
  /** Where scale and zero come from: the record in the device's EEPROM, or the rails below. */
  readonly calibration: 'device' | 'recipe'
}

export type SamplingMode = 'fast' | 'balanced' | 'accurate'

export interface RailRecipe {
  /** Column prefix: `<name>_w`. */
  readonly name: string
  readonly current: ChannelRecipe
  readonly voltage: ChannelRecipe | { readonly kind: 'nominal'; readonly volts: number; readonly uRel: number }
}

export interface ChannelRecipe {
  readonly kind: 'channel'
  /** ADC input, 0 to 7. */
  readonly input: number
  /** Ampere or volt per count; ignored when the calibration comes from the device. */
  readonly scale: number
  readonly scaleURel: number
  readonly zeroCounts: number
  readonly zeroUCounts: number
  /** Group delay of sensor and filter, ns. */
  readonly delayNs: number
  readonly timeConstantNs: number
}

/** Whose clock events are told in; auto compares the boot ids of both machines. */
export type RunnerHost = 'auto' | 'local' | 'remote'

export type RunnerRecipe =
  | { readonly kind: 'spawn'; readonly plan: RunnerPlan; readonly host?: RunnerHost }
  | { readonly kind: 'attach'; readonly events: string; readonly requests: string; readonly host?: RunnerHost }
  | { readonly kind: 'none' }

/** plan.json of the native runner, written as it is; documented in native-runner/README.md. */
export interface RunnerPlan {
  readonly version: 1
  readonly seed: number
  readonly backend: 'virtual' | 'cpu' | 'edgetpu'
  readonly tflite?: string
  readonly tflite_version?: string
  readonly edgetpu?: string
  readonly edgetpu_version?: string
  readonly threads?: number
  readonly performance?: string
  readonly duration_s: number
  readonly devices: readonly {
    readonly name: string
    readonly idle_w?: { readonly never_used: number; readonly context_open: number; readonly resident: number }
  }[]
  readonly models: readonly PlanModel[]
  readonly tasks: readonly PlanTask[]
  readonly warmup_inferences: number
  readonly idle: {
    readonly never_used_ms: number
    readonly context_open_ms: number
    readonly resident_ms: number
    readonly gap_every_ms: number
    readonly gap_ms: number
    readonly after_ms: number
  }
  readonly marker?: PlanMarker
}

export type PlanMarker =
  | { readonly wire: 'virtual'; readonly every_ms: number }
  | { readonly wire: 'gpio'; readonly chip: string; readonly line: number; readonly every_ms: number }

export type PlanModel =
  | { readonly name: string; readonly segments: readonly PlanSegment[] }
  | {
      readonly name: string
      readonly segments: readonly PlanFileSegment[]
      readonly inputs?: string
      readonly outputs?: string
      readonly outputs_max?: number
    }

/** Of backends cpu and edgetpu. */
export interface PlanFileSegment {
  readonly file: string
  readonly load_w: number
  readonly active_w?: number
}

/** Of backend virtual. */
export interface PlanSegment {
  readonly load_ms: number
  readonly load_w: number
  readonly duration_sd_rel: number
  readonly power_sd_rel: number
  readonly phases: readonly {
    readonly name: string
    readonly ms: number
    readonly start_w: number
    readonly end_w: number
  }[]
}

export interface PlanTask {
  readonly name: string
  readonly model: string
  readonly devices: readonly number[]
  readonly queue: number
  readonly arrival: PlanArrival
  readonly max_inferences: number
}

export type PlanArrival =
  | { readonly law: 'poisson'; readonly rate_hz: number }
  | { readonly law: 'periodic'; readonly period_ms: number; readonly jitter_ms: number }
  | { readonly law: 'saturated' }
  | {
      readonly law: 'closed'
      readonly concurrency: number
      readonly think_ms: number
      readonly think_jitter_ms: number
    }
  | { readonly law: 'trace'; readonly at_ms: readonly number[] }

/** What the virtual testbed is built from. The emulator draws the true board from it by seed; the host never reads the draw. */
export interface TestbedRecipe {
  readonly seed: number
  /** How far the emulator runs behind the wall clock, ns. */
  readonly lagNs: number
  /** Model of the serial link when emulating offline. */
  readonly link: 'ideal' | 'pty' | 'cdc' | 'ftdi1' | 'ftdi16'
  /** How the virtual marker line ends at the pin of the virtual board. */
  readonly marker: 'straight' | 'inverted' | 'open'
  /** When CLOCK_MONOTONIC of the emulated host is slewed: seconds since power-on, ratio. Ascending, apart. */
  readonly hostSlew: readonly HostSlew[]
  /** board.json of the emulator, written as it is; documented in firmware/emulator/README.md. */
  readonly board: Readonly<Record<string, unknown>>
  /** Faults in the emulator's notation, `drop:1e-4`, `reset@3.5`. */
  readonly faults: readonly string[]
}

export interface HostSlew {
  readonly fromS: number
  readonly untilS: number
  readonly ratio: number
}
