import { readTable } from '../dataset/read-table.ts'
import type { RunFolder } from '../dataset/run-folder.ts'

/**
 * Net energy of each segment in a mean inference, J, in order of the segments. Where stages overlap and are not told apart, the equal
 * split stands for them: its sum over all is right, its parts are a convention.
 */
export async function readSegmentEnergies(folder: RunFolder): Promise<(readonly [name: string, joules: number])[]> {
  const columns = ['kind', 'model', 'segment', 'inference_id', 'energy_j', 'energy_equal_j']
  const table = await readTable(folder, 'stages', { columns })
  const sums = new Map<string, { segment: number; joules: number; n: number }>()
  const models = new Set<string>()
  for (const row of table ?? []) {
    const joules = row.energy_j ?? row.energy_equal_j
    if (row.kind !== 'stage' || row.segment === null || joules === null) continue
    models.add(row.model)
    const key = `${row.model} ${row.segment}`
    const sum = sums.get(key) ?? { segment: Number(row.segment), joules: 0, n: 0 }
    sums.set(key, { ...sum, joules: sum.joules + Number(joules), n: sum.n + 1 })
  }
  // of several models nobody has a mean inference
  if (models.size !== 1) return []
  return [...sums.values()]
    .sort((a, b) => a.segment - b.segment)
    .map(({ segment, joules, n }) => [`segment ${segment}`, joules / n] as const)
}
