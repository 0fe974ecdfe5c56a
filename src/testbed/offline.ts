import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { decodeEventMessage } from '../inference/event-message.ts'
import * as P from '../protocol/constants.ts'
import { eepromOf } from '../recipe/eeprom.ts'
import type { HostSlew, Recipe } from '../recipe/recipe.ts'
import { type Random, seededRandom } from '../units/random.ts'
import { hostScript, hostWrites } from './host-script.ts'
import { lastLine, runTool } from './run-tool.ts'
import { toolPath } from './tools.ts'

/** What a run would have received, in the order of its sources; stamps are absolute CLOCK_MONOTONIC, ns. */
export interface Received {
  readonly source: 'serial' | 'events' | 'clock'
  readonly kind: number
  readonly stampNs: bigint
  readonly payload: Uint8Array
}

export interface OfflineOptions {
  readonly recipe: Recipe
  /** CLOCK_MONOTONIC and UTC of the emulated run's origin. */
  readonly originNs: bigint
  readonly originUtcNs: bigint
  /** Scratch files of the programs; made and removed. */
  readonly scratch: string
  /** Where the emulator writes what only it knows. */
  readonly truth: string
  /** Further arguments of the emulator, such as `--codes FILE`. */
  readonly emulatorArguments?: readonly string[]
}

/** The runner is started when the clock has been aligned for a while, as `record` does. */
const RUNNER_FROM_S = 3
const AFTER_RUNNER_S = 0.5

/**
 * The virtual testbed without a clock on the wall: the real runner in simulated time, the real firmware in the emulator, and
 * what a host would have received from both. The same recipe and seed give the same bytes.
 */
export async function* runOffline(options: OfflineOptions): AsyncGenerator<Received> {
  mkdirSync(options.scratch, { recursive: true })
  try {
    const file = (name: string): string => join(options.scratch, name)
    const events = await simulateRunner(options, file)
    const durationS = Number(lastInstant(events) - options.originNs) / 1e9 + AFTER_RUNNER_S
    const random = seededRandom((options.recipe.testbed?.seed ?? 0) + 0x5eed)
    yield* receiveEvents(events, random)
    yield* readClock(options, durationS)
    yield* emulateDevice(options, file, durationS, random)
  } finally {
    rmSync(options.scratch, { recursive: true, force: true })
  }
}

async function simulateRunner(options: OfflineOptions, file: (name: string) => string): Promise<Uint8Array> {
  const { runner } = options.recipe
  if (runner.kind !== 'spawn' || runner.plan.backend !== 'virtual')
    throw new JoulespanError(
      'recipe',
      `runner: expected a virtual backend to emulate, saw ${runner.kind === 'spawn' ? runner.plan.backend : 'none'}`,
      {
        hint: 'set `runner: {backend: virtual}`',
      },
    )
  writeFileSync(file('plan.json'), JSON.stringify(runner.plan))
  const startNs = options.originNs + BigInt(RUNNER_FROM_S * 1e9)
  const logs = ['--log', file('events.bin'), '--power-log', file('powers.bin')]
  const args = ['--plan', file('plan.json'), '--simulate', '--start-ns', String(startNs), ...logs]
  await runTool(toolPath('runner'), args)
  return readFileSync(file('events.bin'))
}

/** A message reaches the host some hundred microseconds after it was drained from the rings, which is its watermark. */
function* receiveEvents(log: Uint8Array, random: Random): Generator<Received> {
  let stampNs = 0n
  for (const { bytes, watermarkNs } of messagesOf(log)) {
    const arrivedNs = watermarkNs + BigInt(Math.round(1.2e6 - 2e5 * Math.log(1 - random())))
    stampNs = arrivedNs > stampNs ? arrivedNs : stampNs
    yield { source: 'events', kind: P.JOURNAL_EVENT, stampNs, payload: bytes }
  }
}

function* messagesOf(log: Uint8Array): Generator<{ bytes: Uint8Array; watermarkNs: bigint }> {
  for (let at = 0; at < log.length; ) {
    const answer = decodeEventMessage(log, at)
    if (answer.kind !== 'message')
      throw new JoulespanError('internal', `event log of the runner: bad message at offset ${at}`)
    yield { bytes: log.subarray(at, answer.end), watermarkNs: answer.message.watermarkNs }
    at = answer.end
  }
}

function lastInstant(log: Uint8Array): bigint {
  let last = 0n
  for (const { watermarkNs } of messagesOf(log)) if (watermarkNs > last) last = watermarkNs
  return last
}

