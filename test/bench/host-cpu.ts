import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeCommand } from '../../src/protocol/command.ts'
import * as P from '../../src/protocol/constants.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { startSensor, Workplace } from '../../src/testbed/live.ts'
import { median } from './median.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const WINDOW_S = 8
const WINDOWS = 5
const WARM_UP_S = 12

/** CPU of the recording host, live at the default rate with journal and dataset, next to a bare serialport read loop. */
export async function hostCpu(): Promise<void> {
  const runs = mkdtempSync(join(tmpdir(), 'joulespan-bench-'))
  const seconds = WARM_UP_S + WINDOWS * WINDOW_S + 5
  const args = [
    'dist/cli/main.js',
    'record',
    'pipelines/one-tpu.yaml',
    '--duration',
    `${seconds} s`,
    '--runs',
    runs,
    '--json',
  ]
  const host = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' })
  const recording = await shares(host)
  await new Promise((resolve) => host.on('close', resolve))
  rmSync(runs, { recursive: true, force: true })
  const bare = await bareLoop()
  console.log(
    `recording host: ${percent(recording)} of one core (median of ${WINDOWS} windows of ${WINDOW_S} s: ${recording.map((s) => (100 * s).toFixed(1)).join(', ')})`,
  )
  console.log(
    `bare serialport read loop, same stream: ${percent(bare)} (${bare.map((s) => (100 * s).toFixed(1)).join(', ')})`,
  )
  console.log(`ratio: ${(median(recording) / median(bare)).toFixed(1)}`)
}

/** The same board on a pty, read by serialport and counted, nothing else. */
async function bareLoop(): Promise<number[]> {
  const file = join(root, 'pipelines/one-tpu.yaml')
  const recipe = resolveRecipe(readFileSync(file, 'utf8'), file)
  const work = new Workplace()
  const sensor = await startSensor(recipe, work, work.file('truth'))
  const script = work.file('loop.mjs')
  const start = [P.COMMAND_CONFIGURE, P.COMMAND_START].map((command) =>
    Buffer.from(encodeCommand(command, command === P.COMMAND_CONFIGURE ? Uint8Array.of(1, 1) : undefined)).toString(
      'hex',
    ),
  )
  writeFileSync(
    script,
    `import { createRequire } from 'node:module'
     const { SerialPort } = createRequire(${JSON.stringify(join(root, 'package.json'))})('serialport')
     const port = new SerialPort({ path: process.argv[2], baudRate: 2000000 })
     let bytes = 0
     port.on('data', (chunk) => { bytes += chunk.length })
     port.on('open', () => { ${start.map((hex, i) => `setTimeout(() => port.write(Buffer.from('${hex}', 'hex')), ${200 * (i + 1)})`).join('; ')} })
     process.on('SIGTERM', () => { process.stdout.write(String(bytes)); process.exit(0) })`,
  )
  const { realpathSync } = await import('node:fs')
  const loop = spawn(process.execPath, [script, realpathSync(sensor.port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let bytes = ''
  loop.stdout.on('data', (text) => {
    bytes += text
  })
  const measured = await shares(loop)
  loop.kill('SIGTERM')
  await new Promise((resolve) => loop.on('close', resolve))
  await sensor.child.stop()
  work.remove()
  if (!(Number(bytes) > 1e6)) throw new Error(`the bare loop read ${bytes} bytes`)
  return measured
}

/** Share of one core a process used in each window, from the kernel's own accounts. */
async function shares(child: ChildProcess): Promise<number[]> {
  const seconds = (): number => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  }
  await pause(WARM_UP_S)
  const out: number[] = []
  let before = seconds()
  for (let window = 0; window < WINDOWS; window++) {
    await pause(WINDOW_S)
    const now = seconds()
    out.push((now - before) / WINDOW_S)
    before = now
  }
  return out
}

function pause(s: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, s * 1e3))
}

function percent(values: readonly number[]): string {
  return `${(100 * median(values)).toFixed(1)} %`
}
