/** What a number cell says when it holds something else. */
export const NOT_A_NUMBER = Number.NEGATIVE_INFINITY

const [PLUS, MINUS, DOT, ZERO, NINE, SPACE, TAB] = [43, 45, 46, 48, 57, 32, 9]
/** Powers of ten that are exact as doubles. */
const TENS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/**
 * Decimal text as the nearest double; NaN when empty, not finite or one of the words programs write for nothing;
 * NOT_A_NUMBER for anything else. Up to 15 digits with an exact power of ten are rounded once, in the division (W. D. Clinger,
 * "How to read floating point numbers accurately", PLDI 1990); the rest goes to the runtime.
 */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  let start = from
  let end = to
  while (start < end && isBlank(bytes[start] as number)) start++
  while (end > start && isBlank(bytes[end - 1] as number)) end--
  if (start === end) return Number.NaN
  let at = start
  const isNegative = bytes[at] === MINUS
  if (isNegative || bytes[at] === PLUS) at++
  let seen = 0
  let digits = 0
  let decimals = 0
  let seenDot = false
  let value = 0
  for (; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO)
      seen++
      if (digits > 0 || byte !== ZERO) digits++
      if (seenDot) decimals++
    } else if (byte === DOT && !seenDot) seenDot = true
    else break
  }
  if (at === end && seen > 0 && digits <= 15 && decimals <= 22)
    return (isNegative ? -value : value) / (TENS[decimals] as number)
  return parseSlowly(latin1(bytes, start, end))
}

function parseSlowly(text: string): number {
  if (isNothing(text)) return Number.NaN
  if (/^[-+]?(inf|infinity)$/i.test(text)) return Number.NaN
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return NOT_A_NUMBER
  const value = Number(text)
  return Number.isFinite(value) ? value : Number.NaN
}

/** Whole number with or without a tail of `.0`: what pandas makes of integers in a column with holes. */
const WHOLE = /^([-+]?\d+)(?:\.0*)?$/

/** Undefined when empty, null when it is no whole number. */
export function parseWhole(text: string): bigint | undefined | null {
  const trimmed = text.trim()
  if (isNothing(trimmed)) return undefined
  const digits = WHOLE.exec(trimmed)?.[1]
  return digits === undefined ? null : BigInt(digits)
}

/** A whole number relative to an origin, both split at 10^9, so that 1.7e18 keeps its last digit; NOT_A_NUMBER otherwise. */
export function parseNs(bytes: Uint8Array, from: number, to: number, originHigh: number, originLow: number): number {
  const isNegative = bytes[from] === MINUS
  const start = isNegative ? from + 1 : from
  if (to <= start || to - start > 19) return slowNs(bytes, from, to, originHigh, originLow)
  const split = Math.max(start, to - 9)
  let high = 0
  let low = 0
  for (let at = start; at < split; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return slowNs(bytes, from, to, originHigh, originLow)
    high = high * 10 + digit
  }
  for (let at = split; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return slowNs(bytes, from, to, originHigh, originLow)
    low = low * 10 + digit
  }
  return isNegative ? (-high - originHigh) * 1e9 + (-low - originLow) : (high - originHigh) * 1e9 + (low - originLow)
}

function slowNs(bytes: Uint8Array, from: number, to: number, originHigh: number, originLow: number): number {
  const whole = parseWhole(latin1(bytes, from, to))
  if (whole === undefined) return Number.NaN
  if (whole === null) return NOT_A_NUMBER
  return Number(whole - (BigInt(originHigh) * 1_000_000_000n + BigInt(originLow)))
}

/** The words that programs write for a cell without a value. */
export function isNothing(text: string): boolean {
  return text === '' || /^(nan|na|n\/a|null|none|nat)$/i.test(text)
}

export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, Math.min(to, from + 200)))
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}
