import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OSCILLATORS, type Oscillator } from '../../src/timebase/envelope.ts'
import { FinalMap } from '../../src/timebase/final-map.ts'
import { ticks } from '../../src/units/units.ts'
import { type LinkScenario, type LinkTrace, simulateLink } from '../support/link-models.ts'

const scenarios: [name: string, oscillator: Oscillator, scenario: LinkScenario][] = [
  [
    'crystal 40 ppm, cdc',
    OSCILLATORS.crystal,
    { seed: 1, durationS: 200, link: 'cdc', skew: 40e-6, driftPpmPerMin: 1 },
  ],
  ['resonator 5000 ppm, 1 ms timer', OSCILLATORS.resonator, { seed: 2, durationS: 200, link: 'ftdi1', skew: 5e-3 }],
  ['resonator -5000 ppm, 16 ms timer', OSCILLATORS.resonator, { seed: 3, durationS: 200, link: 'ftdi16', skew: -5e-3 }],
  [
    'resonator warming up by 300 ppm',
    OSCILLATORS.resonator,
    { seed: 4, durationS: 200, link: 'ftdi1', skew: 5e-3, warmUp: { ppm: 300, tauS: 180 } },
  ],
  [
    'frames that beat with USB',
    OSCILLATORS.crystal,
    { seed: 5, durationS: 200, link: 'cdc', skew: 40e-6, dither: false },
  ],
]

for (const [name, oscillator, scenario] of scenarios) {
  test(`${name}: the bound covers every frame, placed in pieces of 60 s`, () => {
    const trace = simulateLink(scenario)
    const { errorUs, boundUs, outside } = follow(trace, oscillator, 60)
    assert.is(outside, 0)
    assert.ok(errorUs.length > 0.97 * trace.frames.d.length, `${errorUs.length} of ${trace.frames.d.length} placed`)
    assert.ok(
      percentile(errorUs, 0.99) < (scenario.dither === false ? 300 : 160),
      `error p99 ${percentile(errorUs, 0.99)} us`,
    )
    assert.ok(
      percentile(boundUs, 0.99) < (scenario.dither === false ? 500 : 400),
      `bound p99 ${percentile(boundUs, 0.99)} us`,
    )
    if (process.env.JOULESPAN_VERBOSE)
      console.log(
        name,
        percentile(errorUs, 0.5),
        percentile(errorUs, 0.99),
        percentile(boundUs, 0.5),
        percentile(boundUs, 0.99),
      )
  })
}

test('an impossible floor breaks the bound or contradicts: it cannot go unnoticed in a test against truth', () => {
  const trace = simulateLink({ seed: 6, durationS: 60, link: 'cdc', skew: 0 })
  assert.ok(follow(trace, OSCILLATORS.crystal, 60, 250e-6).outside > 1000)
})

test('a step of the clock leaves a stretch unaligned and certainty on both sides', () => {
  const before = simulateLink({ seed: 7, durationS: 120, link: 'cdc', skew: 0 })
  const stepped = shift(before, 60, 5e-3)
  const { outside, map, errorUs } = follow(stepped, OSCILLATORS.crystal, 1000)
  assert.is(outside, 0)
  assert.is(map.steps, 1)
  assert.ok(errorUs.length > 0.9 * before.frames.d.length)
})

test('frames before the first and after the last pair are placed too', () => {
  const map = new FinalMap(OSCILLATORS.resonator, 1)
  for (let k = 0; k < 1000; k++) map.addFrame(k * 0.01, k * 0.01 + 0.01)
  for (let k = 100; k < 900; k++) {
    map.addPair(true, k * 0.01, k * 1e7 + 50e3)
    map.addPair(false, k * 0.01 + 0.001, k * 1e7 + 1e6 - 50e3)
  }
  map.extendTo(Number.POSITIVE_INFINITY)
  assert.is(map.map.tickAt(0), 0)
  assert.ok(Math.abs(map.map.lastTick - 10) < 1e-9)
  assert.ok(Math.abs(map.map.toHost(ticks(9.99)) - 9.99e9) < 2e5)
})

/** Feeds the trace as a run would, placing pieces of `pieceS` with 20 s of look-ahead. */
function follow(trace: LinkTrace, oscillator: Oscillator, pieceS: number, floorS = 0) {
  const map = new FinalMap(oscillator, 1)
  const { frames, pings, tickS } = trace
  const known: { at: number; add: () => void }[] = []
  frames.d.forEach((d, i) => {
    const at = frames.arrivedS[i] as number
    known.push({ at, add: () => map.addFrame(d, d + 1e-4) })
    known.push({ at, add: () => map.addPair(true, d, (at - floorS) * 1e9) })
  })
  pings.d.forEach((d, i) => {
    const written = pings.writtenS[i] as number
    known.push({ at: pings.knownS[i] as number, add: () => map.addPair(false, d - tickS, written * 1e9) })
  })
  known.sort((a, b) => a.at - b.at)
  let piece = pieceS
  for (const { at, add } of known) {
    while (at > piece + 20) {
      map.extendTo(piece * 1e9)
      piece += pieceS
    }
    add()
  }
  map.extendTo(Number.POSITIVE_INFINITY)
  const errorUs: number[] = []
  const boundUs: number[] = []
  let outside = 0
  frames.d.forEach((d, i) => {
    const boundNs = map.map.boundNs(ticks(d))
    if (Number.isNaN(boundNs)) return
    // the tick is the floor of the device time: the true instant lies up to one tick later
    const error = map.map.toHost(ticks(d)) / 1e9 - (frames.sentS[i] as number)
    if (error > boundNs / 1e9 || error < -boundNs / 1e9 - tickS) outside++
    errorUs.push(Math.abs(error) * 1e6)
    boundUs.push(boundNs / 1e3)
  })
  return { errorUs, boundUs, outside, map }
}

/** The device's clock jumps ahead by `stepS` at `atS`. */
function shift(trace: LinkTrace, atS: number, stepS: number): LinkTrace {
  const { frames, pings } = trace
  return {
    ...trace,
    frames: { ...frames, d: frames.d.map((d, i) => d + ((frames.sentS[i] as number) > atS ? stepS : 0)) },
    pings: { ...pings, d: pings.d.map((d, i) => d + ((pings.writtenS[i] as number) > atS ? stepS : 0)) },
  }
}

function percentile(values: number[], share: number): number {
  const sorted = values.slice().sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}

test.run()
