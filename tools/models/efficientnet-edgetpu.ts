import { NetworkBuilder, type Tensor } from './network-builder.ts'

/** Gupta and Akin 2020 (arXiv 2003.02838): fused blocks first, no squeeze and excite. */
export function efficientnetEdgetpuS(): NetworkBuilder {
  return efficientnetEdgetpu(224, 1)
}

export function efficientnetEdgetpuM(): NetworkBuilder {
  return efficientnetEdgetpu(240, 1.1)
}

interface Row {
  readonly isFused: boolean
  readonly repeats: number
  readonly kernel: number
  readonly stride: number
  readonly expansion: number
  readonly filters: number
}

const ROWS: readonly Row[] = [
  { isFused: true, repeats: 1, kernel: 3, stride: 1, expansion: 4, filters: 24 },
  { isFused: true, repeats: 2, kernel: 3, stride: 2, expansion: 8, filters: 32 },
  { isFused: true, repeats: 4, kernel: 3, stride: 2, expansion: 8, filters: 48 },
  { isFused: false, repeats: 5, kernel: 5, stride: 2, expansion: 8, filters: 96 },
  { isFused: false, repeats: 4, kernel: 5, stride: 1, expansion: 8, filters: 144 },
  { isFused: false, repeats: 2, kernel: 5, stride: 2, expansion: 8, filters: 192 },
]
/** The first row widens 24 channels, whatever it is given. */
const FIRST_WIDTH = 24

function efficientnetEdgetpu(size: number, depth: number): NetworkBuilder {
  const b = new NetworkBuilder([size, size, 3])
  let x = b.conv(b.input, 32, 3, { stride: 2 })
  for (const [r, row] of ROWS.entries()) {
    for (let n = 0; n < Math.ceil(row.repeats * depth); n++) {
      const width = (r === 0 && n === 0 ? FIRST_WIDTH : x.shape[2]) * row.expansion
      const y = blockOf(b, x, row, width, n === 0 ? row.stride : 1)
      // the first row has no shortcut
      x = n > 0 && r > 0 ? b.sum(x, y) : y
    }
  }
  b.dense(b.pool(b.conv(x, 1280, 1), 0, 1), 1000)
  return b
}

function blockOf(
  b: NetworkBuilder,
  x: Tensor,
  { isFused, kernel, filters }: Row,
  width: number,
  stride: number,
): Tensor {
  const wide = isFused ? b.conv(x, width, kernel, { stride }) : b.depthwise(b.conv(x, width, 1), kernel, { stride })
  return b.conv(wide, filters, 1)
}
