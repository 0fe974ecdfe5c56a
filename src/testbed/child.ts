import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { lastLine } from './run-tool.ts'

/** What a program says on stdout: one JSON object a line. */
export type Said = Readonly<Record<string, unknown>>

/** A program of the testbed that runs beside the host and talks in JSON lines. */
export class Child {
  readonly name: string
  /** Resolves when it has ended: undefined after a clean end, else what went wrong. */
  readonly ended: Promise<string | undefined>
  /** Everything it said so far; the last line of a program is its statistics. */
  readonly said: Said[] = []
  readonly #process: ChildProcess
  readonly #waiting: ((said: Said) => void)[] = []
  #errors = ''
  #isEnded = false
  #exitCode: number | undefined

  constructor(name: string, path: string, args: readonly string[]) {
    this.name = name
    this.#process = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const { stdout, stderr } = this.#process
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000)
    })
    if (stdout !== null) createInterface(stdout).on('line', (line) => this.#hear(line))
    this.ended = new Promise((resolve) => {
      this.#process.on('error', (error) => resolve(error.message))
      this.#process.on('close', (code, signal) => {
        this.#exitCode = code ?? undefined
        const why = `${signal ?? `code ${code}`}${this.#errors === '' ? '' : `: ${lastLine(this.#errors)}`}`
        resolve(code === 0 ? undefined : why)
      })
    })
    void this.ended.then(() => {
      this.#isEnded = true
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** The first line for which `wanted` holds; fails when the program ends or the time is up. */
  async waitFor(wanted: (said: Said) => boolean, timeoutMs: number): Promise<Said> {
    const earlier = this.said.find(wanted)
    if (earlier !== undefined) return earlier
    let timer: NodeJS.Timeout | undefined
    try {
      return await Promise.race([
        new Promise<Said>((resolve) => {
          this.#waiting.push((said) => {
            if (wanted(said)) resolve(said)
          })
        }),
        this.ended.then((why) => {
          // what the programs of the testbed call wrong options, plans and files
          const isMisuse = this.#exitCode === 2
          throw new JoulespanError(
            isMisuse ? 'recipe' : 'device-missing',
            `the ${this.name} ended early: ${why ?? 'without an error'}`,
          )
        }),
        new Promise<never>((_, reject) => {
          const late = new JoulespanError('device-missing', `the ${this.name} was not ready within ${timeoutMs} ms`)
          timer = setTimeout(() => reject(late), timeoutMs)
        }),
      ])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends it by closing its stdin; after `graceMs` it is told to terminate, and after as long again killed. */
  async stop(graceMs = 3000): Promise<string | undefined> {
    this.#process.stdin?.end()
    const timers = [
      setTimeout(() => this.#process.kill('SIGTERM'), graceMs),
      setTimeout(() => this.#process.kill('SIGKILL'), 2 * graceMs),
    ]
    const why = await this.ended
    for (const timer of timers) clearTimeout(timer)
    return why
  }

  terminate(): void {
    this.#process.kill('SIGTERM')
  }

  #hear(line: string): void {
    let said: Said
    try {
      said = JSON.parse(line) as Said
    } catch {
      return
    }
    this.said.push(said)
    for (const listener of this.#waiting) listener(said)
  }
}
