import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { inSequence } from '../../src/timebase/compose.ts'
import { Envelope } from '../../src/timebase/envelope.ts'
import { OSCILLATORS, seenFrom } from '../../src/timebase/oscillator.ts'
import { seededRandom } from '../../src/units/random.ts'
import { inArrivalOrder, simulateLink } from '../support/link-models.ts'

test('device to a host, and by a LAN to the host of a runner: no frame outside, half-widths add', () => {
  for (let seed = 1; seed <= 3; seed++) {
    const trace = simulateLink({ seed, durationS: 120, link: 'ftdi1', skew: 5e-3, swing: { ppmPerS: 2, periodS: 60 } })
    const { frames, pings } = trace
    // the runner's clock: 30 ppm off the measuring host's, and far away
    const runner = (host: number): number => 5000 + host * (1 + 30e-6) + 1e-8 * host * host
    const toHost = new Envelope(OSCILLATORS.resonator)
    const toRunner = new Envelope(seenFrom(OSCILLATORS.crystal, OSCILLATORS.crystal))
    const both = inSequence(toHost, toRunner)
    const lan = exchanges(120, seed, runner)
    let sent = 0
    let judged = 0
    for (const { isUp, i } of inArrivalOrder(trace)) {
      const v = (isUp ? frames.arrivedS[i] : pings.writtenS[i]) as number
      if (!isUp) {
        toHost.addLower((pings.d[i] as number) + trace.tickS, v)
        continue
      }
      const d = frames.d[i] as number
      toHost.addUpper(d, v)
      for (; sent < lan.length && (lan[sent] as Exchange).knownS <= v; sent++) {
        const { isUpper, hostS, runnerS } = lan[sent] as Exchange
        if (isUpper) toRunner.addUpper(hostS, runnerS)
        else toRunner.addLower(hostS, runnerS)
      }
      if (!toHost.aligned || !toRunner.aligned) continue
      judged++
      const truth = runner(frames.sentS[i] as number)
      const [lower, upper] = [both.lower(d), both.upper(d)]
      assert.ok(truth >= lower - 1e-9 && truth <= upper + 1.011 * trace.tickS + 1e-9)
      const first = toHost.upper(d) - toHost.lower(d)
      const middle = (toHost.upper(d) + toHost.lower(d)) / 2
      const second = toRunner.upper(middle) - toRunner.lower(middle)
      assert.ok(Math.abs(upper - lower - first - second) < 0.02 * (first + second))
    }
    assert.ok(judged > 10_000)
  }
})

interface Exchange {
  /** Sent by the measuring host at hostS, read by the runner's at runnerS: an upper bound; the answer is a lower one. */
  readonly isUpper: boolean
  readonly hostS: number
  readonly runnerS: number
  readonly knownS: number
}

/** Five exchanges a second over a wired network: 50 to 150 us each way and a tail. */
function exchanges(durationS: number, seed: number, runner: (host: number) => number): Exchange[] {
  const random = seededRandom(seed + 77)
  const delay = (): number => 50e-6 + 30e-6 * -Math.log(1 - random()) + (random() < 0.01 ? 5e-3 * random() : 0)
  const out: Exchange[] = []
  for (let t = 0; t < durationS; t += 0.2 + 0.05 * random()) {
    const read = t + delay()
    const answered = read + 20e-6
    const back = answered + delay()
    out.push({ isUpper: true, hostS: t, runnerS: runner(read), knownS: back })
    out.push({ isUpper: false, hostS: back, runnerS: runner(answered), knownS: back })
  }
  return out
}

test.run()
