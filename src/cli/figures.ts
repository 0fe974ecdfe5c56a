/** 0.0101276 J -> "10.13 mJ": a number with the unit people would say, at `digits` significant digits. */
export function withUnit(value: number | null | undefined, unit: string, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-'
  if (value === 0) return `0 ${unit}`
  const power = Math.min(1, Math.max(-3, Math.floor(Math.log10(Math.abs(value)) / 3)))
  const scaled = value / 1000 ** power
  const written = scaled.toPrecision(digits)
  // 320 at two digits is 3.2e+2 to toPrecision
  return `${written.includes('e') ? Number(written) : written} ${PREFIXES[power + 3]}${unit}`
}

/** Value and expanded uncertainty (k = 2) in one unit, with as many decimals as the uncertainty deserves. */
export function withUncertainty(value: number, u: number, unit: string): string {
  if (!Number.isFinite(value)) return '-'
  const power = Math.min(1, Math.max(-3, Math.floor(Math.log10(Math.abs(value) || 1) / 3)))
  const [scaled, expanded] = [value / 1000 ** power, (2 * u) / 1000 ** power]
  const decimals = expanded > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(expanded)))) : 3
  return `${scaled.toFixed(decimals)} +- ${expanded.toFixed(decimals)} ${PREFIXES[power + 3]}${unit}`
}

export function percent(share: number, digits = 2): string {
  return Number.isFinite(share) ? `${share > 0 ? '+' : ''}${(100 * share).toFixed(digits)} %` : '-'
}

const PREFIXES = ['n', 'u', 'm', '', 'k']

/** 3725 s -> "1 h 2 min". */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown time'
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
