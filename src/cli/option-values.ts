import { JoulespanError } from '../errors/joulespan-error.ts'
import type { PerRail } from '../pipeline/attribute.ts'

/** `0.01`, or `v12=0.01,v3=0.02`. */
export function perRail(
  flag: string,
  isAllowed: (value: number) => boolean = (value) => value >= 0,
): (text: string) => PerRail {
  const number = (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && isAllowed(value)) return value
    throw new JoulespanError('usage', `${flag}: expected a number, or rail=number,rail=number, saw '${text}'`, {
      hint: `${flag} 0.01, or ${flag} v12=0.01,v3=0.02`,
    })
  }
  return (text) => {
    if (!text.includes('=')) return number(text)
    const pairs = text.split(',').map((part) => {
      const [rail = '', value = ''] = part.split('=')
      return [rail.trim(), number(value)] as const
    })
    return Object.fromEntries(pairs)
  }
}

export function wholeNumber(flag: string, least = 0): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text)
    const limit = least > 0 ? ` of at least ${least}` : ''
    throw new JoulespanError('usage', `${flag}: expected a whole number${limit}, saw '${text}'`)
  }
}

/** Nanoseconds, with a fraction if need be. */
export function nanoseconds(flag: string, least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value
    throw new JoulespanError(
      'usage',
      `${flag}: expected nanoseconds${least < 0 ? '' : ', not negative'}, saw '${text}'`,
    )
  }
}

export function milliseconds(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= 0 && value <= 1e3) return value
    throw new JoulespanError('usage', `${flag}: expected milliseconds from 0 to 1000, saw '${text}'`)
  }
}

export function notNegative(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
    throw new JoulespanError('usage', `${flag}: expected a number from 0, saw '${text}'`)
  }
}

export function aboveZero(flag: string): (text: string) => number {
  return (text) => {
    const value = notNegative(flag)(text)
    if (value > 0) return value
    throw new JoulespanError('usage', `${flag}: expected a number above 0, saw '${text}'`)
  }
}
