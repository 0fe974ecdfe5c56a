// Runs on the virtual testbed for the tests: emulated offline, or live through the compiled program.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cardLibrary } from '../../src/cli/card-data.ts'
import { runFolder } from '../../src/dataset/run-folder.ts'
import { emulateJournal } from '../../src/pipeline/emulate.ts'
import { type FinalisedRun, finaliseRun } from '../../src/pipeline/finalise-run.ts'
import type { Recipe } from '../../src/recipe/recipe.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const CREATED_BY = 'joulespan test'

/** A folder that is gone when the process ends. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'joulespan-test-'))
  if (scratches.length === 0) process.on('exit', removeScratches)
  scratches.push(path)
  return path
}

const scratches: string[] = []

function removeScratches(): void {
  for (const path of scratches) rmSync(path, { recursive: true, force: true })
}

/** A recipe of pipelines/ with keys overridden, in the notation of --set. */
export function recipeOf(name: string, set: Record<string, string | number> = {}): Recipe {
  const file = join(root, 'pipelines', `${name}.yaml`)
  const overrides = Object.entries(set).map(([path, text]) => ({ path, text: String(text), from: 'test' }))
  return resolveRecipe(readFileSync(file, 'utf8'), file, overrides, cardLibrary(file))
}

export interface EmulatedRun extends FinalisedRun {
  readonly path: string
}

export async function emulate(recipe: Recipe, emulatorArguments: readonly string[] = []): Promise<EmulatedRun> {
  const path = join(scratch(), 'run')
  const folder = await emulateJournal({ recipe, runId: RUN_ID, path, createdBy: CREATED_BY, emulatorArguments })
  return { path, ...(await finaliseRun({ run: folder, out: folder, createdBy: CREATED_BY })) }
}

export async function finalise(path: string, out = path): Promise<FinalisedRun> {
  return finaliseRun({ run: runFolder(path), out: runFolder(out), createdBy: CREATED_BY })
}

export const RUN_ID = '20260101T000000Z-test-0001'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The compiled command line, as a user starts it. */
export function joulespan(
  args: readonly string[],
  onStart: (child: ReturnType<typeof spawn>) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd: root })
  onStart(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export function rms(values: Iterable<number>): number {
  const all = [...values]
  return Math.sqrt(all.reduce((sum, value) => sum + value * value, 0) / all.length)
}
