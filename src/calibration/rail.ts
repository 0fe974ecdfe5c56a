/** How counts of one rail become watts, with the standard uncertainty (k = 1) of every factor. */
export interface RailCalibration {
  /** Column prefix: `<name>_w`, `energy_<name>_j`. */
  readonly name: string
  readonly current: ChannelCalibration
  readonly voltage: ChannelCalibration | NominalVoltage
}

/** value = (count - zeroCounts) * scale, in ampere or volt. */
export interface ChannelCalibration {
  readonly kind: 'channel'
  /** ADC input. */
  readonly input: number
  /** Ampere or volt per count. */
  readonly scale: number
  readonly scaleURel: number
  /** Mean count at 0 A or 0 V. */
  readonly zeroCounts: number
  readonly zeroUCounts: number
  /** What the sensor and its filter lag behind the quantity, ns: subtracted from the sample's time. */
  readonly delayNs: number
  /** Time constant of the sensor's filter, ns: how long an edge takes to settle. */
  readonly timeConstantNs: number
}

export interface NominalVoltage {
  readonly kind: 'nominal'
  readonly volts: number
  readonly uRel: number
}

/** Relative standard uncertainty of the rail's power from its scale factors: it does not average down. */
export function gainURel(rail: RailCalibration): number {
  const voltage = rail.voltage.kind === 'nominal' ? rail.voltage.uRel : rail.voltage.scaleURel
  return Math.hypot(rail.current.scaleURel, voltage)
}
