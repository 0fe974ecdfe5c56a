import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OSCILLATORS } from '../../src/timebase/oscillator.ts'
import { PairTable } from '../../src/timebase/pair-table.ts'
import { type RefitOptions, refit } from '../../src/timebase/refit.ts'
import { inArrivalOrder, type LinkTrace, simulateLink } from '../support/link-models.ts'

const ORIGIN_NS = 1_723_456_789_012_345_678n
const ORIGIN_TICK = 2n ** 60n
const HZ = 1e6
const modes = ['online', 'two-pass'] as const

const options = (mode: RefitOptions['mode'], more: Partial<RefitOptions> = {}): RefitOptions => ({
  mode,
  tickHz: HZ,
  oscillator: OSCILLATORS.crystal,
  floorUpNs: 0,
  floorDownNs: 0,
  stampTicks: 1,
  hostSlewPerS: 0,
  ...more,
})

for (const mode of modes)
  test(`${mode}: every frame of two boots lies in its bound, in nanoseconds of today and ticks of 2^60`, () => {
    const trace = simulateLink({ seed: 1, durationS: 60, link: 'cdc', skew: 5e-3, resets: [{ atS: 30, downS: 0.5 }] })
    const { epochs, answers, steps } = refit(stored(trace), queriesOf(trace), options(mode))
    assert.equal(
      epochs.map(({ boot, cause, label }) => [boot, cause, label]),
      [
        ['0', 'start', 'certified'],
        ['1', 'boot', 'certified'],
      ],
    )
    assert.is(steps.length, 0)
    let known = 0
    answers.forEach(({ hostNs, boundNs, epoch }, i) => {
      if (hostNs === null || boundNs === null) return
      known++
      const error = Number(hostNs - ns(trace.frames.sentS[i] as number))
      assert.ok(Math.abs(error) <= boundNs + 1, `frame ${i}: ${error} ns, bound ${boundNs}`)
      assert.is(epoch, trace.frames.boot[i])
    })
    assert.ok(known > 0.99 * answers.length)
    const [first] = epochs
    assert.ok(Math.abs((first?.ratePpm as number) - (1 / 1.005 - 1) * 1e6) <= (first?.rateBoundPpm as number))
    const { p50 = 0 } = first?.boundNs ?? {}
    const { link = 0, rate = 0, tick = 0 } = first?.budgetNs ?? {}
    assert.ok(link > 85e3 && rate > 0 && tick === 500 && link + rate + tick > p50 / 2)
  })

test('online: a query is answered by the map after the first frame whose tick is not smaller', () => {
  const trace = simulateLink({ seed: 2, durationS: 20, link: 'cdc', skew: 0 })
  const cut = 2000
  const all = inArrivalOrder(trace)
  const until = all.findIndex(({ isUp, i }) => isUp && i === cut) + 1
  const tick = tickOf(trace.frames.d[cut] as number) - 3n
  const [whole] = refit(stored(trace), [{ tick }], options('online')).answers
  const [short] = refit(stored(trace, all.slice(0, until)), [{ tick }], options('online')).answers
  assert.equal(whole, short)
  const [before] = refit(stored(trace, all.slice(0, until - 1)), [{ tick }], options('online')).answers
  assert.ok((before?.boundNs as number) >= (whole?.boundNs as number))
})

test('queries come back in their order; beyond the last frame and before the first the bound grows', () => {
  const trace = simulateLink({ seed: 3, durationS: 30, link: 'cdc', skew: 40e-6 })
  const ticks = [25, 40, -3, 10].map((t) => tickOf(trace.device(t)))
  for (const mode of modes) {
    const { answers } = refit(
      stored(trace),
      ticks.map((tick) => ({ tick })),
      options(mode),
    )
    assert.equal(
      answers.map(({ query }) => query.tick),
      ticks,
    )
    ;[25, 40, -3, 10].forEach((t, q) => {
      const { hostNs, boundNs } = answers[q] as (typeof answers)[number]
      // online, the first frame alone cannot place what was before it
      if (mode === 'online' && t === -3) assert.is(hostNs, null)
      else assert.ok(Math.abs(Number((hostNs as bigint) - ns(t))) <= (boundNs as number) + 1)
    })
    assert.ok((answers[1]?.boundNs as number) > (answers[0]?.boundNs as number))
  }
})

