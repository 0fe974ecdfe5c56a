import { JoulespanError } from '../errors/joulespan-error.ts'
import type { TimingParameters } from './stage-time.ts'

/** Names of the parameters in data/card/edgetpu-timing.json. */
export const TIMING_KEYS: Readonly<Record<keyof TimingParameters, string>> = {
  invokeMs: 'invoke_ms',
  cycleFactor: 'cycle_factor',
  busMsPerMib: 'bus_ms_per_mib',
  outputMsPerMib: 'output_ms_per_mib',
  streamStartMs: 'stream_start_ms',
  memoryBytes: 'memory_bytes',
  overheadBytes: 'overhead_bytes',
  wholeLimitTileBytes: 'whole_limit_tile_bytes',
  stripeReserveBytes: 'stripe_reserve_bytes',
  stripeLimitTileBytes: 'stripe_limit_tile_bytes',
  instructionBytesPerLayer: 'instruction_bytes_per_layer',
  firstStartMs: 'first_start_ms',
  uplinkMibPerS: 'uplink_mib_per_s',
  jitterRel: 'jitter_rel',
}

/** The parameters in the text of a timing file. */
export function readTiming(text: string, file: string): TimingParameters {
  const parameters = parametersIn(text, file)
  const entries = Object.entries(TIMING_KEYS).map(([name, key]) => [name, numberAt(parameters, key, file)])
  return Object.fromEntries(entries) as unknown as TimingParameters
}

/** The `parameters` of a file of data/card/, each with its value, uncertainty, unit and source. */
export function parametersIn(text: string, file: string): Readonly<Record<string, unknown>> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw new JoulespanError('recipe', `${file}: expected JSON, saw ${(cause as Error).message}`, { cause })
  }
  const parameters = isRecord(document) ? document.parameters : undefined
  if (isRecord(parameters)) return parameters
  throw new JoulespanError('recipe', `${file}: expected "parameters", a mapping, saw none`)
}

export function numberAt(parameters: Readonly<Record<string, unknown>>, key: string, file: string): number {
  const record = parameters[key]
  const value = isRecord(record) ? record.value : undefined
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new JoulespanError(
    'recipe',
    `${file}: expected parameters.${key}.value, a number from 0, saw ${JSON.stringify(value)}`,
    { hint: 'npm run fit:timing makes data/card/edgetpu-timing.json' },
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
