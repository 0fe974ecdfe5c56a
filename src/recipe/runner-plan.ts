import type { PlanArrival, PlanFileSegment, PlanMarker, PlanModel, PlanSegment, RunnerPlan } from './recipe.ts'
import { libraryFrom, pathFrom } from './recipe-path.ts'
import type { ModelDocument as Model, RecipeDocument, SegmentDocument as Segment } from './recipe-shape.ts'
import { runsModelFiles } from './virtual-parts.ts'

type Arrival = NonNullable<RecipeDocument['tasks']>[number]['arrival']

/** Standard deviations of the virtual card where a recipe says nothing. */
export const DURATION_SPREAD = 0.01
export const POWER_SPREAD = 0.03

/** plan.json of the native runner; paths in it are from `folder` on, that of the recipe. */
export function planOf(document: RecipeDocument, folder: string): RunnerPlan {
  const { devices, models = [], tasks = [], idle, runner } = document
  const isFiles = runsModelFiles(document)
  return {
    version: 1,
    seed: document.testbed.seed,
    backend: runner.backend as RunnerPlan['backend'],
    ...(isFiles ? librariesOf(runner, folder) : {}),
    duration_s: document.duration,
    devices: Array.from({ length: devices?.count ?? 0 }, (_, i) => ({
      name: `${runner.backend === 'cpu' ? 'cpu' : 'tpu'}${i}`,
      ...(devices?.idle === undefined ? {} : { idle_w: { ...devices.idle } }),
    })),
    models: models.map((model) => (isFiles ? fileModelOf(model, folder) : virtualModelOf(model))),
    tasks: tasks.map((task) => ({
      name: task.name,
      model: task.model,
      devices: task.devices,
      queue: task.queue,
      arrival: arrivalOf(task.arrival),
      max_inferences: task.max_inferences ?? 0,
    })),
    warmup_inferences: document.warmup,
    idle: {
      never_used_ms: idle.never_used,
      context_open_ms: idle.context_open,
      resident_ms: idle.resident,
      gap_every_ms: idle.gap_every,
      gap_ms: idle.gap,
      after_ms: idle.after,
    },
    ...markerOf(document.runner.marker),
  }
}

function markerOf(marker: RecipeDocument['runner']['marker']): { marker?: PlanMarker } {
  if (marker === undefined) return {}
  const { every: every_ms } = marker
  if (marker.wire === 'virtual') return { marker: { wire: 'virtual', every_ms } }
  return { marker: { wire: 'gpio', chip: marker.chip, line: marker.line, every_ms } }
}

function librariesOf(runner: RecipeDocument['runner'], folder: string): Partial<RunnerPlan> {
  const { tflite, edgetpu, tflite_version, edgetpu_version, threads, performance } = runner
  return given({
    tflite: tflite === undefined ? undefined : libraryFrom(folder, tflite),
    tflite_version,
    edgetpu: edgetpu === undefined ? undefined : libraryFrom(folder, edgetpu),
    edgetpu_version,
    threads,
    performance,
  })
}

function fileModelOf({ name, segments, inputs, outputs, outputs_max }: Model, folder: string): PlanModel {
  return {
    name,
    segments: segments.map((segment) => fileSegmentOf(segment, folder)),
    ...given({
      inputs: inputs === undefined || inputs === 'random' ? inputs : pathFrom(folder, inputs),
      outputs: outputs === undefined ? undefined : pathFrom(folder, outputs),
      outputs_max,
    }),
  }
}

function fileSegmentOf(segment: Segment, folder: string): PlanFileSegment {
  return {
    file: pathFrom(folder, segment.file as string),
    load_w: segment.load_power ?? 0,
    ...given({ active_w: segment.active_power }),
  }
}

function virtualModelOf({ name, segments }: Model): PlanModel {
  return { name, segments: segments.map(virtualSegmentOf) }
}

function virtualSegmentOf(segment: Segment): PlanSegment {
  return {
    load_ms: segment.load as number,
    load_w: segment.load_power as number,
    duration_sd_rel: segment.duration_spread ?? DURATION_SPREAD,
    power_sd_rel: segment.power_spread ?? POWER_SPREAD,
    phases: (segment.phases ?? []).map(({ name, time, power, end_power }) => ({
      name,
      ms: time,
      start_w: power,
      end_w: end_power ?? power,
    })),
  }
}

/** Without the keys whose value is undefined. */
function given<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

function arrivalOf(arrival: Arrival): PlanArrival {
  switch (arrival.law) {
    case 'poisson':
      return { law: 'poisson', rate_hz: arrival.rate }
    case 'periodic':
      return { law: 'periodic', period_ms: arrival.period, jitter_ms: arrival.jitter }
    case 'saturated':
      return { law: 'saturated' }
    case 'closed':
      return {
        law: 'closed',
        concurrency: arrival.concurrency,
        think_ms: arrival.think,
        think_jitter_ms: arrival.think_jitter,
      }
    case 'trace':
      return { law: 'trace', at_ms: arrival.at }
  }
}
