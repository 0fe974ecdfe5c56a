import { checkRails } from './check-rails.ts'
import { checkTasks } from './check-tasks.ts'
import { checkTestbed } from './check-testbed.ts'
import type { RecipeDraft } from './recipe-shape.ts'
import type { RecipeText } from './recipe-text.ts'
import { isVirtualBoard, isVirtualCard } from './virtual-parts.ts'

/** What no single value can tell: whether the parts of a recipe fit each other. */
export function checkRecipe(draft: RecipeDraft, recipe: RecipeText): void {
  checkRunner(draft, recipe)
  checkMarker(draft, recipe)
  checkRails(draft, recipe)
  checkTasks(draft, recipe)
  checkTestbed(draft, recipe)
}

const OF_THE_VIRTUAL_CARD = ['devices', 'models', 'tasks', 'warmup', 'idle'] as const
const NEEDED_BY_THE_VIRTUAL_CARD = ['devices', 'models', 'tasks'] as const

function checkRunner(draft: RecipeDraft, recipe: RecipeText): void {
  if (draft.runner?.backend === undefined && draft.runner?.attach === undefined) return
  if (isVirtualCard(draft)) {
    for (const key of NEEDED_BY_THE_VIRTUAL_CARD) {
      if (!recipe.isGiven(key)) recipe.addProblem(key, 'expected with runner.backend virtual, saw nothing')
    }
    return
  }
  for (const key of OF_THE_VIRTUAL_CARD) {
    if (recipe.isGiven(key)) recipe.addProblem(key, `expected only with runner.backend virtual, saw ${kindOf(draft)}`)
  }
  if (isVirtualBoard(draft)) {
    recipe.addProblem(
      'sensor.port',
      `expected a serial port, as nothing feeds a virtual board with ${kindOf(draft)}, saw "virtual"`,
    )
  } else if (recipe.isGiven('testbed')) {
    recipe.addProblem('testbed', 'expected only where the sensor or the card is virtual, saw neither')
  }
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
