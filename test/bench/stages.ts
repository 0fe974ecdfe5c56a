import { RailTrace } from '../../src/alignment/rail-trace.ts'
import { powerOfBlock } from '../../src/calibration/power.ts'
import { Deframer } from '../../src/framing/deframer.ts'
import { PingLedger } from '../../src/samples/ping-ledger.ts'
import type { SampleBlock } from '../../src/samples/sample-block.ts'
import { SampleTracker } from '../../src/samples/sample-tracker.ts'
import { Envelope, OSCILLATORS } from '../../src/timebase/envelope.ts'
import { hostNs } from '../../src/units/units.ts'
import { encodeSample } from '../support/encode-frame.ts'
import { time } from './median.ts'

const FRAMES = 20_000
const SAMPLES = FRAMES * 128

/** The pure stages of the meter branch, against a bare prefix sum over the same samples. */
export async function stages(): Promise<void> {
  const stream = Buffer.concat(Array.from({ length: FRAMES }, (_, k) => frame(k)))
  const counts = Float64Array.from({ length: SAMPLES }, (_, i) => (i * 37) % 1024)
  const sums = new Float64Array(SAMPLES + 1)
  const reference = time(() => {
    for (let i = 0; i < SAMPLES; i++) sums[i + 1] = (sums[i] as number) + (counts[i] as number)
  })
  const deframe = time(() => {
    const deframer = new Deframer()
    for (let at = 0; at < stream.length; at += 4096) deframer.push(stream.subarray(at, at + 4096), hostNs(at))
  })
  const blocks: SampleBlock[] = []
  const track = time(() => {
    blocks.length = 0
    const tracker = new SampleTracker(new PingLedger())
    const deframer = new Deframer()
    for (const f of deframer.push(stream, hostNs(0))) blocks.push(...tracker.push(f).blocks)
  })
  const watts = new Float64Array(256)
  const integrate = time(() => {
    const trace = new RailTrace()
    blocks.forEach((block, k) => {
      powerOfBlock(block, RAIL, watts, 0)
      trace.append(k * 3_328_000, (k + 1) * 3_328_000, watts, 128, false)
    })
  })
  const envelope = time(() => {
    const filter = new Envelope(OSCILLATORS.resonator)
    for (let k = 0; k < 200_000; k++)
      if (k % 30 === 0) filter.addLower(k * 3e-3, k * 3e-3 - 50e-6)
      else filter.addUpper(k * 3e-3, k * 3e-3 + 50e-6 + (k % 7) * 20e-6)
  })
  const row = (name: string, seconds: number): void => {
    const rate = SAMPLES / seconds / 1e6
    console.log(
      `${name.padEnd(34)} ${rate.toFixed(0).padStart(6)} M samples/s  ${(seconds / reference).toFixed(1)} x the prefix sum`,
    )
  }
  row('bare prefix sum (reference)', reference)
  row('deframe, 4 kB chunks', deframe)
  row('deframe and track', track)
  row('counts to watts to prefix energy', integrate)
  // the ring is full after a minute: ten times as many constraints cost ten times as much, and no more memory
  const longer = time(() => {
    const filter = new Envelope(OSCILLATORS.crystal)
    for (let k = 0; k < 2_000_000; k++)
      if (k % 30 === 0) filter.addLower(k * 3e-3, k * 3e-3 - 50e-6)
      else filter.addUpper(k * 3e-3, k * 3e-3 + 50e-6 + (k % 7) * 20e-6)
  })
  console.log(
    `envelope: ${((envelope / 200_000) * 1e9).toFixed(0)} ns a constraint over 10 min (resonator), ${((longer / 2_000_000) * 1e9).toFixed(0)} ns over 100 min (crystal)`,
  )
}

const RAIL = {
  name: 'v12',
  current: {
    kind: 'channel',
    input: 0,
    scale: 0.0264,
    scaleURel: 0,
    zeroCounts: 511.5,
    zeroUCounts: 0,
    delayNs: 0,
    timeConstantNs: 0,
  },
  voltage: { kind: 'nominal', volts: 12, uRel: 0 },
} as const

function frame(k: number): Uint8Array {
  return encodeSample({
    boot_id: 1,
    sequence: k & 0xffff,
    first_index: k * 128,
    tick: (k * 128 * 52) >>> 0,
    tx_tick: 0,
    mode: 1,
    channels: 1,
    flags: 0,
    marker_edges: 0,
    marker_offset: 255,
    counts: Array.from({ length: 128 }, (_, i) => (i * 7 + k) % 1024),
    pings: [],
  })
}
