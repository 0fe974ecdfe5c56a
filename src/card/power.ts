import { MIB, type StageTime, type TimingParameters } from './stage-time.ts'
import { numberAt, parametersIn } from './timing-file.ts'
import { CLOCK_HZ, MULTIPLIERS } from './tpu-array.ts'

/** Powers of one device: parametric and unvalidated (data/card/edgetpu-power.json). */
export interface PowerParameters {
  readonly idleNeverUsedW: number
  readonly idleContextOpenW: number
  readonly idleResidentW: number
  /** Above resident: inputs, outputs, loading. */
  readonly transferW: number
  /** Above resident while a layer is computed. */
  readonly computeW: number
  /** More with all multipliers in use. */
  readonly arrayW: number
  /** More with parameters streaming at the full rate of the bus. */
  readonly streamW: number
  readonly powerSpreadRel: number
}

const KEYS: Readonly<Record<keyof PowerParameters, string>> = {
  idleNeverUsedW: 'idle_never_used_w',
  idleContextOpenW: 'idle_context_open_w',
  idleResidentW: 'idle_resident_w',
  transferW: 'transfer_w',
  computeW: 'compute_w',
  arrayW: 'array_w',
  streamW: 'stream_w',
  powerSpreadRel: 'power_spread_rel',
}

/** The parameters in the text of a power file. */
export function readPower(text: string, file: string): PowerParameters {
  const parameters = parametersIn(text, file)
  const entries = Object.entries(KEYS).map(([name, key]) => [name, numberAt(parameters, key, file)])
  return Object.fromEntries(entries) as unknown as PowerParameters
}

/** Powers above idle of the parts of a stage. */
export interface StagePower {
  readonly transferInW: number
  readonly computeW: number
  readonly transferOutW: number
  readonly loadW: number
}

/** compute + array (share of the multipliers in use) + stream (share of the time that the bus carries parameters). */
export function stagePower(
  time: StageTime,
  macs: number,
  timing: TimingParameters,
  { transferW, computeW, arrayW, streamW }: PowerParameters,
): StagePower {
  const busMs = (time.streamedBytes / MIB) * timing.busMsPerMib
  const used = time.computeMs === 0 ? 0 : macs / ((time.computeMs / 1e3) * MULTIPLIERS * CLOCK_HZ)
  const carrying = time.computeMs === 0 ? 0 : Math.min(1, busMs / time.computeMs)
  return {
    transferInW: transferW,
    computeW: computeW + arrayW * Math.min(1, used) + streamW * carrying,
    transferOutW: transferW,
    loadW: transferW,
  }
}
