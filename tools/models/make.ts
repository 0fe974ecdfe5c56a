// Writes the model specs of data/models. With --check it only says which are stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BuiltLayer, NetworkBuilder } from './network-builder.ts'
import { NETWORKS, type PublishedNetwork } from './published.ts'
import { SCALED } from './scaled.ts'

const FOLDER = new URL('../../data/models/', import.meta.url)

if (process.argv[1] === fileURLToPath(import.meta.url)) make()

function make(): void {
  let stale = 0
  mkdirSync(new URL('scaled/', FOLDER), { recursive: true })
  const files = [
    ...NETWORKS.map((network) => [`${network.name}.json`, network] as const),
    ...SCALED.map((network) => [`scaled/${network.name}.json`, network] as const),
  ]
  for (const [name, network] of files) {
    const file = new URL(name, FOLDER)
    const text = specText(network, network.build())
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    if (process.argv.includes('--check')) {
      console.error(`data/models/${name} is stale: run \`npm run models\``)
      stale++
    } else writeFileSync(file, text)
  }
  process.exitCode = stale === 0 ? 0 : 1
}

/** One line a layer; what is by default is left out. */
export function specText({ name, about, macs, parameters, source }: PublishedNetwork, built: NetworkBuilder): string {
  const published = source === 'none' ? undefined : { macs, parameters, source }
  const head = JSON.stringify({ version: 1, name, about, input: built.input.shape, published })
  const layers = built.layers.map((layer, i) => JSON.stringify(layerOf(layer, built.layers[i - 1]?.name ?? 'input')))
  return `${head.slice(0, -1)},"layers":[\n${layers.join(',\n')}\n]}\n`
}

function layerOf({ from, kernel, stride, macs, params, ...layer }: BuiltLayer, before: string): object {
  const { name, kind, input, output } = layer
  const isDefault = (pair: readonly [number, number]): boolean => pair[0] === 1 && pair[1] === 1
  return {
    name,
    kind,
    ...(from.length === 1 && from[0] === before ? {} : { from }),
    input,
    output,
    ...(isDefault(kernel) ? {} : { kernel }),
    ...(isDefault(stride) ? {} : { stride }),
    ...(macs === 0 ? {} : { macs }),
    ...(params === 0 ? {} : { params }),
  }
}
