import { NetworkBuilder } from './network-builder.ts'

/** Iandola et al. 2016 (arXiv 1602.07360), table 1: version 1.0. */
export function squeezenet(): NetworkBuilder {
  const b = new NetworkBuilder([227, 227, 3])
  const plain = { bias: true, norm: false }
  let x = b.pool(b.conv(b.input, 96, 7, { stride: 2, padding: 'valid', ...plain }), 3, 2)
  const fire = (squeeze: number, expand: number): void => {
    const narrow = b.conv(x, squeeze, 1, plain)
    x = b.concat(b.conv(narrow, expand, 1, plain), b.conv(narrow, expand, 3, plain))
  }
  fire(16, 64)
  fire(16, 64)
  fire(32, 128)
  x = b.pool(x, 3, 2)
  fire(32, 128)
  fire(48, 192)
  fire(48, 192)
  fire(64, 256)
  x = b.pool(x, 3, 2)
  fire(64, 256)
  b.pool(b.conv(x, 1000, 1, plain), 0, 1)
  return b
}
