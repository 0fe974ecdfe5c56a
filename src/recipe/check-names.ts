import type { RecipeText } from './recipe-text.ts'

/** Names of one list; the dataset tells its parts apart by them. */
export function checkNamesUsedOnce(
  items: readonly ({ readonly name: string | undefined } | undefined)[],
  list: string,
  recipe: RecipeText,
): void {
  const seen = new Set<string>()
  for (const [i, item] of items.entries()) {
    if (item?.name === undefined) continue
    if (seen.has(item.name)) {
      recipe.addProblem(`${list}[${i}].name`, `expected a name used once, saw "${item.name}" again`)
    }
    seen.add(item.name)
  }
}
