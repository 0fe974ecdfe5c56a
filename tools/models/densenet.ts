import { NetworkBuilder } from './network-builder.ts'

/** Huang et al. 2016 (arXiv 1608.06993), table 1, growth 32. */
export function densenet121(): NetworkBuilder {
  const b = new NetworkBuilder([224, 224, 3])
  let x = b.pool(b.conv(b.input, 64, 7, { stride: 2 }), 3, 2, 'same')
  const blocks = [6, 12, 24, 16]
  for (const [i, depth] of blocks.entries()) {
    for (let n = 0; n < depth; n++) x = b.concat(x, b.conv(b.conv(b.scale(x), 128, 1), 32, 3, { norm: false }))
    x = b.scale(x)
    if (i < blocks.length - 1) x = b.pool(b.conv(x, x.shape[2] / 2, 1, { norm: false }), 2, 2)
  }
  b.dense(b.pool(x, 0, 1), 1000)
  return b
}
