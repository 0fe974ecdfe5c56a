// `npm run bench [name ...]`: speed claims, each the median of at least 5, next to a reference in the same run.
import { attribution } from './attribution.ts'
import { hostCpu } from './host-cpu.ts'
import { runnerEvents, runnerQueues } from './runner-events.ts'
import { stages } from './stages.ts'

const BENCHES: Record<string, () => Promise<void>> = {
  stages,
  attribution,
  'host-cpu': hostCpu,
  'runner-events': runnerEvents,
  'runner-queues': runnerQueues,
}

const wanted = process.argv.slice(2)
for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`== ${name}`)
  await run()
}
