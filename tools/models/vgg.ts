import { NetworkBuilder } from './network-builder.ts'

/** Simonyan and Zisserman 2014 (arXiv 1409.1556), table 1, columns D and E. */
export function vgg16(): NetworkBuilder {
  return vgg([2, 2, 3, 3, 3])
}

export function vgg19(): NetworkBuilder {
  return vgg([2, 2, 4, 4, 4])
}

function vgg(depths: readonly number[]): NetworkBuilder {
  const b = new NetworkBuilder([224, 224, 3])
  let x = b.input
  for (const [stage, depth] of depths.entries()) {
    const filters = Math.min(512, 64 * 2 ** stage)
    for (let n = 0; n < depth; n++) x = b.conv(x, filters, 3, { bias: true, norm: false })
    x = b.pool(x, 2, 2)
  }
  b.dense(b.dense(b.dense(x, 4096), 4096), 1000)
  return b
}