/** Readings of the host's clocks, of which CLOCK_MONOTONIC and with it UTC are slewed as the recipe says. */
function* readClock(options: OfflineOptions, durationS: number): Generator<Received> {
  const slews = options.recipe.testbed?.hostSlew ?? []
  for (let k = 0; k < durationS * 10; k++) {
    const monoNs = options.originNs + BigInt(k) * 100_000_000n
    const payload = new Uint8Array(48)
    const view = new DataView(payload.buffer)
    const utcNs = options.originUtcNs + (monoNs - options.originNs)
    const rawNs = options.originNs + BigInt(Math.round(trueS(k / 10, slews) * 1e9)) - 7_000_000n
    const reading = [monoNs, rawNs + 60n, monoNs, utcNs, monoNs + 120n, 0n]
    reading.forEach((ns, i) => {
      view.setBigInt64(8 * i, ns, true)
    })
    yield { source: 'clock', kind: P.JOURNAL_CLOCK, stampNs: monoNs + 100_000n, payload }
  }
}

/** Seconds since power-on of a clock that is not slewed. */
function trueS(monoS: number, slews: readonly HostSlew[]): number {
  let s = monoS
  for (const { fromS, untilS, ratio } of slews)
    s += Math.max(0, Math.min(monoS, untilS) - fromS) * (1 / (1 + ratio) - 1)
  return s
}

async function* emulateDevice(
  options: OfflineOptions,
  file: (name: string) => string,
  durationS: number,
  random: Random,
): AsyncGenerator<Received> {
  const { recipe, originNs } = options
  const { testbed } = recipe
  if (testbed === undefined) throw new JoulespanError('recipe', 'testbed: expected one to emulate, saw none')
  const writes = hostWrites({ startNs: originNs, durationS, ...samplingOf(recipe), random })
  writeFileSync(file('host.txt'), hostScript(writes))
  writeFileSync(file('board.json'), JSON.stringify(testbed.board))
  writeFileSync(file('eeprom.bin'), eepromOf(recipe))
  const inputs = ['--power-log', file('powers.bin'), '--host-script', file('host.txt'), '--eeprom', file('eeprom.bin')]
  const link = ['--link-model', testbed.link, '--lag-ms', String(testbed.lagNs / 1e6)]
  const child = spawn(
    toolPath('emulator'),
    [
      ...['--firmware', toolPath('firmware'), '--board', file('board.json'), '--truth', options.truth],
      ...['--to-journal', '-', '--start-ns', String(originNs), '--duration-s', String(durationS)],
      ...inputs,
      ...markerWire(recipe),
      ...link,
      ...testbed.faults.flatMap((fault) => ['--fault', fault]),
      ...(options.emulatorArguments ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `${signal ?? `code ${code}`}`))
  })
  for await (const received of serialRecords(child.stdout)) yield received
  const failure = await ended
  if (failure !== undefined)
    throw new JoulespanError('internal', `the emulator ended with ${failure}: ${lastLine(said)}`)
}

/** Arguments of the emulator: a pin to which no line leads stays at its pull-up. */
export function markerWire({ runner, testbed }: Recipe): string[] {
  const isToggled = runner.kind === 'spawn' && runner.plan.marker !== undefined
  return isToggled && testbed !== undefined ? ['--marker-feed', testbed.marker] : []
}

/** Mode and inputs as the device is configured with them. */
export function samplingOf(recipe: Recipe): { mode: number; channels: number } {
  const modes = { fast: P.MODE_FAST, balanced: P.MODE_BALANCED, accurate: P.MODE_ACCURATE }
  let channels = 0
  for (const { current, voltage } of recipe.rails) {
    channels |= 1 << current.input
    if (voltage.kind === 'channel') channels |= 1 << voltage.input
  }
  return { mode: modes[recipe.sensor.mode], channels }
}

/** The emulator's records: i64 stamp, u8 kind, 3 bytes zero, u32 length, payload. */
async function* serialRecords(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Received> {
  let held: Uint8Array = new Uint8Array(0)
  for await (const chunk of stream) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    let at = 0
    while (held.length - at >= 16) {
      const view = new DataView(held.buffer, held.byteOffset + at, 16)
      const length = view.getUint32(12, true)
      if (held.length - at < 16 + length) break
      const payload = held.slice(at + 16, at + 16 + length)
      yield { source: 'serial', kind: view.getUint8(8), stampNs: view.getBigInt64(0, true), payload }
      at += 16 + length
    }
    held = held.slice(at)
  }
}
