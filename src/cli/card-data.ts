import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Network } from '../card/network.ts'
import { type PowerParameters, readPower } from '../card/power.ts'
import type { TimingParameters } from '../card/stage-time.ts'
import { readTiming } from '../card/timing-file.ts'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { readSpec } from '../recipe/spec.ts'
import type { CardLibrary } from '../recipe/spec-models.ts'

/** From src/cli as from dist/cli the package is two folders up. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const TIMING_FILE = 'data/card/edgetpu-timing.json'
const POWER_FILE = 'data/card/edgetpu-power.json'
const MODELS_FOLDER = 'data/models'

export function cardTiming(): TimingParameters {
  return readTiming(readFileSync(join(PACKAGE, TIMING_FILE), 'utf8'), TIMING_FILE)
}

export function cardPower(): PowerParameters {
  return readPower(readFileSync(join(PACKAGE, POWER_FILE), 'utf8'), POWER_FILE)
}

/** The network of a spec file: looked for from the working folder, then `besides` the file that names it, then in the package. */
export function loadSpec(path: string, besides?: string): Network {
  const places = isAbsolute(path)
    ? [path]
    : [path, ...(besides === undefined ? [] : [join(dirname(besides), path)]), join(PACKAGE, path)]
  const place = places.find((candidate) => existsSync(candidate))
  let text: string | undefined
  try {
    if (place !== undefined) text = readFileSync(place, 'utf8')
  } catch {
    // a folder, or not for us to read: the same as none
  }
  if (text !== undefined) return readSpec(text, path)
  throw new JoulespanError('recipe', `expected a model spec at ${path}, saw none to read`, {
    hint: 'joulespan model list shows the specs that come with joulespan',
  })
}

/** For the models of the recipe at `path`; a campaign asks for the same specs again and again, so each is read once. */
export function cardLibrary(path: string): CardLibrary {
  const networks = new Map<string, Network>()
  const network = (spec: string): Network => {
    const known = networks.get(spec) ?? loadSpec(spec, path)
    networks.set(spec, known)
    return known
  }
  return { timing: cardTiming, power: cardPower, network }
}

/** Paths of the specs that come with the package. */
export function knownSpecs(): string[] {
  const names = readdirSync(join(PACKAGE, MODELS_FOLDER)).filter(
    (name) => name.endsWith('.json') && !name.endsWith('.schema.json'),
  )
  return names.sort().map((name) => `${MODELS_FOLDER}/${name}`)
}
