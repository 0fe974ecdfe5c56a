import { nearestWord } from '../recipe/nearest.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { TrialModel } from './campaign.ts'

/** What checks and expansion look up. */
export interface Surroundings {
  readonly base: Recipe
  readonly deviceCount: number
  /** By name. */
  readonly models: ReadonlyMap<string, TrialModel>
}

export function expectedName(noun: string, seen: string, known: readonly string[]): string {
  const meant = nearestWord(seen, known)
  const advice = meant === undefined ? `; known: ${known.join(', ') || 'none'}` : `; did you mean "${meant}"?`
  return `expected ${noun}, saw "${seen}"${advice}`
}
