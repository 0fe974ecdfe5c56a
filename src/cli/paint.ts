import { styleText } from 'node:util'

/** Colour for people: on a terminal, unless NO_COLOR or --no-color says otherwise. */
export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  const isPlain = process.env.NO_COLOR !== undefined || process.argv.includes('--no-color')
  return isPlain || process.stderr.isTTY !== true ? text : styleText(style, text)
}
