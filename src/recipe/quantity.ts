/** Kinds of quantities people write with their unit, `12 V`, and the units each is read in. */
export const DIMENSIONS = {
  time: { noun: 'a time', units: { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 } },
  frequency: { noun: 'a frequency', units: { Hz: 1, kHz: 1e3 } },
  rate: { noun: 'a rate', units: { '/s': 1, Hz: 1, kHz: 1e3 } },
  voltage: { noun: 'a voltage', units: { mV: 1e-3, V: 1 } },
  power: { noun: 'a power', units: { mW: 1e-3, W: 1 } },
  ratio: { noun: 'a ratio', units: { ppm: 1e-6, '%': 1e-2 } },
  sensitivity: { noun: 'a sensitivity', units: { 'mV/A': 1e-3, 'V/A': 1 } },
  counts: { noun: 'a number of counts', units: { counts: 1 } },
  leakage: { noun: 'a power per kelvin', units: { 'mW/K': 1e-3, 'W/K': 1 } },
  thermalResistance: { noun: 'a thermal resistance', units: { 'K/W': 1 } },
} as const satisfies Record<string, { readonly noun: string; readonly units: Readonly<Record<string, number>> }>

export type Dimension = keyof typeof DIMENSIONS

/** A unit a dimension is computed in; `1` is the pure number of a ratio. */
export type UnitOf<D extends Dimension> =
  | (keyof (typeof DIMENSIONS)[D]['units'] & string)
  | (D extends 'ratio' ? '1' : never)

/**
 * `text` in `unit`; undefined when it is no number with a unit of the dimension. Powers of ten are applied to the decimal
 * digits, so that `80 us` is exactly the number 80e-6 and not a rounding beside it.
 */
export function parseQuantity(text: string, dimension: Dimension, unit: string): number | undefined {
  const match = PARTS.exec(text)
  const factor = factorOf(dimension, match?.groups?.unit)
  const target = unit === '1' ? 1 : factorOf(dimension, unit)
  if (match?.groups === undefined || factor === undefined || target === undefined) return undefined
  const { digits, exponent = '0' } = match.groups
  const ratio = factor / target
  const power = Math.round(Math.log10(ratio))
  const isDecimal = Math.abs(ratio / 10 ** power - 1) < 1e-12
  return isDecimal ? Number(`${digits}e${Number(exponent) + power}`) : Number(`${digits}e${exponent}`) * ratio
}

/** Regular expression that accepts what parseQuantity does, for editors; without a sign unless negative values make sense. */
export function quantityPattern(dimension: Dimension, isSigned: boolean): string {
  const units = Object.keys(DIMENSIONS[dimension].units).join('|')
  return `^${isSigned ? '-?' : ''}\\d+(\\.\\d+)?([eE][-+]?\\d+)? ?(${units})$`
}

const PARTS = /^(?<digits>-?\d+(?:\.\d+)?)(?:[eE](?<exponent>[-+]?\d+))? ?(?<unit>[^\d\s].*)$/

function factorOf(dimension: Dimension, unit: string | undefined): number | undefined {
  const units: Readonly<Record<string, number>> = DIMENSIONS[dimension].units
  return unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined
}
