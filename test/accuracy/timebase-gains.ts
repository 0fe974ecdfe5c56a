import type { LinkScenario } from '../support/link-models.ts'
import type { Pool } from './pool.ts'
import { markdownTable } from './section.ts'
import { SCENARIOS, type Scenario } from './timebase-scenarios.ts'
import { type ModeResult, runScenario } from './timebase-section.ts'

/** What the parts of the method add, on models A and C: figures, no claims. */
export function gainsTable(seeds: number): string {
  const rows = SCENARIOS.filter(({ name }) => /^[AC]:/.test(name)).flatMap((scenario) => {
    const plain = runScenario(scenario, seeds)
    // a slew of nothing at all: the same two passes, but the hull is left out
    const passesAlone = runScenario({ ...scenario, hostSlewPerS: 1e-15 }, seeds)
    const timed = runScenario({ ...scenario, link: { ...scenario.link, pingTimes: beforeUsbFrame(scenario) } }, seeds)
    return [
      row(scenario.name, 'online', plain.online),
      row('', 'online, pings 60 to 160 us before the USB frame', timed.online),
      row('', 'two passes without the hull', passesAlone.twoPass),
      row('', 'two-pass', plain.twoPass),
      row('', 'two-pass, pings before the USB frame', timed.twoPass),
    ]
  })
  return `What was gained over the envelope run both ways, settled, us. The hull needs no rate, only the declared drift, and bounds what lies
between two points: it is in use. Pings that meet the USB frame just before it begins would narrow the bound online, as their least delays come
five times as often; they need a timer of some 50 us, which Node does not have, so this is an experiment.

${markdownTable(['model', 'map', 'error p50 / p99 / max', 'bound p50 / p99 / max', 'outside'], rows)}
`
}

function row(name: string, map: string, { settledError, settledBound, outside }: ModeResult): string[] {
  const cell = (pool: Pool): string => [0.5, 0.99, 1].map((share) => pool.percentile(share).toFixed(0)).join(' / ')
  return [name, map, cell(settledError), cell(settledBound), String(outside)]
}

/** Ten pings a second, each shortly before a frame of the host controller, whose phase is taken as learned. */
function beforeUsbFrame({ durationS }: Scenario): NonNullable<LinkScenario['pingTimes']> {
  const frameS = 1e-3 * (1 + 7e-6)
  return (random, phaseS) =>
    Float64Array.from({ length: Math.floor(durationS * 10) }, (_, i) => {
      const t = (i + 0.9 * random()) / 10
      const frame = phaseS + Math.ceil((t - phaseS) / frameS) * frameS
      return frame - (60 + 100 * random()) * 1e-6
    }).sort()
}
