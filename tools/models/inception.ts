import { type ConvOptions, NetworkBuilder, type Tensor } from './network-builder.ts'

const VALID: ConvOptions = { padding: 'valid' }
const VALID2: ConvOptions = { padding: 'valid', stride: 2 }

/** Szegedy et al. 2014 (arXiv 1409.4842), table 1, without the auxiliary classifiers. */
export function googlenet(): NetworkBuilder {
  const b = new NetworkBuilder([224, 224, 3])
  const plain: ConvOptions = { bias: true, norm: false }
  let x = b.pool(b.conv(b.input, 64, 7, { stride: 2, ...plain }), 3, 2, 'same')
  x = b.pool(b.conv(b.conv(x, 64, 1, plain), 192, 3, plain), 3, 2, 'same')
  const module = (f1: number, r3: number, f3: number, r5: number, f5: number, pool: number): void => {
    x = b.concat(
      b.conv(x, f1, 1, plain),
      b.conv(b.conv(x, r3, 1, plain), f3, 3, plain),
      b.conv(b.conv(x, r5, 1, plain), f5, 5, plain),
      b.conv(b.pool(x, 3, 1, 'same'), pool, 1, plain),
    )
  }
  module(64, 96, 128, 16, 32, 32)
  module(128, 128, 192, 32, 96, 64)
  x = b.pool(x, 3, 2, 'same')
  module(192, 96, 208, 16, 48, 64)
  module(160, 112, 224, 24, 64, 64)
  module(128, 128, 256, 24, 64, 64)
  module(112, 144, 288, 32, 64, 64)
  module(256, 160, 320, 32, 128, 128)
  x = b.pool(x, 3, 2, 'same')
  module(256, 160, 320, 32, 128, 128)
  module(384, 192, 384, 48, 128, 128)
  b.dense(b.pool(x, 0, 1), 1000)
  return b
}

/** Szegedy et al. 2015 (arXiv 1512.00567), as Keras has it. */
export function inceptionV3(): NetworkBuilder {
  const b = new NetworkBuilder([299, 299, 3])
  let x = b.conv(b.conv(b.conv(b.input, 32, 3, VALID2), 32, 3, VALID), 64, 3)
  x = b.conv(b.conv(b.pool(x, 3, 2), 80, 1, VALID), 192, 3, VALID)
  x = b.pool(x, 3, 2)
  for (const pooled of [32, 64, 64]) {
    x = b.concat(
      b.conv(x, 64, 1),
      b.conv(b.conv(x, 48, 1), 64, 5),
      b.conv(b.conv(b.conv(x, 64, 1), 96, 3), 96, 3),
      b.conv(b.pool(x, 3, 1, 'same'), pooled, 1),
    )
  }
  x = b.concat(b.conv(x, 384, 3, VALID2), b.conv(b.conv(b.conv(x, 64, 1), 96, 3), 96, 3, VALID2), b.pool(x, 3, 2))
  for (const wide of [128, 160, 160, 192]) {
    x = b.concat(
      b.conv(x, 192, 1),
      b.conv(b.conv(b.conv(x, wide, 1), wide, [1, 7]), 192, [7, 1]),
      b.conv(chain(b, b.conv(x, wide, 1), [7, wide], [-7, wide], [7, wide]), 192, [1, 7]),
      b.conv(b.pool(x, 3, 1, 'same'), 192, 1),
    )
  }
  x = b.concat(
    b.conv(b.conv(x, 192, 1), 320, 3, VALID2),
    b.conv(b.conv(b.conv(b.conv(x, 192, 1), 192, [1, 7]), 192, [7, 1]), 192, 3, VALID2),
    b.pool(x, 3, 2),
  )
  for (let n = 0; n < 2; n++) {
    const one = b.conv(x, 384, 1)
    const two = b.conv(b.conv(x, 448, 1), 384, 3)
    x = b.concat(
      b.conv(x, 320, 1),
      ...split(b, one, 384),
      ...split(b, two, 384),
      b.conv(b.pool(x, 3, 1, 'same'), 192, 1),
    )
  }
  b.dense(b.pool(x, 0, 1), 1000)
  return b
}

/** Szegedy et al. 2016 (arXiv 1602.07261), figures 3 to 9. */
export function inceptionV4(): NetworkBuilder {
  const b = new NetworkBuilder([299, 299, 3])
  let x = inceptionV4Stem(b)
  for (let n = 0; n < 4; n++) {
    x = b.concat(
      b.conv(x, 96, 1),
      b.conv(b.conv(x, 64, 1), 96, 3),
      b.conv(b.conv(b.conv(x, 64, 1), 96, 3), 96, 3),
      b.conv(b.pool(x, 3, 1, 'same'), 96, 1),
    )
  }
  x = b.concat(b.conv(x, 384, 3, VALID2), b.conv(b.conv(b.conv(x, 192, 1), 224, 3), 256, 3, VALID2), b.pool(x, 3, 2))
  for (let n = 0; n < 7; n++) {
    x = b.concat(
      b.conv(x, 384, 1),
      b.conv(b.conv(b.conv(x, 192, 1), 224, [1, 7]), 256, [7, 1]),
      b.conv(chain(b, b.conv(x, 192, 1), [7, 192], [-7, 224], [7, 224]), 256, [1, 7]),
      b.conv(b.pool(x, 3, 1, 'same'), 128, 1),
    )
  }
  x = b.concat(
    b.conv(b.conv(x, 192, 1), 192, 3, VALID2),
    b.conv(b.conv(b.conv(b.conv(x, 256, 1), 256, [1, 7]), 320, [7, 1]), 320, 3, VALID2),
    b.pool(x, 3, 2),
  )
  for (let n = 0; n < 3; n++) {
    const one = b.conv(x, 384, 1)
    const two = b.conv(b.conv(b.conv(x, 384, 1), 448, [3, 1]), 512, [1, 3])
    x = b.concat(
      b.conv(x, 256, 1),
      ...split(b, one, 256),
      ...split(b, two, 256),
      b.conv(b.pool(x, 3, 1, 'same'), 256, 1),
    )
  }
  b.dense(b.pool(x, 0, 1), 1001)
  return b
}

function inceptionV4Stem(b: NetworkBuilder): Tensor {
  let x = b.conv(b.conv(b.conv(b.input, 32, 3, VALID2), 32, 3, VALID), 64, 3)
  x = b.concat(b.pool(x, 3, 2), b.conv(x, 96, 3, VALID2))
  const straight = b.conv(b.conv(x, 64, 1), 96, 3, VALID)
  const crossed = b.conv(b.conv(b.conv(x, 64, 1), 64, [1, 7]), 64, [7, 1])
  x = b.concat(straight, b.conv(crossed, 96, 3, VALID))
  return b.concat(b.conv(x, 192, 3, VALID2), b.pool(x, 3, 2))
}

/** Windows of 7 rows, or of 7 columns where negative. */
function chain(b: NetworkBuilder, x: Tensor, ...steps: readonly [window: number, filters: number][]): Tensor {
  let last = x
  for (const [window, filters] of steps) last = b.conv(last, filters, window > 0 ? [window, 1] : [1, -window])
  return last
}

function split(b: NetworkBuilder, x: Tensor, filters: number): Tensor[] {
  return [b.conv(x, filters, [1, 3]), b.conv(x, filters, [3, 1])]
}
