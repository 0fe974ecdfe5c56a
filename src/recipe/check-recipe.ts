import { checkRails } from './check-rails.ts'
import { checkSegments } from './check-segments.ts'
import { checkTasks } from './check-tasks.ts'
import { checkTestbed } from './check-testbed.ts'
import type { RecipeDraft } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'
import { isVirtualBoard, isVirtualCard, startsRunner } from './virtual-parts.ts'

/** What no single value can tell: whether the parts of a recipe fit each other. */
export function checkRecipe(draft: RecipeDraft, recipe: RecipeText): void {
  checkRunner(draft, recipe)
  checkSegments(draft, recipe)
  checkMarker(draft, recipe)
  checkRails(draft, recipe)
  checkTasks(draft, recipe)
  checkTestbed(draft, recipe)
}

const OF_A_STARTED_RUNNER = ['devices', 'models', 'tasks', 'warmup', 'idle'] as const
const NEEDED_BY_A_STARTED_RUNNER = ['devices', 'models', 'tasks'] as const

function checkRunner(draft: RecipeDraft, recipe: RecipeText): void {
  if (draft.runner?.backend === undefined && draft.runner?.attach === undefined) return
  if (startsRunner(draft)) {
    for (const key of NEEDED_BY_A_STARTED_RUNNER) {
      if (!recipe.isGiven(key)) recipe.addProblem(key, `expected with ${kindOf(draft)}, saw nothing`)
    }
    checkTestbedIsWanted(draft, recipe)
    return
  }
  for (const key of OF_A_STARTED_RUNNER) {
    if (!recipe.isGiven(key)) continue
    recipe.addProblem(key, `expected only with runner.backend virtual, cpu or edgetpu, saw ${kindOf(draft)}`)
  }
  if (isVirtualBoard(draft)) {
    recipe.addProblem(
      'sensor.port',
      `expected a serial port, as nothing feeds a virtual board with ${kindOf(draft)}, saw "virtual"`,
    )
  }
  checkTestbedIsWanted(draft, recipe)
}

function checkTestbedIsWanted(draft: RecipeDraft, recipe: RecipeText): void {
  if (isVirtualBoard(draft) || isVirtualCard(draft) || !recipe.isGiven('testbed')) return
  recipe.addProblem('testbed', 'expected only where the sensor or the card is virtual, saw neither')
}

/** A line and the board it ends at are of one kind: both virtual or both real. */
function checkMarker(draft: RecipeDraft, recipe: RecipeText): void {
  const wire = draft.runner?.marker?.wire
  if (wire === undefined) return
  if (!isVirtualCard(draft)) {
    recipe.addProblem('runner.marker', `expected only with runner.backend virtual, saw ${kindOf(draft)}`)
  } else if ((wire === 'virtual') !== isVirtualBoard(draft)) {
    const port = draft.sensor?.port ?? 'nothing'
    const wanted = wire === 'virtual' ? 'gpio, as the board is real' : 'virtual, as the board is'
    recipe.addProblem('runner.marker.wire', `expected ${wanted}, saw "${wire}" with sensor.port ${port}`)
  }
}

function kindOf(draft: RecipeDraft): string {
  return draft.runner?.backend === undefined ? 'runner.attach' : `runner.backend ${draft.runner.backend}`
}
