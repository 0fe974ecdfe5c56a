import { currentSensorOf } from './current-sensor.ts'
import type { RecipeDocument } from './recipe-shape.ts'
import { ADC_REFERENCE_V } from './uno-adc.ts'
import { clockOf, hostSlewOf } from './virtual-clock.ts'
import { virtualRailsOf } from './virtual-rails.ts'

type Board = Readonly<Record<string, unknown>>
type Rail = RecipeDocument['rails'][number]

/**
 * board.json of the emulator: nominal values and the uncertainties the lab states for them, so that what the emulator draws is
 * the stated value times (1 + u * N(0, 1)), and what the lab states is right.
 */
export function boardOf(document: RecipeDocument): Board {
  const { sensor, rails, testbed } = document
  const { noise, supply, thermal } = testbed
  return {
    seed: testbed.board_seed ?? testbed.seed,
    ...(testbed.board_seed === undefined ? {} : { noise_seed: testbed.seed }),
    clock: { ...clockOf(testbed.clock, sensor.oscillator), ...slewsOf(document) },
    adc: { noise_lsb: [noise.converter.fast, noise.converter.balanced, noise.converter.accurate] },
    supply: { vcc_v: ADC_REFERENCE_V, vcc_u_rel: supply.uncertainty, bandgap_u_rel: supply.bandgap_uncertainty },
    rails: virtualRailsOf(document).map(({ baseW, deviceShare, wanderW, wanderS }, r) => ({
      name: (rails[r] as Rail).name,
      volts: (rails[r] as Rail).nominal,
      volts_u_rel: (rails[r] as Rail).uncertainty,
      base_w: baseW,
      device_share: deviceShare,
      wander_w: wanderW,
      wander_tau_s: wanderS,
    })),
    channels: rails.flatMap((rail, r) => [
      currentChannel(rail.current, r, noise.current),
      ...(rail.voltage === undefined ? [] : [voltageChannel(rail.voltage, r, noise.voltage, supply.uncertainty)]),
    ]),
    devices: {
      lag_us: testbed.device_lag,
      thermal: { w_per_k: thermal.leakage, k_per_w: thermal.resistance, tau_s: thermal.time },
    },
  }
}

/** Everything the emulator tells is in the host's clock. */
function slewsOf(document: RecipeDocument): Board {
  const slews = hostSlewOf(document)
  if (slews.length === 0) return {}
  return { host_slew: slews.map(({ fromS, untilS, ratio }) => ({ from_s: fromS, until_s: untilS, ppm: ratio * 1e6 })) }
}

/** Hall sensors are ratiometric: their output moves with the reference of the converter, so that counts do not. */
function currentChannel(current: Rail['current'], rail: number, noiseV: number | undefined): Board {
  return {
    input: current.input,
    kind: 'current',
    rail,
    scale_v_per_unit: currentSensorOf(current.sensor, current.zero, ADC_REFERENCE_V).voltsPerAmpere,
    gain_u_rel: current.gain_uncertainty,
    zero_v: current.zero,
    zero_u_v: current.zero_uncertainty,
    noise_v: noiseV ?? noiseAt(current.bandwidth),
    bandwidth_hz: current.bandwidth,
    ratiometric: true,
  }
}

/**
 * Counts of a divider move with the reference of the converter. The uncertainty in the recipe is that of volt per count; what the
 * reference takes of it is drawn with the supply.
 */
function voltageChannel(
  voltage: NonNullable<Rail['voltage']>,
  rail: number,
  noiseV: number,
  referenceURel: number,
): Board {
  return {
    input: voltage.input,
    kind: 'voltage',
    rail,
    scale_v_per_unit: voltage.divider,
    gain_u_rel: Math.sqrt(voltage.gain_uncertainty ** 2 - referenceURel ** 2),
    zero_v: voltage.zero,
    zero_u_v: voltage.zero_uncertainty,
    noise_v: noiseV,
    bandwidth_hz: voltage.bandwidth,
    ratiometric: false,
  }
}

/** ACS712 data sheet: about 20 mV peak to peak at 2 kHz, white noise behind the filter. */
function noiseAt(bandwidthHz: number): number {
  return 0.0035 * Math.sqrt(bandwidthHz / 2000)
}
