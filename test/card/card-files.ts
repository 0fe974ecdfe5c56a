// What the tests of the card read: the timing file and the specs of the package.
import { readFileSync } from 'node:fs'
import type { Layer } from '../../src/card/layer.ts'
import type { Network } from '../../src/card/network.ts'
import type { TimingParameters } from '../../src/card/stage-time.ts'
import { readTiming } from '../../src/card/timing-file.ts'
import { readSpec } from '../../src/recipe/spec.ts'

const ROOT = new URL('../../', import.meta.url)

export const TIMING_FILE = 'data/card/edgetpu-timing.json'

export function textOf(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

export function timingOfFile(): TimingParameters {
  return readTiming(textOf(TIMING_FILE), TIMING_FILE)
}

export function networkOf(name: string): Network {
  const file = `data/models/${name}.json`
  return readSpec(textOf(file), file)
}

/** 1 x 1 convolutions in a row, each of the given output channels, on a picture of `size`. */
export function chainOf(size: number, channels: readonly number[]): Network {
  const layers = channels.slice(1).map((outputs, i): Layer => {
    const inputs = channels[i] as number
    return {
      name: `conv${i + 1}`,
      kind: 'conv',
      from: [i === 0 ? 'input' : `conv${i}`],
      input: [size, size, inputs],
      output: [size, size, outputs],
      kernel: [1, 1],
      stride: [1, 1],
      macs: size * size * inputs * outputs,
      parameterBytes: inputs * outputs + 4 * outputs,
    }
  })
  return { name: 'chain', input: [size, size, channels[0] as number], layers }
}
