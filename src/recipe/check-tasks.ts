import { checkNamesUsedOnce } from './check-names.ts'
import { nearestWord } from './nearest.ts'
import type { RecipeDocument, RecipeDraft } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'

/** Idle time from which a baseline can be read, beyond what follows an activity and leads up to the next. */
const BASELINE_MS = 1
/** Clock bound and a few samples, at both ends of a gap. */
const MARGINS_MS = 0.6
/** Time constants until a first-order filter is within 1 %. */
const SETTLED = 5

/** Models and devices that exist, loads that can be carried, idle gaps in which the baseline is seen. */
export function checkTasks(draft: RecipeDraft, recipe: RecipeText): void {
  checkNamesUsedOnce(draft.models ?? [], 'models', recipe)
  checkNamesUsedOnce(draft.tasks ?? [], 'tasks', recipe)
  for (const t of (draft.tasks ?? []).keys()) checkTask(draft, t, recipe)
  checkGaps(draft, recipe)
  if (!recipe.hasProblems) checkLoad(draft as RecipeDocument, recipe)
}

function checkTask(draft: RecipeDraft, t: number, recipe: RecipeText): void {
  const task = draft.tasks?.[t]
  const path = `tasks[${t}]`
  const names = (draft.models ?? []).flatMap((model) => model?.name ?? [])
  const model = draft.models?.find((candidate) => candidate?.name !== undefined && candidate.name === task?.model)
  if (task?.model !== undefined && model === undefined && !draft.models?.some((m) => m?.name === undefined)) {
    const meant = nearestWord(task.model, names)
    const advice = meant === undefined ? '' : `; did you mean "${meant}"?`
    recipe.addProblem(`${path}.model`, `expected one of ${names.join(', ')}, saw "${task.model}"${advice}`)
  }
  const segments = model?.segments?.length
  if (task?.devices !== undefined && segments !== undefined && task.devices.length !== segments) {
    recipe.addProblem(
      `${path}.devices`,
      `expected ${segments} devices, one for each segment of "${task.model}", saw ${task.devices.length}`,
    )
  }
  const count = draft.devices?.count
  for (const [i, device] of (task?.devices ?? []).entries()) {
    if (device === undefined || count === undefined || device < count) continue
    recipe.addProblem(`${path}.devices[${i}]`, `expected the number of a device, 0 to ${count - 1}, saw ${device}`)
  }
  checkArrival(draft, t, recipe)
}

function checkArrival(draft: RecipeDraft, t: number, recipe: RecipeText): void {
  const arrival = draft.tasks?.[t]?.arrival
  const path = `tasks[${t}].arrival`
  if (arrival?.law === 'periodic') {
    const { period: periodMs, jitter: jitterMs } = arrival
    if (periodMs !== undefined && jitterMs !== undefined && jitterMs > periodMs) {
      recipe.addProblem(`${path}.jitter`, `expected at most the period of ${periodMs} ms, saw ${jitterMs} ms`)
    }
  }
  if (arrival?.law === 'trace') {
    for (const [i, atMs] of (arrival.at ?? []).entries()) {
      const beforeMs = arrival.at?.[i - 1]
      if (atMs === undefined || beforeMs === undefined || atMs >= beforeMs) continue
      recipe.addProblem(`${path}.at[${i}]`, `expected not less than the ${beforeMs} ms before it, saw ${atMs} ms`)
    }
  }
}

function checkGaps(draft: RecipeDraft, recipe: RecipeText): void {
  const { gap_every: everyMs, gap: gapMs } = draft.idle ?? {}
  const settleNs = draft.sensor?.settle
  const slowestHz = Math.min(...(draft.rails ?? []).map((rail) => rail?.current?.bandwidth ?? Number.POSITIVE_INFINITY))
  const busy = (draft.tasks ?? []).find(({ arrival } = { arrival: undefined } as never) => waitsForRoom(arrival?.law))
  if (everyMs === 0 && busy !== undefined) {
    recipe.addProblem(
      'idle.gap_every',
      `expected idle gaps, such as "1 s", as task "${busy.name}" is ${busy.arrival?.law} and leaves no idle time of its own, saw none`,
    )
  }
  if (everyMs === undefined || everyMs === 0 || gapMs === undefined || settleNs === undefined) return
  const filterMs = (SETTLED * 1e3) / (2 * Math.PI * slowestHz)
  const leastMs = settleNs / 1e6 + filterMs + MARGINS_MS + BASELINE_MS
  if (gapMs >= leastMs) return
  recipe.addProblem(
    'idle.gap',
    `expected at least ${+leastMs.toPrecision(3)} ms, until devices and filters have settled and 1 ms of baseline is left, saw ${gapMs} ms`,
  )
}

function waitsForRoom(law: string | undefined): boolean {
  return law === 'saturated' || law === 'closed'
}

/** Of the virtual card; of models in files nobody knows how long they take. Arrivals that nothing can serve are dropped one by one: then the rate is a mistake, or `saturated` is meant. */
function checkLoad(document: RecipeDocument, recipe: RecipeText): void {
  const load = new Array<number>(document.devices?.count ?? 0).fill(0)
  for (const task of document.tasks ?? []) {
    const rateHz = steadyRateHz(task.arrival)
    const model = document.models?.find(({ name }) => name === task.model)
    for (const [s, segment] of (model?.segments ?? []).entries()) {
      const busyMs = (segment.phases ?? []).reduce((sum, phase) => sum + phase.time, 0)
      load[task.devices[s] as number]! += (rateHz * busyMs) / 1e3
    }
  }
  for (const [device, part] of load.entries()) {
    if (part <= 1) continue
    recipe.addProblem(
      'tasks',
      `expected rates that devices can serve, saw device ${device} busy ${Math.round(100 * part)} % of the time; lower them or take law saturated`,
    )
  }
}

function steadyRateHz(arrival: NonNullable<RecipeDocument['tasks']>[number]['arrival']): number {
  if (arrival.law === 'poisson') return arrival.rate
  return arrival.law === 'periodic' ? 1e3 / arrival.period : 0
}
