import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Envelope, OSCILLATORS } from '../../src/timebase/envelope.ts'
import type { OscillatorName } from '../../src/timebase/oscillator.ts'
import { inArrivalOrder, type LinkScenario, simulateLink } from '../support/link-models.ts'

type Link = Omit<LinkScenario, 'seed' | 'durationS'>
const swing = { ppmPerS: 2, periodS: 40 }

const scenarios: [name: string, oscillator: OscillatorName, link: Link][] = [
  ['crystal', 'crystal', { link: 'cdc', skew: 40e-6, driftPpmPerMin: 1 }],
  ['frames that beat with USB', 'crystal', { link: 'cdc', skew: 40e-6, dither: false }],
  ['drift at the limit, -9900 ppm', 'crystal', { link: 'cdc', skew: -9.9e-3, swing: { ppmPerS: 0.05, periodS: 90 } }],
  ['drift at the limit, +9900 ppm, 16 ms timer', 'resonator', { link: 'ftdi16', skew: 9.9e-3, swing }],
  ['one ping a second, ten frames', 'resonator', { link: 'ftdi1', skew: 5e-3, framesPerS: 10, pingsPerS: 1, swing }],
  [
    '50 pings a second, a thousand frames',
    'resonator',
    { link: 'cdc', skew: 0, framesPerS: 1000, pingsPerS: 50, swing },
  ],
  ['every fifth stamp late', 'resonator', { link: 'ftdi1', skew: -5e-3, spikes: 0.2, swing }],
  [
    'a stall of 8 s and a silence of 60 s',
    'resonator',
    {
      link: 'ftdi1',
      skew: 5e-3,
      stalls: [{ atS: 20, forS: 8 }],
      silences: [{ atS: 50, forS: 60 }],
      swing: { ppmPerS: 2, periodS: 200 },
    },
  ],
]

for (const [name, oscillator, link] of scenarios)
  test(`${name}: no frame outside the bound, from the first aligned one on`, () => {
    let frames = 0
    for (let seed = 1; seed <= 3; seed++) {
      const { outside, aligned, contradictions } = follow({ ...link, seed, durationS: 120 }, oscillator)
      assert.is(outside, 0)
      assert.is(contradictions, 0)
      frames += aligned
    }
    assert.ok(frames > 1500, `${frames} frames`)
  })

test('drift beyond the declared limit is not covered: the test can fail', () => {
  const { outside, contradictions } = follow(
    { seed: 1, durationS: 120, link: 'cdc', skew: 0, swing: { ppmPerS: 10, periodS: 60 } },
    'crystal',
  )
  assert.ok(outside + contradictions > 0)
})

test('a floor claimed 150 us too high goes unnoticed by the envelope, and breaks the bound', () => {
  const { outside } = follow({ seed: 2, durationS: 30, link: 'cdc', skew: 0 }, 'crystal', 150e-6)
  assert.ok(outside > 1000)
})

test('the bound is tight a second after boot, tighter after ten', () => {
  const { boundAtS } = follow({ seed: 3, durationS: 60, link: 'cdc', skew: 5e-3, pingsPerS: 50 }, 'crystal')
  assert.ok(boundAtS(1.5) < 600e-6)
  assert.ok(boundAtS(10) < 250e-6)
  assert.ok(boundAtS(50) < 160e-6)
})

test('in a silence the bound grows by rate interval and drift, and shrinks again', () => {
  const envelope = new Envelope(OSCILLATORS.resonator)
  for (let k = 0; k < 2000; k++) {
    envelope.addLower(k * 0.01, k * 0.01 - 100e-6)
    envelope.addUpper(k * 0.01 + 1e-3, k * 0.01 + 1e-3 + 100e-6)
  }
  const half = (d: number): number => (envelope.upper(d) - envelope.lower(d)) / 2
  const before = half(20)
  const error = envelope.rateError
  const drift = (60 * 60 * OSCILLATORS.resonator.driftPerS) / 2
  assert.ok(half(80) > before + 60 * error + drift)
  assert.ok(half(80) < before + 60 * error + 1.1 * drift)
  envelope.addUpper(80, 80 + 100e-6)
  envelope.addLower(80, 80 - 100e-6)
  assert.ok(half(80) < 101e-6)
})

