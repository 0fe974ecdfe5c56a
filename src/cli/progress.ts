import type { LiveFigures } from '../live/live-meter.ts'
import { withUnit } from './figures.ts'
import { paint } from './paint.ts'

/** What goes on, on stderr: status lines always, the line of provisional figures only on a terminal. */
export class Progress {
  readonly #startedAt = process.hrtime.bigint()
  readonly #isTerminal = process.stderr.isTTY === true
  #hasLine = false
  #shownAt = 0

  status(text: string): void {
    this.#clear()
    process.stderr.write(`${paint('dim', text)}\n`)
  }

  figures(figures: LiveFigures): void {
    const nowS = Number(process.hrtime.bigint() - this.#startedAt) / 1e9
    if (!this.#isTerminal || nowS - this.#shownAt < 0.25) return
    this.#shownAt = nowS
    const power = figures.powerW.reduce((sum, watts) => sum + watts, 0)
    const parts = [
      `${nowS.toFixed(1)} s`,
      Number.isNaN(power) ? 'aligning clocks' : withUnit(power, 'W', 3),
      `${figures.inferences} inferences`,
      ...(figures.inferences > 0 ? [`${withUnit(figures.meanEnergyJ, 'J', 3)} each`] : []),
      ...(Number.isFinite(figures.boundNs) ? [`clock within ${Math.ceil(figures.boundNs / 1e3)} us`] : []),
    ]
    this.#line(`provisional  ${parts.join('  ')}`)
  }

  /** Share of a piece of work that is done, 0 to 1. */
  share(what: string, share: number): void {
    if (this.#isTerminal) this.#line(`${what} ${Math.floor(100 * share)} %`)
  }

  end(): void {
    this.#clear()
  }

  #line(text: string): void {
    process.stderr.write(`\r\x1b[2K${text}`)
    this.#hasLine = true
  }

  #clear(): void {
    if (this.#hasLine) process.stderr.write('\r\x1b[2K')
    this.#hasLine = false
  }
}
