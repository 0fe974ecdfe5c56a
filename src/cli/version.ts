import { readFileSync } from 'node:fs'

/** Such as `0.1.0`; from src/cli as from dist/cli the package is two folders up. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

export const createdBy = (): string => `joulespan ${version()}`
