import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Cost of emitting an event, and what a stalled subscriber does to the lateness of stage starts: native-runner/bench. */
export async function runnerEvents(): Promise<void> {
  runBench([])
}

/** What the runner costs between stages of devices that do nothing. */
export async function runnerQueues(): Promise<void> {
  runBench(['--queues'])
}

function runBench(args: readonly string[]): void {
  const bench = fileURLToPath(new URL('../../build/bin/joulespan-runner-bench', import.meta.url))
  const { status, stdout, stderr } = spawnSync(bench, args, { encoding: 'utf8' })
  process.stdout.write(stdout)
  if (status !== 0) throw new Error(`joulespan-runner-bench ended with ${status}: ${stderr}`)
}
