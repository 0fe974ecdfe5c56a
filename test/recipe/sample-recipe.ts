import { resolveRecipe } from '../../src/recipe/resolve.ts'

/** A sound recipe that uses most sections; tests break or change one thing of it. */
export const SAMPLE_RECIPE = `version: 1
name: sample
duration: 10 s
sensor:
  port: virtual
  mode: balanced
rails:
  - name: v12
    nominal: 12 V
    current: { input: 0, sensor: ACS712-05B }
    voltage: { input: 1, divider: 0.25 }
  - name: v3_3
    nominal: 3.3 V
    current:
      input: 2
      sensor: 66 mV/A
      bandwidth: 2 kHz
runner:
  backend: virtual
devices:
  count: 2
  idle: { never_used: 0.4 W, context_open: 0.45 W, resident: 0.5 W }
models:
  - name: pair
    segments:
      - load: 15 ms
        load_power: 0.8 W
        phases:
          - { name: compute, time: 2 ms, power: 1.2 W }
      - load: 15 ms
        load_power: 0.8 W
        phases:
          - { name: compute, time: 3 ms, power: 1.1 W, end_power: 1.3 W }
tasks:
  - name: street
    model: pair
    devices: [0, 1]
    arrival: { law: poisson, rate: 40 /s }
idle:
  gap_every: 1 s
  gap: 8 ms
testbed:
  seed: 7
  rails:
    v12: { device_share: 80 % }
  faults: ['drop:1e-4']
`

/** The sample with one place of its text changed. */
export function changed(from: string, to: string): string {
  const parts = SAMPLE_RECIPE.split(from)
  if (parts.length !== 2) throw new Error(`expected "${from}" once in the sample, saw it ${parts.length - 1} times`)
  return parts.join(to)
}

/** The lines of the error that a text gives; empty when it is sound. */
export function problemsOf(text: string, file = 'pipelines/x.yaml'): string[] {
  try {
    resolveRecipe(text, file)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}
