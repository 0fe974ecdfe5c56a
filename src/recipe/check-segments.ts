import { type RecipeDraft, SEGMENT } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'
import { isVirtualBoard, isVirtualCard, runsModelFiles } from './virtual-parts.ts'
import { expectation } from './wording.ts'

type SegmentKey = keyof typeof SEGMENT.fields

const OF_THE_VIRTUAL_CARD: readonly SegmentKey[] = ['load', 'duration_spread', 'power_spread', 'phases']
const NEEDED_BY_THE_VIRTUAL_CARD: readonly SegmentKey[] = ['load', 'load_power', 'phases']
const OF_MODEL_FILES: readonly SegmentKey[] = ['file', 'active_power']
const OF_A_MODEL_OF_FILES = ['inputs', 'outputs', 'outputs_max'] as const
const OF_LIBRARIES = ['tflite', 'tflite_version'] as const
const OF_LIBEDGETPU = ['edgetpu', 'edgetpu_version', 'performance'] as const

/** Times and phases make the virtual card, files and libraries the others; powers are for whoever emulates the board. */
export function checkSegments(draft: RecipeDraft, recipe: RecipeText): void {
  const backend = draft.runner?.backend
  const isFiles = runsModelFiles(draft)
  for (const key of OF_LIBRARIES) refuseUnless(isFiles, `runner.${key}`, 'cpu or edgetpu', draft, recipe)
  for (const key of OF_LIBEDGETPU) refuseUnless(backend === 'edgetpu', `runner.${key}`, 'edgetpu', draft, recipe)
  refuseUnless(backend === 'cpu', 'runner.threads', 'cpu', draft, recipe)
  if (!isFiles && !isVirtualCard(draft)) return
  const needsPowers = isVirtualCard(draft) || isVirtualBoard(draft)
  const hasIdle = recipe.isGiven('devices.idle') || draft.devices?.idle !== undefined
  if (needsPowers && recipe.isGiven('devices') && !hasIdle) {
    recipe.addProblem('devices.idle', `expected with ${isFiles ? 'the virtual board' : 'backend virtual'}, saw nothing`)
  }
  if (isFiles && draft.warmup === 0) {
    recipe.addProblem('warmup', 'expected at least 1 on real devices, whose first execution loads parameters, saw 0')
  }
  for (const [m, model] of (draft.models ?? []).entries()) {
    for (const key of OF_A_MODEL_OF_FILES) refuseUnless(isFiles, `models[${m}].${key}`, 'cpu or edgetpu', draft, recipe)
    refuseUnless(!isFiles, `models[${m}].spec`, 'virtual', draft, recipe)
    if (recipe.isGiven(`models[${m}].spec`)) continue
    for (const s of (model?.segments ?? []).keys()) checkSegment(`models[${m}].segments[${s}]`, draft, recipe)
  }
}

function checkSegment(path: string, draft: RecipeDraft, recipe: RecipeText): void {
  const isFiles = runsModelFiles(draft)
  for (const key of OF_THE_VIRTUAL_CARD) refuseUnless(!isFiles, `${path}.${key}`, 'virtual', draft, recipe)
  for (const key of OF_MODEL_FILES) refuseUnless(isFiles, `${path}.${key}`, 'cpu or edgetpu', draft, recipe)
  const ofFiles: readonly SegmentKey[] = isVirtualBoard(draft) ? OF_MODEL_FILES : ['file']
  for (const key of isFiles ? ofFiles : NEEDED_BY_THE_VIRTUAL_CARD) {
    if (recipe.isGiven(`${path}.${key}`)) continue
    recipe.addProblem(`${path}.${key}`, `expected ${expectation(SEGMENT.fields[key].shape)}, saw nothing`)
  }
}

function refuseUnless(isRight: boolean, path: string, backends: string, draft: RecipeDraft, recipe: RecipeText): void {
  if (isRight || !recipe.isGiven(path)) return
  const saw = draft.runner?.backend === undefined ? 'runner.attach' : `backend ${draft.runner.backend}`
  recipe.addProblem(path, `expected only with backend ${backends}, saw ${saw}`)
}
