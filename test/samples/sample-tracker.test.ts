import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SampleFrame } from '../../src/framing/frame.ts'
import * as P from '../../src/protocol/constants.ts'
import { PingLedger } from '../../src/samples/ping-ledger.ts'
import { SampleTracker, type Tracked } from '../../src/samples/sample-tracker.ts'
import { hostNs } from '../../src/units/units.ts'

const PERIOD = P.MODE_BALANCED_PERIOD_TICKS
const FRAME_NS = 128 * PERIOD * 500

test('consecutive frames continue each other without gaps', () => {
  const { tracker, out } = track([0, 1, 2, 3].map((k) => frame(k)))
  assert.equal(out.gaps, [])
  assert.equal(
    out.blocks.map((b) => b.first),
    [0, 128, 256, 384],
  )
  assert.is(tracker.counts.framesLost, 0)
})

test('a lost frame is a gap of its samples and counted once', () => {
  const { tracker, out } = track([frame(0), frame(1), frame(4), frame(5)])
  assert.equal(out.gaps, [{ first: 256, end: 512, cause: 'link' }])
  assert.equal([tracker.counts.framesLost, tracker.counts.samplesLost], [2, 256])
})

test('index, tick and sequence wrap without a trace', () => {
  const at = { firstIndex: 2 ** 32 - 128, tick: 2 ** 32 - 64 * PERIOD, sequence: 65535 }
  const { out, tracker } = track([0, 1, 2].map((k) => frame(k, at)))
  assert.equal(
    out.blocks.map((b) => b.first),
    [0, 128, 256],
  )
  assert.equal(
    out.blocks.map((b) => b.tick - (out.blocks[0]?.tick as number)),
    [0, 128 * PERIOD, 256 * PERIOD],
  )
  assert.is(tracker.counts.framesLost, 0)
})

test('an hour without frames: the timer wrapped, the arrival times tell how often', () => {
  const hour = Math.round(3600e9 / FRAME_NS)
  const { out } = track([frame(0), frame(hour)])
  assert.is(out.blocks[1]?.first, hour * 128)
  assert.equal(out.gaps, [{ first: 128, end: hour * 128, cause: 'link' }])
})

test('a new boot starts an epoch whose samples follow all earlier ones', () => {
  const reset = { bootId: 8, firstIndex: 0, tick: 5000, sequence: 0 }
  const { out, tracker } = track([frame(0), frame(1), { ...frame(1, reset), arrivalNs: hostNs(3 * FRAME_NS) }])
  assert.equal(
    out.blocks.map((b) => [b.epoch, b.first]),
    [
      [0, 0],
      [0, 128],
      [1, 384],
    ],
  )
  assert.equal(out.gaps, [{ first: 256, end: 384, cause: 'reset' }])
  assert.is(tracker.counts.boots, 2)
})

test('a frame that contradicts the frames around it is dropped, not believed', () => {
  const liar = { ...frame(2), firstIndex: 9_000 }
  const { out, tracker } = track([frame(0), frame(1), liar, frame(3)])
  assert.equal(
    out.blocks.map((b) => b.first),
    [0, 128, 384],
  )
  assert.is(tracker.counts.inconsistent, 1)
})

test('after a lost restart two agreeing frames re-anchor the line', () => {
  const late = { tick: 1000 + 77_777 }
  const { out, tracker } = track([frame(0), frame(2, late), frame(3, late), frame(4, late)])
  assert.equal(
    out.blocks.map((b) => b.first),
    [0, 384, 512],
  )
  assert.is(tracker.counts.inconsistent, 1)
})

test('a device that counts from 0 again under the same boot id starts an epoch', () => {
  const { out } = track([
    frame(7),
    frame(8),
    ...[1, 2, 3].map((k) => ({ ...frame(k), arrivalNs: hostNs((k + 9) * FRAME_NS) })),
  ])
  assert.equal(
    out.blocks.map((b) => b.epoch),
    [0, 0, 1, 1],
  )
})

test('a slip re-anchors and is counted; an overrun is the device’s loss', () => {
  const slipped = { ...frame(1, { firstIndex: 1, tick: 1000 + PERIOD }), flags: P.FLAG_SLIP }
  const overrun = { ...frame(3, { firstIndex: 1, tick: 1000 + PERIOD }), sequence: 2, flags: P.FLAG_OVERRUN }
  const { out, tracker } = track([frame(0), slipped, overrun])
  assert.equal(out.gaps, [
    { first: 128, end: 129, cause: 'slip' },
    { first: 257, end: 385, cause: 'overrun' },
  ])
  assert.equal([tracker.counts.slips, tracker.counts.overruns, tracker.counts.framesLost], [1, 1, 0])
})

