import { pingPauseMs } from '../acquisition/ping-schedule.ts'
import { encodeCommand, encodePing } from '../protocol/command.ts'
import * as P from '../protocol/constants.ts'
import type { Random } from '../units/random.ts'

export interface HostScriptOptions {
  /** CLOCK_MONOTONIC, ns, at which the device is powered on. */
  readonly startNs: bigint
  readonly durationS: number
  readonly mode: number
  /** ADC inputs, one bit each. */
  readonly channels: number
  readonly random: Random
}

/** One write of the host to the device. */
export interface HostWrite {
  readonly atNs: bigint
  readonly bytes: Uint8Array
}

/**
 * What `record` would write to a device over a whole run, for emulation without a host: find out what it is, read its
 * calibration, configure and start it, ping it, stop it. The device needs 0.2 s to boot.
 */
export function hostWrites(options: HostScriptOptions): HostWrite[] {
  const at = (s: number, bytes: Uint8Array): HostWrite => ({
    atNs: options.startNs + BigInt(Math.round(s * 1e9)),
    bytes,
  })
  const writes = [
    at(0.2, encodeCommand(P.COMMAND_IDENTIFY)),
    at(0.24, encodeCommand(P.COMMAND_STOP)),
    at(0.28, encodeCommand(P.COMMAND_READ_CALIBRATION)),
    at(0.32, encodeCommand(P.COMMAND_CONFIGURE, Uint8Array.of(options.mode, options.channels))),
    at(0.36, encodeCommand(P.COMMAND_START)),
  ]
  let id = 0
  for (let s = PINGS_FROM_S; s < options.durationS - 0.1; s += pingPauseMs(s - PINGS_FROM_S, options.random) / 1e3)
    writes.push(at(s, encodePing(id++)))
  writes.push(at(options.durationS - 0.05, encodeCommand(P.COMMAND_STOP)))
  return writes
}

export function hostScript(writes: readonly HostWrite[]): string {
  return writes.map(({ atNs, bytes }) => `${atNs} ${Buffer.from(bytes).toString('hex')}\n`).join('')
}

const PINGS_FROM_S = 0.4
