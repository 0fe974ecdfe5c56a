import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { eepromOf } from '../recipe/eeprom.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { Child } from './child.ts'
import { markerWire } from './offline.ts'
import { hasTool, toolPath } from './tools.ts'

const START_TIMEOUT_MS = 15_000

/** Sockets and scratch files of one live run; short paths, as a unix socket allows 108 characters. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'joulespan-'))

  file(name: string): string {
    return join(this.folder, name)
  }

  endpoint(name: string): string {
    return `ipc://${this.file(name)}`
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The emulated board on a pty. */
export interface LiveSensor {
  readonly child: Child
  /** Stays the same when the board is unplugged and plugged in again. */
  readonly port: string
}

export async function startSensor(recipe: Recipe, work: Workplace, truth: string): Promise<LiveSensor> {
  const { testbed } = recipe
  if (testbed === undefined) throw new JoulespanError('recipe', 'testbed: expected one for a virtual sensor, saw none')
  mkdirSync(truth, { recursive: true })
  writeFileSync(work.file('board.json'), JSON.stringify(testbed.board))
  writeFileSync(work.file('eeprom.bin'), eepromOf(recipe))
  const port = work.file('tty')
  const child = new Child('emulator', toolPath('emulator'), [
    ...['--firmware', toolPath('firmware'), '--board', work.file('board.json'), '--eeprom', work.file('eeprom.bin')],
    ...['--truth', truth, '--powers', work.endpoint('powers'), '--lag-ms', String(testbed.lagNs / 1e6), '--link', port],
    ...markerWire(recipe),
    ...testbed.faults.flatMap((fault) => ['--fault', fault]),
  ])
  await child.waitFor((said) => said.ready === true, START_TIMEOUT_MS)
  return { child, port }
}

/** The runner and where it is to be reached. */
export interface LiveRunner {
  readonly child: Child
  readonly events: string
  readonly requests: string
}

export async function startRunner(
  recipe: Recipe,
  work: Workplace,
  log: string,
  further: readonly string[] = [],
): Promise<LiveRunner> {
  const { runner } = recipe
  if (runner.kind !== 'spawn') throw new JoulespanError('internal', 'the recipe has no runner to start')
  writeFileSync(work.file('plan.json'), JSON.stringify(runner.plan))
  const events = work.endpoint('events')
  const requests = work.endpoint('requests')
  const child = new Child('runner', toolPath('runner'), [
    ...['--plan', work.file('plan.json'), '--events', events, '--requests', requests, '--log', log],
    ...['--subscribers', '1', '--subscriber-timeout-s', '60'],
    // only the emulated board reads them
    ...(recipe.sensor.port === 'virtual' ? ['--powers', work.endpoint('powers')] : []),
    ...further,
  ])
  await child.waitFor((said) => said.event === 'ready', START_TIMEOUT_MS)
  return { child, events, requests }
}

/** Streams readings of the host's clocks (protocol/journal.md, kind 5) until it is stopped; undefined when it was not built. */
export function startClockProbe(onReading: (payload: Uint8Array) => void): { stop: () => void } | undefined {
  if (!hasTool('clockProbe')) return undefined
  const child: ChildProcessByStdio<null, Readable, null> = spawn(toolPath('clockProbe'), [], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let held: Uint8Array = new Uint8Array(0)
  child.stdout.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    for (; held.length >= READING_BYTES; held = held.subarray(READING_BYTES))
      onReading(Uint8Array.from(held.subarray(0, READING_BYTES)))
  })
  // a probe that dies costs readings, not the run
  child.on('error', () => undefined)
  return { stop: () => child.kill('SIGTERM') }
}

const READING_BYTES = 48
