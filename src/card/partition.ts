import { JoulespanError } from '../errors/joulespan-error.ts'

/** `count` pipelines of `depth` devices each, side by side. */
export interface Replicas {
  readonly count: number
  readonly depth: number
}

/** An ASUS CRL-G116U carries 16 Edge TPUs. */
export const DEVICES_MAX = 16

/** `2x4`: two pipelines over four devices each; `3x2+2`: three over two devices and one more. A bare number is one pipeline. */
export function parsePartition(text: string): Replicas[] {
  const parts = text.split('+').map((part) => /^(?:([1-9]\d?)x)?([1-9]\d?)$/.exec(part.trim()))
  if (parts.some((part) => part === null)) {
    throw new JoulespanError('usage', `--partition: expected such as 2x4 or 3x2+2, saw '${text}'`, {
      hint: '2x4 is two replicas of a pipeline over four devices',
    })
  }
  const replicas = parts.map((part) => ({ count: Number(part?.[1] ?? 1), depth: Number(part?.[2]) }))
  const devices = deviceCount(replicas)
  if (devices <= DEVICES_MAX) return replicas
  throw new JoulespanError('usage', `--partition: expected at most ${DEVICES_MAX} devices, saw ${devices} in '${text}'`)
}

export function deviceCount(replicas: readonly Replicas[]): number {
  return replicas.reduce((sum, { count, depth }) => sum + count * depth, 0)
}

export function partitionText(replicas: readonly Replicas[]): string {
  return replicas.map(({ count, depth }) => `${count}x${depth}`).join('+')
}
