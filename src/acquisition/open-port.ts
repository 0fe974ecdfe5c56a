import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs'
import { SerialPort } from 'serialport'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** An open serial port: raw, 8N1, locked; its descriptor is read elsewhere. */
export interface OpenPort {
  readonly fd: number
  close(): Promise<void>
}

/**
 * Opens and configures a serial port with the serialport package, which knows custom speeds and line settings of every system.
 * Reading is not its business here: its poller calls back on the main loop and aborts inside a worker (docs/decisions).
 */
export async function openPort(path: string, baud: number): Promise<OpenPort> {
  checkPath(path)
  try {
    const port = await SerialPort.binding.open({ path: realpathSync(path), baudRate: baud, lock: true, hupcl: false })
    const { fd } = port as unknown as { fd: number | null }
    if (fd === null) throw new Error('the binding gave no descriptor')
    // a tty stream that shared the descriptor may have closed it already
    return { fd, close: () => port.close().catch(() => undefined) }
  } catch (cause) {
    throw explain(path, cause)
  }
}

function checkPath(path: string): void {
  if (!existsSync(path)) {
    const seen = candidates()
    const others = seen.length === 0 ? 'no serial port at all' : `only ${seen.join(', ')}`
    throw new JoulespanError('device-missing', `expected a serial port at ${path}, saw ${others}`, {
      hint: 'plug the board in, or name its port with --port; a path below /dev/serial/by-id stays the same',
    })
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw new JoulespanError('permission', `expected to read and write ${path}, saw no permission to`, {
      cause,
      hint: 'sudo usermod -aG dialout $USER, then log in again',
    })
  }
}

function explain(path: string, cause: unknown): JoulespanError {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/lock|busy|temporarily unavailable/i.test(text))
    return new JoulespanError('device-busy', `expected ${path} to be free, saw another program hold it`, {
      cause,
      hint: `fuser ${path} names it`,
    })
  return new JoulespanError('device-missing', `expected a serial port at ${path}, saw: ${text}`, { cause })
}

function candidates(): string[] {
  try {
    return readdirSync('/dev')
      .filter((name) => /^tty(ACM|USB|AMA)\d+$/.test(name))
      .map((name) => `/dev/${name}`)
  } catch {
    return []
  }
}
