import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** What the emulator knows of one span: firmware/emulator/README.md. */
export interface TrueSpan {
  readonly spanId: number
  readonly inferenceId: number
  readonly kind: number
  readonly device: number
  readonly energyJ: number
}

/** Columns of a CSV file of the truth folder, as text. */
export function readColumns(folder: string, file: string): Record<string, string[]> {
  const path = join(folder, file)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new JoulespanError('dataset', `expected what the emulator knows in ${path}, saw no such file`, {
      cause,
      hint: 'only runs on the virtual testbed have a truth',
    })
  }
  const [head, ...lines] = text.trimEnd().split('\n')
  const names = (head ?? '').split(',')
  const columns: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (const line of lines) for (const [i, cell] of line.split(',').entries()) columns[names[i] as string]?.push(cell)
  return columns
}

export function readTrueSpans(folder: string): TrueSpan[] {
  const { span_id, inference_id, kind, device, energy_j } = readColumns(folder, 'stages.csv')
  return (span_id ?? []).map((id, i) => ({
    spanId: Number(id),
    inferenceId: Number(inference_id?.[i]),
    kind: Number(kind?.[i]),
    device: Number(device?.[i]),
    energyJ: Number(energy_j?.[i]),
  }))
}

/** True net energy by inference: the sum over its stages, J. */
export function trueInferenceEnergies(folder: string): Map<number, number> {
  const energies = new Map<number, number>()
  for (const { kind, inferenceId, energyJ } of readTrueSpans(folder))
    if (kind === STAGE) energies.set(inferenceId, (energies.get(inferenceId) ?? 0) + energyJ)
  return energies
}

const STAGE = 2
