import type { RecipeDocument, RecipeDraft } from './recipe-shape.ts'

/** The board that samples is emulated. */
export function isVirtualBoard({ sensor }: RecipeDocument | RecipeDraft): boolean {
  return sensor?.port === 'virtual'
}

/** The runner is ours and its devices are simulated. */
export function isVirtualCard({ runner }: RecipeDocument | RecipeDraft): boolean {
  return runner?.backend === 'virtual'
}

/** The runner is ours and TFLite runs real models. */
export function runsModelFiles({ runner }: RecipeDocument | RecipeDraft): boolean {
  return runner?.backend === 'cpu' || runner?.backend === 'edgetpu'
}

/** The runner is started from the recipe. */
export function startsRunner(document: RecipeDocument | RecipeDraft): boolean {
  return isVirtualCard(document) || runsModelFiles(document)
}
