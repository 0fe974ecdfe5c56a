import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { restreams, tileBytes } from '../../src/card/activations.ts'
import type { Layer, Segment } from '../../src/card/layer.ts'
import { placeParameters } from '../../src/card/placement.ts'
import { MIB } from '../../src/card/stage-time.ts'
import { storedBytes } from '../../src/card/tpu-array.ts'
import { mobilenetV2, ssdMobilenetV2 } from '../../tools/models/mobilenet.ts'
import type { NetworkBuilder } from '../../tools/models/network-builder.ts'
import { resnet50V1 } from '../../tools/models/resnet.ts'
import { readCalibration } from '../../tools/timing/calibration-data.ts'
import { networkOf, timingOfFile } from './card-files.ts'

const timing = timingOfFile()
const measurements = readCalibration()

test('every row of the calibration data is placed as the compiler reports, to the rounding of its report', () => {
  for (const { regime, width, segment } of measurements) {
    const { onChipBytes, offChipBytes } = placeParameters({ layers: segment.layers }, timing)
    const reported = segment.reported as NonNullable<Segment['reported']>
    const off = Math.abs(offChipBytes - reported.offChipBytes) / MIB
    const on = Math.abs(onChipBytes - reported.onChipBytes) / MIB
    assert.ok(off <= 0.02 && on <= 0.02, `${regime} ${width}: ${on} and ${off} MiB from the report`)
  }
})

test('sizes that the file gives in full are met to the byte', () => {
  const exact = measurements.filter(({ segment }) => {
    const bytes = segment.reported?.onChipBytes as number
    return Number.isInteger(bytes) && segment.reported?.offChipBytes === 0
  })
  assert.ok(exact.length >= 20, `${exact.length} rows`)
  for (const { regime, width, segment } of exact.filter(
    ({ segment }) => (segment.reported?.onChipBytes as number) < MIB,
  )) {
    const bytes = segment.layers.reduce((sum, layer) => sum + storedBytes(layer), 0)
    assert.ok(Math.abs(bytes - (segment.reported?.onChipBytes as number)) <= 512, `${regime} ${width}: ${bytes} B`)
  }
})

test('compiled MobileNet v2 and SSD: parameter bytes within 4 %, and to the byte the memory of a tile', () => {
  // used_narrow_memory_bytes_per_tile and parameters of the compiled files (docs/card.md)
  const whole = layersOf(mobilenetV2(965))
  assert.is(Math.max(...whole.filter(({ kind }) => kind === 'depthwise').map((layer) => tileBytes(layer))), 99_552)
  assert.ok(Math.abs(totalStored(whole) / 3_947_328 - 1) < 0.04, `${totalStored(whole)} B`)
  const ssd = layersOf(ssdMobilenetV2())
  assert.ok(Math.abs(totalStored(ssd) / 6_703_232 - 1) < 0.03, `${totalStored(ssd)} B`)
})

test('weights of wide convolutions cross the bus 4 and 6 times, those of whole networks once where they are large', () => {
  const factorOf = (width: number): number => {
    const conv = measurements.find((m) => m.regime === 'conv streaming' && m.width === width)
    return restreams(conv?.segment.layers[2] as Layer, timing.stripeLimitTileBytes)
  }
  assert.equal([452, 632, 642, 702].map(factorOf), [4, 4, 6, 6])
  for (const layer of networkOf('resnet50').layers.filter((l) => l.parameterBytes > 500_000))
    assert.is(restreams(layer, timing.stripeLimitTileBytes), 1, layer.name)
})

test('ResNet keeps about as much on chip as published for four sizes of picture, the less the larger', () => {
  // 96, 224, 512 and 768 px; the published networks are pruned ones, so no closer than the size of a layer
  let before = Number.POSITIVE_INFINITY
  for (const [size, published] of [
    [96, 7.71],
    [224, 7.0],
    [512, 4.62],
    [768, 3.91],
  ] as const) {
    const { onChipBytes } = placeParameters({ layers: layersOf(resnet50V1(size)) }, timing)
    assert.ok(Math.abs(onChipBytes / MIB - published) < 1, `${size} px: ${onChipBytes / MIB} MiB`)
    assert.ok(onChipBytes <= before, `${size} px: ${onChipBytes / MIB} MiB`)
    before = onChipBytes
  }
})

test('a report that whole layers explain is met exactly, and streams those layers', () => {
  const { layers } = networkOf('resnet50')
  const predicted = placeParameters({ layers }, timing)
  const reported = { onChipBytes: predicted.onChipBytes * 1.001, offChipBytes: predicted.offChipBytes * 0.97 }
  const { storedBytes, onChipShare } = placeParameters({ layers, reported }, timing)
  assert.equal(onChipShare, predicted.onChipShare)
  const streamed = storedBytes.reduce((sum, bytes, i) => sum + bytes * (1 - (onChipShare[i] as number)), 0)
  assert.ok(Math.abs(streamed / reported.offChipBytes - 1) < 1e-9, `${streamed} B`)
})

test('a report decides, also one that no choice of layers explains', () => {
  const { layers } = networkOf('mobilenet-v2')
  const reported = { onChipBytes: 3 * MIB, offChipBytes: MIB / 2 }
  const placement = placeParameters({ layers, reported }, timing)
  assert.is(placement.onChipBytes, 3 * MIB)
  assert.is(placement.offChipBytes, MIB / 2)
  const streamed = placement.storedBytes.reduce(
    (sum, bytes, i) => sum + bytes * (1 - (placement.onChipShare[i] as number)),
    0,
  )
  assert.ok(Math.abs(streamed / (MIB / 2) - 1) < 1e-9, `${streamed} B`)
})

function layersOf(built: NetworkBuilder): Layer[] {
  return built.layers.map(({ params, ...layer }) => ({ ...layer, parameterBytes: params }))
}

function totalStored(layers: readonly Layer[]): number {
  return layers.reduce((sum, layer) => sum + storedBytes(layer), 0)
}

test.run()
