import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Frame, IdentityFrame, ReplyFrame } from '../framing/frame.ts'
import { encodeCommand } from '../protocol/command.ts'
import * as P from '../protocol/constants.ts'

/** What a device session needs of the link. */
export interface DeviceLink {
  write(bytes: Uint8Array): void
  /** Bytes that came but belong to no frame, for the message about a device that speaks something else. */
  counts(): { bytes: number; frames: number }
}

export interface Sampling {
  readonly mode: number
  readonly channels: number
}

const ANSWER_TIMEOUT_MS = 500
/** An Uno resets when its port is opened and then waits for its boot loader. */
const IDENTIFY_TRIES = 8

/** The conversation with the device: who are you, what is your calibration, sample like this. */
export class DeviceSession {
  readonly #link: DeviceLink
  readonly #path: string
  #expecting: ((frame: Frame) => void)[] = []

  constructor(path: string, link: DeviceLink) {
    this.#path = path
    this.#link = link
  }

  /** Identity and reply frames as they come. */
  push(frame: Frame): void {
    for (const look of this.#expecting) look(frame)
  }

  async identify(): Promise<IdentityFrame> {
    const { bytes: bytesBefore, frames: framesBefore } = this.#link.counts()
    for (let tries = 0; tries < IDENTIFY_TRIES; tries++) {
      // it may still be sampling for a host that died
      this.#link.write(encodeCommand(P.COMMAND_STOP))
      this.#link.write(encodeCommand(P.COMMAND_IDENTIFY))
      const frame = await this.#wait((f): f is IdentityFrame => f.kind === P.FRAME_KIND_IDENTITY)
      if (frame !== undefined) return frame
    }
    const { bytes, frames } = this.#link.counts()
    const seen = bytes - bytesBefore
    if (seen === 0)
      throw new JoulespanError('device-missing', `expected a joulespan device at ${this.#path}, saw no answer at all`, {
        hint: 'is the board powered, and is the firmware on it? firmware/README.md says how to flash it',
      })
    throw new JoulespanError(
      'device-foreign',
      `expected a joulespan device at ${this.#path}, saw ${seen} bytes in ${frames - framesBefore} frames and no identity`,
      { hint: 'the device speaks something else or at another speed; flash the firmware, see firmware/README.md' },
    )
  }

  /** Undefined when the device holds no valid record. */
  async readCalibration(): Promise<Uint8Array | undefined> {
    const reply = await this.#ask(P.COMMAND_READ_CALIBRATION)
    return reply.status === P.STATUS_OK ? reply.payload : undefined
  }

  async start({ mode, channels }: Sampling): Promise<void> {
    accepted(await this.#ask(P.COMMAND_CONFIGURE, Uint8Array.of(mode, channels)), 'to be configured')
    accepted(await this.#ask(P.COMMAND_START), 'to start')
  }

  async stop(): Promise<void> {
    accepted(await this.#ask(P.COMMAND_STOP), 'to stop')
  }

  async #ask(command: number, payload?: Uint8Array): Promise<ReplyFrame> {
    for (let tries = 0; tries < 4; tries++) {
      this.#link.write(encodeCommand(command, payload))
      const isReply = (f: Frame): f is ReplyFrame => f.kind === P.FRAME_KIND_REPLY && f.command === command
      const reply = await this.#wait(isReply)
      // a command damaged on its way is simply said again
      if (reply !== undefined && reply.status !== P.STATUS_CRC) return reply
    }
    throw new JoulespanError(
      'device-foreign',
      `expected ${this.#path} to answer command ${String.fromCharCode(command)}, saw nothing`,
      { hint: 'unplug the board and plug it in again' },
    )
  }

  #wait<F extends Frame>(wanted: (frame: Frame) => frame is F): Promise<F | undefined> {
    return new Promise((resolve) => {
      const done = (frame: F | undefined): void => {
        clearTimeout(timer)
        this.#expecting = this.#expecting.filter((other) => other !== look)
        resolve(frame)
      }
      const look = (frame: Frame): void => {
        if (wanted(frame)) done(frame)
      }
      const timer = setTimeout(done, ANSWER_TIMEOUT_MS, undefined)
      this.#expecting.push(look)
    })
  }
}

function accepted(reply: ReplyFrame, what: string): void {
  if (reply.status === P.STATUS_OK) return
  const reason = STATUS_TEXT[reply.status] ?? `status ${reply.status}`
  throw new JoulespanError('device-foreign', `the device refused ${what}: ${reason}`, {
    hint: 'does its firmware support this mode and these inputs?',
  })
}

const STATUS_TEXT: Record<number, string> = {
  [P.STATUS_LENGTH]: 'wrong length',
  [P.STATUS_VALUE]: 'value out of range',
  [P.STATUS_BUSY]: 'busy sampling',
  [P.STATUS_EEPROM]: 'EEPROM failed',
  [P.STATUS_UNKNOWN_COMMAND]: 'unknown command',
}
