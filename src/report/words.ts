/** 0.0101276 J -> "10.13 mJ". */
export function withUnit(value: number | null | undefined, unit: string, digits = 4): string {
  if (value == null || !Number.isFinite(value)) return '-'
  const power = value === 0 ? 0 : Math.min(0, Math.max(-3, Math.floor(Math.log10(Math.abs(value)) / 3)))
  const scaled = Number((value / 1000 ** power).toPrecision(digits))
  return `${scaled} ${['n', 'µ', 'm', ''][power + 3]}${unit}`
}

export function milliseconds(ns: number | null | undefined): string {
  return ns == null ? '-' : `${Number((ns / 1e6).toPrecision(4))} ms`
}

export function percent(share: number | null | undefined, digits = 2): string {
  return share == null || !Number.isFinite(share) ? '-' : `${(100 * share).toFixed(digits)} %`
}

export function plain(value: number | null | undefined, digits = 4): string {
  return value == null ? '-' : String(Number(value.toPrecision(digits)))
}
