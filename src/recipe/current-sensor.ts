/** Hall sensors known by name; Allegro ACS712 data sheet, sensitivity at 5 V and measuring range. */
const ACS712 = {
  'ACS712-05B': { voltsPerAmpere: 0.185, rangeA: 5 },
  'ACS712-20A': { voltsPerAmpere: 0.1, rangeA: 20 },
  'ACS712-30A': { voltsPerAmpere: 0.066, rangeA: 30 },
} as const

export type CurrentSensorName = keyof typeof ACS712
export const CURRENT_SENSOR_NAMES = Object.keys(ACS712) as CurrentSensorName[]

export interface CurrentSensor {
  readonly voltsPerAmpere: number
  /** Largest current it can show, either sign. */
  readonly rangeA: number
}

/** A sensor by name, or any other by its sensitivity; that one reaches as far as the converter's range. */
export function currentSensorOf(sensor: CurrentSensorName | number, zeroV: number, referenceV: number): CurrentSensor {
  if (typeof sensor === 'string') return ACS712[sensor]
  return { voltsPerAmpere: sensor, rangeA: Math.min(zeroV, referenceV - zeroV) / sensor }
}
