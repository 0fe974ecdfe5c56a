import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { MarkerEdge } from '../../src/samples/sample-block.ts'
import { LinkFloorEstimate } from '../../src/timebase/link-floor-estimate.ts'
import { MarkerMatch, type Window } from '../../src/timebase/marker-edges.ts'
import { seededRandom } from '../../src/units/random.ts'
import { hostNs, ticks } from '../../src/units/units.ts'

/** Toggles every 100 ms, each seen 1 ms later on the tick line of `hostOf`, in windows of 0.3 ms. */
const EVERY_NS = 100e6

test('an edge is the one toggle of its level that its window allows', () => {
  const { match, used } = run((k) => ({ level: levelOf(k), atNs: k * EVERY_NS }))
  assert.equal(match.counts, { toggles: 20, matched: 20, opposite: 0, foreign: 0, ambiguous: 0, unseen: 0 })
  assert.is(used.length, 20)
  for (const { edge, toggle } of used) assert.is(toggle.fromNs, edge.after)
})

test('an inverted line is told and not used', () => {
  const { match, used } = run((k) => ({ level: levelOf(k + 1), atNs: k * EVERY_NS }))
  assert.is(match.counts.opposite, 20)
  assert.is(match.isBelieved, false)
  assert.equal(used, [])
})

test('a line that does something else is told and not used, even where it meets a toggle', () => {
  const random = seededRandom(5)
  const { match, used } = run((k) => ({
    level: levelOf(k),
    atNs: random() < 0.3 ? k * EVERY_NS : (k + 0.4) * EVERY_NS,
  }))
  assert.ok(match.counts.foreign > 5 && match.counts.matched > 2)
  assert.is(match.isBelieved, false)
  assert.equal(used, [])
})

test('a window as wide as the toggles are apart tells nothing', () => {
  const { match, used } = run((k) => ({ level: levelOf(k), atNs: k * EVERY_NS }), EVERY_NS)
  assert.is(match.counts.ambiguous, 20)
  assert.equal(used, [])
})

test('a toggle that was lost on its way hides its edge, and no other takes its place', () => {
  const { match } = run((k) => ({ level: levelOf(k), atNs: k * EVERY_NS }), 0.3e6, [7])
  assert.is(match.counts.foreign, 1)
  assert.is(match.counts.matched, 19)
})

test('what the runner has not told yet is waited for, and edges from before belief are used too', () => {
  const match = new MarkerMatch()
  match.addEdge(edgeAt(0, 1), windowAt(0, 0.3e6))
  assert.equal(
    match.take(0, () => windowAt(0, 0.3e6)),
    [],
  )
  const look = (edge: MarkerEdge): Window => windowAt(edge.after, 0.3e6)
  const taken: number[] = []
  for (let k = 0; k < 5; k++) {
    if (k > 0) match.addEdge(edgeAt(k * EVERY_NS, levelOf(k)), windowAt(k * EVERY_NS, 0.3e6))
    match.addToggle({ level: levelOf(k), fromNs: k * EVERY_NS, toNs: k * EVERY_NS + 2000 })
    taken.push(match.take((k + 0.5) * EVERY_NS, look).length)
  }
  // the first two have no spacing to be told by or too few before them
  assert.equal(
    taken.reduce((sum, n) => sum + n, 0),
    match.counts.matched,
  )
  assert.ok(match.isBelieved)
})

test('toggles without an edge are counted where samples could have shown them', () => {
  const match = new MarkerMatch()
  for (let k = 0; k < 10; k++) match.addToggle({ level: levelOf(k), fromNs: k * EVERY_NS, toNs: k * EVERY_NS + 2000 })
  match.dropBefore(Number.POSITIVE_INFINITY, 4 * EVERY_NS)
  assert.is(match.counts.unseen, 6)
})

test('a link floor read from delays is never above the true one in 99 % of runs, and is of use with many', () => {
  const random = seededRandom(11)
  const exponential = (mean: number): number => -mean * Math.log(1 - random())
  const FLOOR_NS = 100e3
  for (const n of [500, 5_000, 50_000]) {
    const claims = Array.from({ length: n > 10_000 ? 40 : 300 }, () => {
      const estimate = new LinkFloorEstimate()
      for (let i = 0; i < n; i++) estimate.add(FLOOR_NS + exponential(100e3) + random() * 1e6 + exponential(30e3))
      return estimate.claimNs as number
    })
    const over = claims.filter((claim) => claim > FLOOR_NS).length
    assert.ok(over <= 0.01 * claims.length, `${over} of ${claims.length} above the floor with ${n} delays`)
    if (n > 10_000) assert.ok(claims.reduce((a, b) => a + b) / claims.length > 40e3, 'a claim of use')
  }
  assert.is(new LinkFloorEstimate().claimNs, undefined)
})

function levelOf(k: number): 0 | 1 {
  return k % 2 === 0 ? 1 : 0
}

/** The tick line of these tests is the host's. */
function edgeAt(ns: number, level: 0 | 1): MarkerEdge {
  return { epoch: 0, level, after: ticks(ns), until: ticks(ns + 26e3), arrivalNs: hostNs(ns + 1e6) }
}

function windowAt(ns: number, widthNs: number): Window {
  return { lowerNs: ns - widthNs / 2, upperNs: ns + widthNs / 2 }
}

function run(
  seen: (k: number) => { level: 0 | 1; atNs: number },
  widthNs = 0.3e6,
  lost: readonly number[] = [],
): { match: MarkerMatch; used: { edge: MarkerEdge; toggle: { fromNs: number } }[] } {
  const match = new MarkerMatch()
  for (let k = 0; k < 20; k++) {
    if (!lost.includes(k)) match.addToggle({ level: levelOf(k), fromNs: k * EVERY_NS, toNs: k * EVERY_NS + 2000 })
    const { level, atNs } = seen(k)
    match.addEdge(edgeAt(atNs, level), windowAt(atNs, widthNs))
  }
  const used = match.take(Number.POSITIVE_INFINITY, (edge) => windowAt(edge.after, widthNs))
  return { match, used }
}

test.run()
