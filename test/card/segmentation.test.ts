import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { planStages } from '../../src/card/card-time.ts'
import { type Network, transfersOf } from '../../src/card/network.ts'
import { type SegmentBy, segmentNetwork, stageTimer } from '../../src/card/segmentation.ts'
import { mobilenetV2 } from '../../tools/models/mobilenet.ts'
import { chainOf, networkOf, timingOfFile } from './card-files.ts'

const timing = timingOfFile()

test('MobileNet v2 is cut where the vendor cut it', () => {
  // the three segments of inat_bird: blocks to expanded_conv_14 with its sum, 15 and 16, the rest (docs/card.md)
  const built = mobilenetV2(965)
  const layers = built.layers.map(({ params, ...layer }) => ({ ...layer, parameterBytes: params }))
  const cuts = segmentNetwork({ name: 'inat', input: built.input.shape, layers }, 3, 'params', timing)
  assert.equal(
    cuts.map(({ end }) => layers[end - 1]?.name),
    ['add9', 'conv34', 'dense1'],
  )
})

test('segments are whole: every layer in one of them, in order, none empty', () => {
  for (const name of ['resnet50', 'vgg16', 'mobilenet-v1']) {
    const network = networkOf(name)
    for (const by of ['params', 'time'] as SegmentBy[]) {
      for (const depth of [1, 3, 8]) {
        const ends = segmentNetwork(network, depth, by, timing).map(({ end }) => end)
        assert.is(ends.length, depth)
        assert.is(ends.at(-1), network.layers.length)
        for (const [i, end] of ends.entries()) assert.ok(end > (ends[i - 1] ?? 0), `${name} ${by} ${depth}: ${ends}`)
      }
    }
  }
})

test('cut by time is as good as trying all cuts', () => {
  const network = chainOf(14, [64, 900, 32, 700, 500, 16, 2000, 64, 300, 300])
  const stageOf = stageTimer(network, timing)
  const n = network.layers.length
  let bestMs = Number.POSITIVE_INFINITY
  for (let a = 1; a < n - 1; a++)
    for (let b = a + 1; b < n; b++)
      bestMs = Math.min(bestMs, Math.max(stageOf(0, a).steadyMs, stageOf(a, b).steadyMs, stageOf(b, n).steadyMs))
  assert.ok(
    Math.abs(slowestMs(network, 3, 'time') - bestMs) < 1e-9,
    `${slowestMs(network, 3, 'time')} and ${bestMs} ms`,
  )
  assert.ok(slowestMs(network, 3, 'params') >= bestMs)
})

test('more devices never make the slowest stage of a cut by time slower', () => {
  for (const name of ['resnet50', 'mobilenet-v2']) {
    let before = Number.POSITIVE_INFINITY
    for (const depth of [1, 2, 4, 6]) {
      const ms = slowestMs(networkOf(name), depth, 'time')
      assert.ok(ms <= before * 1.02, `${name} on ${depth}: ${ms} ms after ${before} ms`)
      before = ms
    }
  }
})

test('what crosses a cut: every tensor once, skips that pass by not at all', () => {
  const network = networkOf('resnet50')
  const transferOf = transfersOf(network)
  const at = (name: string): number => network.layers.findIndex((layer) => layer.name === name)
  const conv = network.layers[at('conv4')]!
  // cut inside the first block: its input still feeds the shortcut, which is made already
  const cut = at('conv4') + 1
  const [height, width, channels] = conv.output
  const shortcut = network.layers[at('conv2')]!.output
  const crossing = height * width * channels + shortcut[0] * shortcut[1] * shortcut[2]
  assert.is(transferOf(0, cut).outputBytes, crossing)
  assert.is(transferOf(cut, network.layers.length).inputBytes, crossing)
  assert.is(transferOf(0, network.layers.length).outputBytes, 1000)
  // a segment between reads the narrow tensor only: the shortcut passes by
  assert.is(transferOf(cut, cut + 1).inputBytes, height * width * channels)
})

test('a spec that is cut keeps its cuts, and is not cut again', () => {
  const network = { ...networkOf('resnet50'), cuts: [{ end: 20 }, { end: 72 }] }
  assert.equal(
    planStages(network, 2, 'time', timing).map(({ end }) => end),
    [20, 72],
  )
  assert.throws(() => planStages(network, 3, 'time', timing), /expected a pipeline of 2 devices.*saw 3/)
  assert.throws(() => segmentNetwork(chainOf(4, [8, 8]), 2, 'params', timing), /at most 1 segments.*saw 2/)
})

function slowestMs(network: Network, depth: number, by: SegmentBy): number {
  return Math.max(...planStages(network, depth, by, timing).map(({ time }) => time.steadyMs))
}

test.run()
