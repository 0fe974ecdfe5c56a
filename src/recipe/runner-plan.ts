import type { PlanArrival, PlanMarker, PlanSegment, RunnerPlan } from './recipe.ts'
import type { RecipeDocument } from './recipe-shape.ts'

type Segment = NonNullable<RecipeDocument['models']>[number]['segments'][number]
type Arrival = NonNullable<RecipeDocument['tasks']>[number]['arrival']

/** plan.json of the native runner. */
export function planOf(document: RecipeDocument): RunnerPlan {
  const { devices, models = [], tasks = [], idle } = document
  return {
    version: 1,
    seed: document.testbed.seed,
    backend: 'virtual',
    duration_s: document.duration,
    devices: Array.from({ length: devices?.count ?? 0 }, (_, i) => ({
      name: `tpu${i}`,
      idle_w: { ...(devices as NonNullable<typeof devices>).idle },
    })),
    models: models.map(({ name, segments }) => ({ name, segments: segments.map(segmentOf) })),
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

function segmentOf(segment: Segment): PlanSegment {
  return {
    load_ms: segment.load,
    load_w: segment.load_power,
    duration_sd_rel: segment.duration_spread,
    power_sd_rel: segment.power_spread,
    phases: segment.phases.map(({ name, time, power, end_power }) => ({
      name,
      ms: time,
      start_w: power,
      end_w: end_power ?? power,
    })),
  }
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
