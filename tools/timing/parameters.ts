// What the timing model is made of and where each figure comes from; fit.ts fills in what is fitted.
import type { TimingParameters } from '../../src/card/stage-time.ts'

export interface ParameterRecord {
  readonly value: number
  /** Standard (k=1). */
  readonly u: number
  readonly unit: string
  readonly kind: 'fitted' | 'bracketed' | 'published'
  readonly source: string
}

/** Fitted by least squares, with where the search starts. */
export const FITTED: Readonly<Partial<Record<keyof TimingParameters, { start: number; unit: string; about: string }>>> =
  {
    invokeMs: { start: 0.1, unit: 'ms', about: 'one invoke call; dense resident rows' },
    cycleFactor: { start: 1.5, unit: '1', about: 'cycles taken for each that the array layout says; resident rows' },
    busMsPerMib: { start: 2.7, unit: 'ms/MiB', about: 'towards the device; streaming rows' },
    outputMsPerMib: { start: 10, unit: 'ms/MiB', about: 'outputs to the host; conv resident rows' },
    streamStartMs: { start: 0.2, unit: 'ms', about: 'once an inference that streams; dense streaming rows' },
  }

const MIB = 2 ** 20

/** Not in reach of one-TPU data: published, or the middle of the interval that leaves every placement of the data as reported. */
export const STATED: Readonly<Partial<Record<keyof TimingParameters, ParameterRecord>>> = {
  memoryBytes: published(8 * MIB, 0, 'B', 'about 8 MB of SRAM (Coral data sheets)'),
  overheadBytes: bracketed(
    0.09 * MIB,
    0.03 * MIB,
    'B',
    'every placement as reported from 0.05 to 0.12 MiB (1620 dense neurons do not fit, 1980 leave 7.73 MiB cached)',
  ),
  wholeLimitTileBytes: bracketed(
    256 * 1024,
    2600,
    'B',
    'half of the 512 KiB of a tile; between conv 442 (resident) and conv 452; agrees with 3.91 MiB cached at 768 px (SPARTA)',
  ),
  stripeReserveBytes: bracketed(
    0.9 * MIB,
    0.2 * MIB,
    'B',
    'every placement as reported from 0.2 to 0.91 MiB; the upper end, as at 224 px at most 7.00 MiB are cached (SPARTA)',
  ),
  stripeLimitTileBytes: bracketed(40 * 1024, 185, 'B', 'restream factor 4 up to conv 632, 6 from conv 642'),
  instructionBytesPerLayer: published(
    2700,
    1000,
    'B',
    'execution instructions of compiled MobileNet v2: 181,264 B for its operations, less in segments',
  ),
  firstStartMs: published(0.5, 0.2, 'ms', 'PCIe card: first = steady + cached/363 MiB/s + about 0.5 ms (SPARTA)'),
  uplinkMibPerS: published(
    1815,
    200,
    'MiB/s',
    'eight devices loading at once take 1.60 times as long: 8 x 363 MiB/s / 1.60 (SPARTA)',
  ),
  jitterRel: published(0.01, 0.004, '1', 'repeatability 0.6 to 1.6 % of a measurement (SPARTA)'),
}

function published(value: number, u: number, unit: string, source: string): ParameterRecord {
  return { value, u, unit, kind: 'published', source }
}

function bracketed(value: number, u: number, unit: string, source: string): ParameterRecord {
  return { value, u, unit, kind: 'bracketed', source: `data/edgetpu-calibration: ${source}` }
}
