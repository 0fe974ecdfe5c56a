import { NetworkBuilder, type Tensor } from './network-builder.ts'

/** Howard et al. 2017 (arXiv 1704.04861), table 1. */
export function mobilenetV1(): NetworkBuilder {
  const b = new NetworkBuilder([224, 224, 3])
  let x = b.conv(b.input, 32, 3, { stride: 2 })
  const blocks: [filters: number, stride: number][] = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    ...Array.from({ length: 5 }, (): [number, number] => [512, 1]),
    [1024, 2],
    [1024, 1],
  ]
  for (const [filters, stride] of blocks) x = b.conv(b.depthwise(x, 3, { stride }), filters, 1)
  b.dense(b.pool(x, 0, 1), 1000)
  return b
}

/** Sandler et al. 2018 (arXiv 1801.04381), table 2. */
export function mobilenetV2(classes = 1000): NetworkBuilder {
  const b = new NetworkBuilder([224, 224, 3])
  const { last } = mobilenetV2Features(b)
  b.dense(b.pool(last, 0, 1), classes)
  return b
}

/** The layers before the classifier; `expanded` is the widened input of the stride to 1/32, which detectors read. */
export function mobilenetV2Features(b: NetworkBuilder): { readonly expanded: Tensor; readonly last: Tensor } {
  let x = b.conv(b.input, 32, 3, { stride: 2 })
  let expanded = x
  const rows: [expansion: number, filters: number, repeats: number, stride: number][] = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ]
  for (const [expansion, filters, repeats, stride] of rows) {
    for (let n = 0; n < repeats; n++) {
      const wide = expansion === 1 ? x : b.conv(x, x.shape[2] * expansion, 1)
      if (filters === 160 && n === 0) expanded = wide
      const narrow = b.conv(b.depthwise(wide, 3, { stride: n === 0 ? stride : 1 }), filters, 1)
      x = n > 0 ? b.sum(x, narrow) : narrow
    }
  }
  return { expanded, last: b.conv(x, 1280, 1) }
}

/** TensorFlow object detection API, ssd_mobilenet_v2 at 300 x 300: six feature maps, heads of 1 x 1, 90 classes and background. */
export function ssdMobilenetV2(): NetworkBuilder {
  const b = new NetworkBuilder([300, 300, 3])
  const { expanded, last } = mobilenetV2Features(b)
  const maps = [expanded, last]
  for (const filters of [512, 256, 256, 128]) {
    const narrow = b.conv(maps.at(-1) as Tensor, filters / 2, 1)
    maps.push(b.conv(narrow, filters, 3, { stride: 2 }))
  }
  for (const [i, map] of maps.entries()) {
    const anchors = i === 0 ? 3 : 6
    b.conv(map, anchors * 4, 1, { bias: true, norm: false })
    b.conv(map, anchors * 91, 1, { bias: true, norm: false })
  }
  return b
}
