import { readTable } from '../../dataset/read-table.ts'
import type { RunFolder } from '../../dataset/run-folder.ts'
import type { Trace } from '../../report/report-data.ts'
import { readPower } from './excerpt.ts'

/** Of the inference's length, before and after it. */
const MARGIN = 0.25

/** Power around the inference of median length, with its stages. */
export async function readTrace(folder: RunFolder, rails: readonly string[], name: string): Promise<Trace | undefined> {
  const columns = ['inference_id', 'start_ns', 'end_ns']
  const spans = [...((await readTable(folder, 'inferences', { columns })) ?? [])].map((row) => ({
    id: Number(row.inference_id),
    startNs: Number(row.start_ns),
    endNs: Number(row.end_ns),
  }))
  const median = spans.sort((a, b) => a.endNs - a.startNs - (b.endNs - b.startNs))[Math.floor(spans.length / 2)]
  if (median === undefined) return undefined
  const marginNs = (median.endNs - median.startNs) * MARGIN
  const [startNs, endNs] = [median.startNs - marginNs, median.endNs + marginNs]
  const stages = [
    ...((await readTable(folder, 'stages', { columns: ['kind', 'device', 'segment', ...columns] })) ?? []),
  ]
    .filter((row) => row.kind === 'stage' && Number(row.inference_id) === median.id)
    .map((row) => ({
      device: String(row.device),
      segment: Number(row.segment),
      startNs: Number(row.start_ns),
      endNs: Number(row.end_ns),
    }))
  const { tNs, watts } = await readPower(folder, rails, startNs, endNs)
  if (tNs.length < 2 || stages.length === 0) return undefined
  const title = `${name}: inference ${median.id}, the one of median length, ${((median.endNs - median.startNs) / 1e6).toFixed(2)} ms`
  return { title, startNs, endNs, tNs, watts, stages }
}
