import { readFileSync } from 'node:fs'
import type { Campaign } from '../../src/campaign/campaign.ts'
import { readCampaign } from '../../src/campaign/read-campaign.ts'
import { cardLibrary } from '../../src/cli/card-data.ts'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'

export const LIBRARY = cardLibrary('client.yaml')

export const RECIPE = readFileSync(new URL('../../pipelines/eight-tpu-client.yaml', import.meta.url), 'utf8')

export const SAMPLE = `version: 1
name: sample
recipe: client.yaml
models:
  - { name: resnet50, spec: data/models/resnet50.json, labels: { compression: none } }
  - { name: squeezenet, spec: data/models/squeezenet.json, labels: { factor: 0.50 } }
axes:
  depth: [1, 2]
  requests: [1, 4]
`

export function campaignOf(text: string, isQuick = false): Campaign {
  return readCampaign(text, 'sample.yaml', isQuick, {
    recipe: (path) => (path === 'client.yaml' ? { file: path, text: RECIPE } : undefined),
    library: () => LIBRARY,
  })
}

export function problemsOf(text: string): string[] {
  try {
    campaignOf(text)
  } catch (error) {
    if (error instanceof JoulespanError) return error.message.split('\n')
    throw error
  }
  return []
}

export function idsOf(text: string): string[] {
  return campaignOf(text).trials.map(({ id }) => id)
}

export function changed(from: string, to: string): string {
  if (!SAMPLE.includes(from)) throw new Error(`no ${from} in the sample`)
  return SAMPLE.replace(from, to)
}
