import { readdirSync, statSync } from 'node:fs'
import { Ajv } from 'ajv'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { specSchemaText } from '../../src/recipe/json-schema.ts'
import { specText } from '../../tools/models/make.ts'
import { NETWORKS } from '../../tools/models/published.ts'
import { SCALED } from '../../tools/models/scaled.ts'
import { networkOf, textOf } from './card-files.ts'

const FOLDER = new URL('../../data/models/', import.meta.url)
const accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(specSchemaText()) as object)

for (const network of NETWORKS) {
  const { name, macs, macsWithin, parameters, perNormChannel } = network
  const built = network.build()

  test(`${name}: the spec is what the script makes, and the schema takes it`, () => {
    const text = textOf(`data/models/${name}.json`)
    assert.is(text, specText(network, built))
    assert.ok(accepts(JSON.parse(text)), JSON.stringify(accepts.errors))
    const { layers } = networkOf(name)
    assert.equal(
      layers.map((layer) => layer.macs),
      built.layers.map((layer) => layer.macs),
    )
  })

  test(`${name}: multiply-accumulates and parameters are those published`, () => {
    const madeMacs = networkOf(name).layers.reduce((sum, layer) => sum + layer.macs, 0)
    if (macs !== undefined)
      assert.ok(Math.abs(madeMacs / macs - 1) <= (macsWithin as number), `${madeMacs} MACs, published ${macs}`)
    const made = built.weights + built.biases + perNormChannel * built.normChannels
    if (parameters === undefined) return
    // published to the last parameter, or rounded to 0.1 M
    const isExact = parameters % 1000 !== 0
    assert.ok(
      isExact ? made === parameters : Math.abs(made - parameters) < 5e4,
      `${made} parameters, published ${parameters}`,
    )
  })
}

test('all but the detector are held against a published total', () => {
  const unchecked = NETWORKS.filter(({ macs, parameters }) => macs === undefined || parameters === undefined)
  assert.equal(
    unchecked.map(({ name }) => name),
    ['ssd-mobilenet-v2'],
  )
})

for (const network of SCALED) {
  test(`${network.name}: the spec is what the script makes, with fewer multiply-accumulates than the whole`, () => {
    const name = `scaled/${network.name}`
    assert.is(textOf(`data/models/${name}.json`), specText(network, network.build()))
    const macs = (of: string): number => networkOf(of).layers.reduce((sum, layer) => sum + layer.macs, 0)
    const width = Number(network.name.slice(-3)) / 100
    const share = macs(name) / macs('resnet50')
    assert.ok(share > width ** 2 && share < width, `${share}`)
  })
}

test('the specs are small', () => {
  const sizes = readdirSync(FOLDER).map((name) => statSync(new URL(name, FOLDER)).size)
  assert.ok(Math.max(...sizes) < 200e3 && sizes.reduce((sum, size) => sum + size, 0) < 1e6, `${sizes}`)
  assert.is(
    readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json')).length,
    NETWORKS.length,
  )
})

test.run()