test('pings and frames become pairs: the stamp of the frame before with its own arrival', () => {
  const pings = new PingLedger()
  pings.wrote(5, hostNs(123))
  const second = {
    ...frame(1),
    flags: P.FLAG_TX_TICK_VALID,
    txTick: 999,
    pings: [
      { id: 5, rxTick: 400 },
      { id: 6, rxTick: 401 },
    ],
  }
  const { out } = track([frame(0), second], pings)
  assert.equal(out.pairs, [
    { kind: 'up', epoch: 0, tick: 999, hostNs: FRAME_NS },
    { kind: 'down', epoch: 0, tick: 400, hostNs: 123 },
  ])
})

test('the stamp of a frame that was lost makes no pair', () => {
  const third = { ...frame(2), flags: P.FLAG_TX_TICK_VALID, txTick: 999 }
  assert.equal(track([frame(0), third]).out.pairs, [])
})

function track(frames: SampleFrame[], pings = new PingLedger()): { tracker: SampleTracker; out: Tracked } {
  const tracker = new SampleTracker(pings)
  const out: Tracked = { blocks: [], gaps: [], pairs: [], edges: [] }
  for (const f of frames) tracker.push(f, out)
  return { tracker, out }
}

/** Frame number k of an undisturbed stream that starts as `at` says. */
function frame(
  k: number,
  at: { bootId?: number; firstIndex?: number; tick?: number; sequence?: number } = {},
): SampleFrame {
  return {
    kind: P.FRAME_KIND_SAMPLE,
    bootId: at.bootId ?? 7,
    sequence: ((at.sequence ?? 0) + k) & 0xffff,
    arrivalNs: hostNs((k + 1) * FRAME_NS),
    firstIndex: ((at.firstIndex ?? 0) + k * 128) % 2 ** 32,
    tick: ((at.tick ?? 1000) + k * 128 * PERIOD) % 2 ** 32,
    txTick: 0,
    mode: P.MODE_BALANCED,
    channels: 1,
    flags: 0,
    markerEdges: 0,
    markerOffset: P.SAMPLE_MARKER_NONE,
    counts: new Uint16Array(128),
    pings: [],
  }
}

test('a marker edge lies between the readings of the pin at the sample before and at its own', () => {
  const edge = { markerEdges: 1, markerOffset: 5, flags: 0 }
  const { out } = track([frame(0), { ...frame(1), ...edge }, frame(2)])
  const hold = (out.blocks[1]?.tick ?? 0) + 5 * PERIOD
  // balanced: a conversion ends 46 ticks after its hold, the pin is read 2 to 22 ticks later; one tick of rounding
  assert.equal(
    out.edges.map(({ level, after, until }) => ({ level, after, until })),
    [{ level: 1, after: hold - PERIOD + 47, until: hold + 69 }],
  )
})

test('the level behind an edge: of a later sample it is not that of the first', () => {
  const high = { markerEdges: 1, flags: P.FLAG_MARKER }
  const frames = [
    frame(0),
    { ...frame(1), ...high, markerOffset: 0 },
    { ...frame(2), ...high, markerOffset: 9 },
    { ...frame(3), ...high, markerEdges: 3, markerOffset: 7 },
    frame(4),
  ]
  assert.equal(
    track(frames).out.edges.map(({ level }) => level),
    [1, 0, 0],
  )
})

test('an edge has no place where samples are off by a slip, the next frame is lost, or nothing was read before', () => {
  const edge = { markerEdges: 1, markerOffset: 3, flags: 0 }
  const slipped = { ...frame(2, { tick: 1000 + PERIOD }), flags: P.FLAG_SLIP, markerEdges: 1, markerOffset: 4 }
  assert.equal(track([frame(0), { ...frame(1), ...edge }, slipped]).out.edges, [])
  assert.equal(track([frame(0), { ...frame(1), ...edge }, frame(3)]).out.edges, [])
  const first = { ...frame(0), markerEdges: 1, markerOffset: 0, flags: P.FLAG_ANCHOR }
  assert.equal(track([first, frame(1)]).out.edges, [])
})

test.run()
