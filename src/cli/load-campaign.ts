import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Campaign, RecipeSource } from '../campaign/campaign.ts'
import { readCampaign } from '../campaign/read-campaign.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { cardLibrary } from './card-data.ts'

export function loadCampaign(path: string, isQuick: boolean): Campaign {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new JoulespanError('recipe', `expected a campaign at ${path}, saw none to read`, {
      cause,
      hint: 'campaigns to start from are in pipelines/campaigns/',
    })
  }
  return readCampaign(text, path, isQuick, { recipe: (name) => recipeBeside(path, name), library: cardLibrary })
}

/** From the folder of the campaign file, then from the working folder. */
function recipeBeside(campaign: string, name: string): RecipeSource | undefined {
  const places = isAbsolute(name) ? [name] : [join(dirname(campaign), name), name]
  const file = places.find((place) => existsSync(place))
  try {
    return file === undefined ? undefined : { file, text: readFileSync(file, 'utf8') }
  } catch {
    // a folder, or not for us to read: the same as none
    return undefined
  }
}
