import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { JoulespanError } from '../errors/joulespan-error.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { Override } from '../recipe/recipe-text.ts'
import { resolveRecipe } from '../recipe/resolve.ts'
import { cardLibrary } from './card-data.ts'

/** Flags that stand above the recipe. */
export interface RecipeFlags {
  readonly port?: string
  readonly events?: string
  readonly requests?: string
  /** False with --no-runner. */
  readonly runner?: boolean
  readonly duration?: string
  readonly seed?: number
  readonly set?: readonly string[]
  readonly tflite?: string
  readonly edgetpu?: string
}

export function loadRecipe(path: string, flags: RecipeFlags = {}): Recipe {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new JoulespanError('recipe', `expected a recipe at ${path}, saw none to read`, {
      cause,
      hint: 'recipes to start from are in pipelines/',
    })
  }
  const recipe = resolveRecipe(text, path, overridesOf(flags), cardLibrary(path))
  return withRunner(recipe, flags)
}

function overridesOf(flags: RecipeFlags): Override[] {
  const overrides = (flags.set ?? []).map(overrideOf)
  if (flags.port !== undefined) overrides.push({ path: 'sensor.port', text: flags.port, from: '--port' })
  if (flags.duration !== undefined) overrides.push({ path: 'duration', text: flags.duration, from: '--duration' })
  if (flags.seed !== undefined) overrides.push({ path: 'testbed.seed', text: String(flags.seed), from: '--seed' })
  for (const library of ['tflite', 'edgetpu'] as const) {
    const path = flags[library]
    if (path === undefined) continue
    // as typed here, not from the recipe on
    const text = JSON.stringify(path.includes('/') ? resolve(path) : path)
    overrides.push({ path: `runner.${library}`, text, from: `--${library}` })
  }
  return overrides
}

function overrideOf(setting: string): Override {
  const equals = setting.indexOf('=')
  if (equals > 0) return { path: setting.slice(0, equals), text: setting.slice(equals + 1), from: '--set' }
  throw new JoulespanError('usage', `--set: expected key=value, saw '${setting}'`, { hint: '--set duration="20 s"' })
}

function withRunner(recipe: Recipe, { events, requests, runner }: RecipeFlags): Recipe {
  if (runner === false) return { ...recipe, runner: { kind: 'none' } }
  if (events === undefined && requests === undefined) return recipe
  if (events === undefined || requests === undefined)
    throw new JoulespanError('usage', 'expected --events and --requests together, saw one of them')
  return { ...recipe, runner: { kind: 'attach', events, requests } }
}
