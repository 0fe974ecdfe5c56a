import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type CardTime, cardTime } from '../../src/card/card-time.ts'
import { deviceCount, parsePartition, partitionText } from '../../src/card/partition.ts'
import { networkOf, timingOfFile } from './card-files.ts'

const timing = timingOfFile()

test('partitions are read and written', () => {
  assert.equal(parsePartition('2x4'), [{ count: 2, depth: 4 }])
  assert.equal(parsePartition('3x2+2'), [
    { count: 3, depth: 2 },
    { count: 1, depth: 2 },
  ])
  assert.is(deviceCount(parsePartition('3x2+2')), 8)
  assert.is(partitionText(parsePartition('8')), '1x8')
  for (const wrong of ['', '2x', 'x4', '0x4', '2x0', '2x4+', '2*4', '-1'])
    assert.throws(() => parsePartition(wrong), /expected such as 2x4/, wrong)
  assert.throws(() => parsePartition('3x6'), /at most 16 devices, saw 18/)
})

test('a pipeline answers at the pace of its slowest stage, and an inference passes all of them', () => {
  const { pipelines, throughputPerS } = predict('resnet50', '1x4')
  const [pipeline] = pipelines
  const stages = pipeline!.stages.map(({ time }) => time.steadyMs)
  assert.ok(Math.abs(pipeline!.periodMs - Math.max(...stages)) < 1e-9)
  assert.ok(Math.abs(pipeline!.steadyLatencyMs - stages.reduce((sum, ms) => sum + ms, 0)) < 1e-9)
  assert.ok(Math.abs(throughputPerS - 1e3 / pipeline!.periodMs) < 1e-9)
  assert.ok(pipeline!.firstLatencyMs > pipeline!.steadyLatencyMs)
})

test('replicas multiply the throughput and leave the latency', () => {
  const one = predict('mobilenet-v2', '1x1')
  const four = predict('mobilenet-v2', '4x1')
  assert.ok(Math.abs(four.throughputPerS / one.throughputPerS - 4) < 1e-9)
  assert.is(four.pipelines[0]?.steadyLatencyMs, one.pipelines[0]?.steadyLatencyMs)
})

test('eight devices that stream at once share the bus of the card; loading at once takes 1.6 times as long', () => {
  const one = predict('vgg16', '1x1')
  const eight = predict('vgg16', '8x1')
  assert.ok(eight.uplinkLoad > 1.4 && eight.uplinkLoad < 1.7, `${eight.uplinkLoad}`)
  assert.ok(eight.throughputPerS < 8 * one.throughputPerS * 0.75)
  assert.ok(Math.abs(eight.throughputPerS * eight.uplinkLoad - 8 * one.throughputPerS) < 1e-6)
  const loadMs = (card: CardTime): number => {
    const [pipeline] = card.pipelines
    return pipeline!.firstLatencyMs - pipeline!.steadyLatencyMs
  }
  const ratio = loadMs(predict('mobilenet-v2', '8x1')) / loadMs(predict('mobilenet-v2', '1x1'))
  assert.ok(Math.abs(ratio - 1.6) < 0.05, `${ratio}`)
  // published: eight independent devices with resident models are as fast as one
  assert.ok(predict('efficientnet-edgetpu-s', '8x1').uplinkLoad < 1)
})

test("the host's part comes on top of every stage", () => {
  const without = predict('mobilenet-v2', '1x3')
  const pycoral = predict('mobilenet-v2', '1x3', 0.247)
  const gained = (pycoral.pipelines[0]?.steadyLatencyMs as number) - (without.pipelines[0]?.steadyLatencyMs as number)
  assert.ok(Math.abs(gained - 3 * 0.247) < 1e-9, `${gained}`)
})

test('the fewest devices that hold all parameters beat fewer', () => {
  const perDevice = ['1', '2', '4', '6'].map((depth) => predict('resnet50', depth).throughputPerS)
  assert.ok((perDevice[2] as number) > 5 * (perDevice[0] as number), `${perDevice}`)
})

function predict(name: string, partition: string, queueMs = 0): CardTime {
  return cardTime(networkOf(name), { replicas: parsePartition(partition), segmentBy: 'time', queueMs }, timing)
}

test.run()
