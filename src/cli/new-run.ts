import { join } from 'node:path'
import { createRunId } from '../dataset/run-id.ts'
import type { Recipe } from '../recipe/recipe.ts'

/** Id and folder of a run that begins now. */
export function newRun(runs: string, recipe: Recipe): { runId: string; path: string } {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  const suffix = Array.from({ length: 4 }, () => letters[Math.floor(Math.random() * letters.length)]).join('')
  const runId = createRunId({ startUtcMs: Date.now(), words: [recipe.name], suffix })
  return { runId, path: join(runs, runId) }
}

/** An emulated run is the same for the same recipe and seed, and so is its name. */
export function emulatedRun(runs: string, recipe: Recipe, runId?: string): { runId: string; path: string } {
  const seed = String(recipe.testbed?.seed ?? 0)
  const id = runId ?? createRunId({ startUtcMs: EMULATED_UTC_MS, words: [recipe.name, 'seed', seed], suffix: 'emul' })
  return { runId: id, path: join(runs, id) }
}

/** When emulated runs take place. */
const EMULATED_UTC_MS = Date.UTC(2026, 0, 1)
