import { defaultsOf } from './read-shape.ts'
import type { RecipeDocument } from './recipe-shape.ts'
import { VIRTUAL_RAIL } from './testbed-shape.ts'

/** What feeds through one rail of the virtual card. */
export interface VirtualRail {
  readonly baseW: number
  /** Part of every device's power. */
  readonly deviceShare: number
  readonly wanderW: number
  readonly wanderS: number
}

/** One for each rail of the recipe; what the given device shares leave goes to the others in equal parts. */
export function virtualRailsOf({ rails, testbed }: RecipeDocument): VirtualRail[] {
  const given = rails.map(({ name }) => testbed.rails.get(name) ?? defaultsOf(VIRTUAL_RAIL))
  const unsaid = given.filter((rail) => rail.device_share === undefined).length
  const left = 1 - given.reduce((sum, rail) => sum + (rail.device_share ?? 0), 0)
  return given.map((rail) => ({
    baseW: rail.base,
    deviceShare: rail.device_share ?? left / unsaid,
    wanderW: rail.wander,
    wanderS: rail.wander_time,
  }))
}
