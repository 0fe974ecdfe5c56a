// The writer thread: follows the journal of a live run on disk and writes the dataset as its windows finish.
import { parentPort, workerData } from 'node:worker_threads'
import { runFolder } from '../dataset/run-folder.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { finaliseRun } from './finalise-run.ts'
import type { FinaliseNews, FinaliseSettings } from './finaliser-thread.ts'

const port = parentPort
if (port === null) throw new Error('the finalise worker is no program of its own')
const { path, createdBy } = workerData as FinaliseSettings
const tell = (news: FinaliseNews): void => port.postMessage(news)

let wake: () => void = () => undefined
let safeNs = Number.NEGATIVE_INFINITY
let isEnded = false
port.on('message', (order: { safeNs: number } | 'ended') => {
  if (order === 'ended') isEnded = true
  else safeNs = order.safeNs
  wake()
})

/** Stamps below which every record is on disk, as they come. */
async function* follow(): AsyncGenerator<number> {
  let told = Number.NEGATIVE_INFINITY
  while (!isEnded) {
    if (safeNs > told) {
      told = safeNs
      yield told
    } else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
}

try {
  const folder = runFolder(path)
  const onWindow = (untilS: number): void => tell({ type: 'window', untilS })
  const { runJson, summary } = await finaliseRun({ run: folder, out: folder, createdBy, follow: follow(), onWindow })
  tell({ type: 'done', runJson, summary })
} catch (error) {
  const known = error instanceof JoulespanError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  tell({ type: 'failed', code: known?.code ?? 'internal', message, hint: known?.hint })
}
port.close()
