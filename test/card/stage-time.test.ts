import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readPower, stagePower } from '../../src/card/power.ts'
import { MIB, stageTime } from '../../src/card/stage-time.ts'
import { arrayCycles } from '../../src/card/tpu-array.ts'
import { chainOf, networkOf, textOf, timingOfFile } from './card-files.ts'

const timing = timingOfFile()
const power = readPower(textOf('data/card/edgetpu-power.json'), 'power.json')

test('a full array takes no cycle more than its multipliers need', () => {
  const [layer] = chainOf(16, [64, 64]).layers
  assert.is(arrayCycles(layer!), layer!.macs / 4096)
  const [ragged] = chainOf(15, [61, 65]).layers
  assert.is(arrayCycles(ragged!), 2 * (layer!.macs / 4096))
})

test('more work, more bytes in, more bytes out never take less time', () => {
  let before = 0
  for (const width of [16, 64, 65, 128, 500, 1024, 3000]) {
    const { layers } = chainOf(14, [64, width, 64])
    const { steadyMs } = stageTime({ layers }, { inputBytes: 12_544, outputBytes: 12_544 }, timing)
    assert.ok(steadyMs >= before, `${width} channels: ${steadyMs} ms after ${before} ms`)
    before = steadyMs
  }
  const { layers } = chainOf(14, [64, 64])
  const base = stageTime({ layers }, { inputBytes: 0, outputBytes: 0 }, timing)
  const more = stageTime({ layers }, { inputBytes: MIB, outputBytes: MIB }, timing)
  assert.ok(Math.abs(more.transferInMs - base.transferInMs - timing.busMsPerMib) < 1e-9)
  assert.ok(Math.abs(more.transferOutMs - timing.outputMsPerMib) < 1e-9)
})

test('streaming costs at least the bus, and no more than the bus and the array after each other', () => {
  const { layers } = networkOf('resnet50')
  const transfer = { inputBytes: 150_528, outputBytes: 1000 }
  const total = stageTime({ layers }, transfer, timing).placement.storedBytes.reduce((sum, bytes) => sum + bytes, 0)
  const resident = stageTime({ layers, reported: { onChipBytes: total, offChipBytes: 0 } }, transfer, timing)
  const streaming = stageTime({ layers }, transfer, timing)
  const busMs = (streaming.streamedBytes / MIB) * timing.busMsPerMib
  assert.ok(streaming.computeMs >= busMs && streaming.computeMs <= busMs + streaming.arrayMs + timing.streamStartMs)
  assert.is(resident.streamedBytes, 0)
  assert.is(resident.computeMs, resident.arrayMs)
  assert.ok(streaming.steadyMs > 5 * resident.steadyMs, `${streaming.steadyMs} and ${resident.steadyMs} ms`)
})

test('the first inference carries what stays', () => {
  const { layers } = networkOf('mobilenet-v2')
  const time = stageTime({ layers }, { inputBytes: 150_528, outputBytes: 1000 }, timing)
  const expectedMs = timing.firstStartMs + (time.placement.onChipBytes / MIB) * timing.busMsPerMib
  assert.ok(Math.abs(time.firstMs - time.steadyMs - expectedMs) < 1e-9)
})

test('powers stay within what Edge TPUs are said to draw, whatever runs', () => {
  assert.ok(power.idleNeverUsedW <= power.idleContextOpenW && power.idleContextOpenW <= power.idleResidentW)
  for (const name of ['mobilenet-v2', 'resnet50', 'vgg16', 'squeezenet']) {
    const { layers } = networkOf(name)
    const time = stageTime({ layers }, { inputBytes: 150_528, outputBytes: 1000 }, timing)
    const macs = layers.reduce((sum, layer) => sum + layer.macs, 0)
    const { computeW, transferInW } = stagePower(time, macs, timing, power)
    const allW = power.idleResidentW + computeW
    assert.ok(allW > 1.1 && allW <= 2.0, `${name}: ${allW} W`)
    assert.ok(transferInW < computeW, name)
  }
  assert.is((JSON.parse(textOf('data/card/edgetpu-power.json')) as { validated: boolean }).validated, false)
})

test.run()