test('a pair of before a step that comes after it is left alone', () => {
  const envelope = new Envelope(OSCILLATORS.crystal)
  for (let k = 0; k < 1000; k++) {
    envelope.addUpper(k * 0.01, k * 0.01 + 100e-6)
    envelope.addLower(k * 0.01 + 1e-3, k * 0.01 + 1e-3 - 100e-6)
  }
  // the device jumps ahead by 5 ms
  assert.not(envelope.addUpper(10.01, 10.005 + 100e-6))
  assert.ok(envelope.addLower(9.995, 9.995 - 50e-6))
  assert.is(envelope.ignored, 1)
  assert.not(envelope.aligned)
  assert.ok(envelope.addLower(10.02, 10.015 - 100e-6))
  assert.ok(Math.abs((envelope.upper(10.03) + envelope.lower(10.03)) / 2 - 10.025) < 100e-6)
})

test('a counter set back without a word is met by the first ping, also twice in a row', () => {
  const envelope = new Envelope(OSCILLATORS.crystal)
  let host = 0
  const run = (from: number, seconds: number): void => {
    for (let k = 0; k < seconds * 100; k++, host += 0.01) {
      envelope.addUpper(from + k * 0.01, host + 100e-6)
      if (k % 10 === 5) envelope.addLower(from + k * 0.01, host - 100e-6)
    }
  }
  run(500, 20)
  run(0, 5)
  run(0, 20)
  assert.is(envelope.contradictions, 2)
  assert.ok(Math.abs((envelope.upper(19.99) + envelope.lower(19.99)) / 2 - (host - 0.01)) < 60e-6)
})

test('a slew of the host that was declared is covered, one that was not is not', () => {
  const slews = [
    { fromS: 20, toS: 40, ppm: 500 },
    { fromS: 40, toS: 60, ppm: -500 },
  ]
  const scenario: LinkScenario = { seed: 5, durationS: 80, link: 'cdc', skew: 40e-6, slews }
  assert.is(follow(scenario, 'crystal', 0, 5e-4).outside, 0)
  const { outside, contradictions } = follow(scenario, 'crystal')
  assert.ok(outside + contradictions > 0)
})

/** Every frame judged by the map right behind it. */
function follow(scenario: LinkScenario, oscillator: OscillatorName, floorS = 0, hostSlewPerS = 0) {
  const trace = simulateLink(scenario)
  const { frames, pings, tickS } = trace
  const envelope = new Envelope(OSCILLATORS[oscillator], { hostSlewPerS })
  const origin = frames.d[0] as number
  const bounds: [s: number, bound: number][] = []
  let outside = 0
  for (const { isUp, i } of inArrivalOrder(trace)) {
    if (!isUp) {
      envelope.addLower((pings.d[i] as number) - origin + tickS, pings.writtenS[i] as number)
      continue
    }
    const d = (frames.d[i] as number) - origin
    envelope.addUpper(d, (frames.arrivedS[i] as number) - floorS)
    if (!envelope.aligned) continue
    const sent = frames.sentS[i] as number
    // a stamp is the floor of the device's time: the instant lies up to a tick later
    if (sent < envelope.lower(d) - 1e-9 || sent > envelope.upper(d) + 1.011 * tickS + 1e-9) outside++
    bounds.push([sent, (envelope.upper(d) - envelope.lower(d)) / 2])
  }
  const boundAtS = (s: number): number => bounds.find(([at]) => at >= s)?.[1] as number
  return { outside, aligned: bounds.length, contradictions: envelope.contradictions, boundAtS }
}

test.run()
