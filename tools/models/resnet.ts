import { NetworkBuilder, type Tensor } from './network-builder.ts'

/** He et al. 2015 (arXiv 1512.03385), table 1, as Keras has it: stride in the first 1 x 1 of a stage. */
export function resnet50V1(size = 224, width = 1): NetworkBuilder {
  const b = new NetworkBuilder([size, size, 3])
  const options = { bias: true }
  const scaled = (filters: number): number => Math.max(8, Math.round((filters * width) / 8) * 8)
  let x = b.pool(b.conv(b.input, scaled(64), 7, { stride: 2, ...options }), 3, 2, 'same')
  const stages: [filters: number, blocks: number, stride: number][] = [
    [scaled(64), 3, 1],
    [scaled(128), 4, 2],
    [scaled(256), 6, 2],
    [scaled(512), 3, 2],
  ]
  for (const [filters, blocks, first] of stages) {
    for (let n = 0; n < blocks; n++) {
      const stride = n === 0 ? first : 1
      const shortcut = n === 0 ? b.conv(x, 4 * filters, 1, { stride, ...options }) : x
      const narrow = b.conv(b.conv(x, filters, 1, { stride, ...options }), filters, 3, options)
      x = b.sum(shortcut, b.conv(narrow, 4 * filters, 1, options))
    }
  }
  b.dense(b.pool(x, 0, 1), 1000)
  return b
}

/** He et al. 2016 (arXiv 1603.05027), as Keras has it: normalisation first, stride in the last block of a stage. */
export function resnet152V2(): NetworkBuilder {
  const b = new NetworkBuilder([224, 224, 3])
  let x = b.pool(b.conv(b.input, 64, 7, { stride: 2, bias: true, norm: false }), 3, 2, 'same')
  const stages: [filters: number, blocks: number, stride: number][] = [
    [64, 3, 2],
    [128, 8, 2],
    [256, 36, 2],
    [512, 3, 1],
  ]
  for (const [filters, blocks, last] of stages)
    for (let n = 0; n < blocks; n++) x = preactivated(b, x, filters, n === blocks - 1 ? last : 1, n === 0)
  b.dense(b.pool(b.scale(x), 0, 1), 1000)
  return b
}

function preactivated(b: NetworkBuilder, x: Tensor, filters: number, stride: number, isFirst: boolean): Tensor {
  const scaled = b.scale(x)
  const unstrided = stride === 1 ? x : b.pool(x, 1, stride)
  const shortcut = isFirst ? b.conv(scaled, 4 * filters, 1, { stride, bias: true, norm: false }) : unstrided
  const narrow = b.conv(b.conv(scaled, filters, 1), filters, 3, { stride })
  return b.sum(shortcut, b.conv(narrow, 4 * filters, 1, { bias: true, norm: false }))
}
