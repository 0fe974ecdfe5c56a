// Which runs of the testbed are made, two at a time; a run that is on file already is not made again.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Recipe } from '../../src/recipe/recipe.ts'
import { resolveRecipe } from '../../src/recipe/resolve.ts'
import { type TestbedRun, testbedRun } from './energy-testbed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Wanted {
  readonly scenario: string
  readonly seed: number
  readonly volts: number
  readonly recipe: Recipe
}

/** Runs over scenarios: pipelines of the project cut to some seconds. */
export function overlapRuns(perScenario: Readonly<Record<string, number>>): Wanted[] {
  return Object.entries(perScenario).flatMap(([name, runs]) =>
    Array.from({ length: runs }, (_, i) => {
      const seed = 5000 + i
      const duration = name === 'eight-independent' ? '6 s' : '5 s'
      return { scenario: name, seed, volts: 12, recipe: pipelineOf(name, { duration, 'testbed.seed': seed }) }
    }),
  )
}

/** One device, one inference of 10 ms and 2 W every 30 ms, on a rail of 12 or 5 V. */
export function isolatedRuns(volts: number, runs: number, noiseless = false): Wanted[] {
  return Array.from({ length: runs }, (_, i) => {
    const seed = 7000 + i
    const text = isolatedRecipe(volts, seed, noiseless)
    const scenario = `isolated 10 ms, 2 W, ${volts} V${noiseless ? ', no noise' : ''}`
    return { scenario, seed, volts, recipe: resolveRecipe(text, 'isolated.yaml') }
  })
}

function pipelineOf(name: string, set: Record<string, string | number>): Recipe {
  const file = join(root, 'pipelines', `${name}.yaml`)
  const overrides = Object.entries(set).map(([path, text]) => ({ path, text: String(text), from: 'accuracy' }))
  return resolveRecipe(readFileSync(file, 'utf8'), file, overrides)
}

function isolatedRecipe(volts: number, seed: number, noiseless: boolean): string {
  return `
version: 1
name: isolated
about: One device, one inference of 10 ms and 2 W at a time.
duration: 5 s
sensor: { port: virtual }
rails:
  - name: rail
    nominal: ${volts} V
    uncertainty: 0 %
    current: { input: 0, sensor: ACS712-05B, bandwidth: 2 kHz, gain_uncertainty: 0.3 %, zero_uncertainty: 8 mV${''} }
runner: { backend: virtual }
devices: { count: 1, idle: { never_used: 0.4 W, context_open: 0.45 W, resident: 0.5 W } }
models:
  - name: step
    segments:
      - load: 10 ms
        load_power: 0.8 W
        phases: [{ name: compute, time: 10 ms, power: 2 W }]
tasks:
  - { name: one, model: step, devices: [0], arrival: { law: periodic, period: 30 ms, jitter: 6 ms } }
testbed: { seed: ${seed}${noiseless ? ', noise: { current: 0 mV, converter: { balanced: 0 counts } }' : ''} }
`
}

/** Makes what is not on file yet, `atOnce` at a time; every finished run is kept at once. */
export async function makeRuns(
  wanted: readonly Wanted[],
  options: { readonly file?: string; readonly atOnce: number; readonly onRun?: (run: TestbedRun) => void },
): Promise<TestbedRun[]> {
  const { file } = options
  const key = ({ scenario, seed }: { scenario: string; seed: number }): string => `${scenario}:${seed}`
  const done = new Map<string, TestbedRun>()
  if (file !== undefined && existsSync(file))
    for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
      const run = JSON.parse(line) as TestbedRun
      done.set(key(run), run)
    }
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true })
  const queue = wanted.filter((want) => !done.has(key(want)))
  const work = async (): Promise<void> => {
    for (let want = queue.shift(); want !== undefined; want = queue.shift()) {
      const run = await testbedRun(want.scenario, want.recipe, want.seed, want.volts)
      done.set(key(run), run)
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(run)}\n`)
      options.onRun?.(run)
    }
  }
  await Promise.all(Array.from({ length: options.atOnce }, work))
  return wanted.map((want) => done.get(key(want)) as TestbedRun)
}