test('without pings: an estimate, unbounded, late by the least delay of the link', () => {
  const trace = simulateLink({ seed: 4, durationS: 60, link: 'cdc', skew: 40e-6, pingsPerS: 0 })
  for (const mode of modes) {
    const { epochs, answers } = refit(stored(trace), queriesOf(trace), options(mode))
    assert.is(epochs[0]?.label, 'estimate, unbounded')
    assert.is(epochs[0]?.boundNs, null)
    const late = answers.slice(4000).map(({ hostNs, boundNs, reason }, k) => {
      assert.is(boundNs, null)
      assert.match(reason as string, 'unbounded')
      return Number((hostNs as bigint) - ns(trace.frames.sentS[4000 + k] as number)) / 1e3
    })
    late.sort((a, b) => a - b)
    assert.ok((late[80] as number) > 80, `${late[80]} us`)
    assert.ok((late[late.length - 80] as number) < 220, `${late[late.length - 80]} us`)
  }
})

test('before the first answered ping, online says why there is nothing; so does a boot that never was', () => {
  const trace = simulateLink({ seed: 5, durationS: 10, link: 'cdc', skew: 0 })
  const first = { tick: tickOf(trace.frames.d[0] as number), boot: '0' }
  const { answers } = refit(stored(trace), [first, { ...first, boot: '7' }], options('online'))
  assert.equal(
    answers.map(({ hostNs, boundNs, reason }) => [hostNs, boundNs, reason]),
    [
      [null, null, 'unaligned: no answered ping in this epoch yet'],
      [null, null, 'boot 7 has no pairs'],
    ],
  )
})

test('a counter set back without a boot id makes a new epoch', () => {
  const trace = simulateLink({ seed: 6, durationS: 60, link: 'cdc', skew: 0, steps: [{ atS: 30, stepS: -40 }] })
  for (const mode of modes) {
    const { epochs, steps } = refit(stored(trace), [], options(mode))
    assert.is(epochs.length, 2)
    assert.is(epochs[1]?.cause, 'step')
    if (mode === 'online') assert.is(steps.length, 1)
  }
  // ticks that came in the second epoch alone
  const { answers } = refit(stored(trace), [{ tick: tickOf(trace.device(35)) }], options('two-pass'))
  const { hostNs, boundNs, epoch } = answers[0] as (typeof answers)[number]
  assert.is(epoch, 1)
  assert.ok(Math.abs(Number((hostNs as bigint) - ns(35))) <= (boundNs as number) + 1)
})

test('garbage is unaligned, never an exception or a bound that shrinks', () => {
  const pairs = new PairTable()
  for (let k = 0; k < 3000; k++)
    pairs.push(k % 3 !== 0, BigInt((k * 7919) % 1000003), BigInt((k * 104729) % 10000019) * 1000n, null)
  for (const mode of modes) {
    const { answers } = refit(pairs, [{ tick: 500000n }, { tick: 0n }], options(mode))
    for (const { hostNs, boundNs, reason } of answers) assert.ok(hostNs === null || boundNs !== null || reason !== null)
  }
})

function stored(trace: LinkTrace, order = inArrivalOrder(trace)): PairTable {
  const { frames, pings } = trace
  const pairs = new PairTable()
  for (const { isUp, i } of order)
    if (isUp) pairs.push(true, tickOf(frames.d[i] as number), ns(frames.arrivedS[i] as number), String(frames.boot[i]))
    else pairs.push(false, tickOf(pings.d[i] as number), ns(pings.writtenS[i] as number), String(pings.boot[i]))
  return pairs
}

function queriesOf({ frames }: LinkTrace) {
  return Array.from(frames.d, (d, i) => ({ tick: tickOf(d), boot: String(frames.boot[i]) }))
}

function tickOf(d: number): bigint {
  return ORIGIN_TICK + BigInt(Math.round(d * HZ))
}

function ns(s: number): bigint {
  return ORIGIN_NS + BigInt(Math.round(s * 1e9))
}

test.run()
