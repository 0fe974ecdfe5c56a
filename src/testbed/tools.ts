import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** Programs and images that `npm run setup` builds, by their place below `build/`. */
const PLACES = {
  emulator: 'bin/joulespan-emulator',
  runner: 'bin/joulespan-runner',
  clockProbe: 'bin/joulespan-clock-probe',
  firmware: 'firmware/uno.elf',
} as const

export type Tool = keyof typeof PLACES

/** Path of a built program. */
export function toolPath(tool: Tool): string {
  const path = placeOf(tool)
  if (existsSync(path)) return path
  throw new JoulespanError('device-missing', `expected the ${tool} at ${path}, saw nothing there`, {
    hint: 'npm run setup builds it',
  })
}

export function hasTool(tool: Tool): boolean {
  return existsSync(placeOf(tool))
}

/** From src/testbed as from dist/testbed the package is two folders up. */
function placeOf(tool: Tool): string {
  return fileURLToPath(new URL(`../../build/${PLACES[tool]}`, import.meta.url))
}
