import type { RowOf, Table } from '../dataset/column.ts'
import { column, maybe } from './column.ts'
import { TRIAL_COLUMNS } from './trials-table.ts'

export const RESULTS = {
  name: 'results',
  description:
    'One row per trial and model over all passes: means of the passes, with 95 % intervals from between them and from what all have in common.',
  columns: [
    ...TRIAL_COLUMNS,
    column('n_passes', 'int32', '1', 'passes that were measured'),
    column('n_failed', 'int32', '1', 'passes that failed'),
    column('n_inferences', 'int64', '{inference}', 'of all passes'),
    maybe('energy_j', 'float64', 'J', 'net energy per inference, mean of the passes'),
    maybe('energy_u_j', 'float64', 'J', 'its standard uncertainty (k=1): between passes and common part together'),
    maybe('energy_low_j', 'float64', 'J', 'lower end of its 95 % interval'),
    maybe('energy_high_j', 'float64', 'J', 'upper end'),
    maybe('energy_cv', 'float64', '1', 'between-pass standard deviation of energy_j, relative; null: under two passes'),
    maybe('energy_idle_j', 'float64', 'J', 'share of the idle energy per inference, mean of the passes'),
    maybe('energy_gross_j', 'float64', 'J', 'energy_j + energy_idle_j'),
    maybe(
      'energy_gross_u_j',
      'float64',
      'J',
      'its standard uncertainty (k=1), mean of the passes: the zero of the sensor mostly decides',
    ),
    maybe('energy_rail_per_inference_j', 'float64', 'J', 'all energy of the rails per inference, mean of the passes'),
    maybe('energy_with_load_1_j', 'float64', 'J', 'net energy per inference when loaded for one'),
    maybe('energy_with_load_10_j', 'float64', 'J', 'for 10'),
    maybe('energy_with_load_1000_j', 'float64', 'J', 'for 1000'),
    maybe('latency_p50_ns', 'float64', 'ns', 'median latency, mean of the passes'),
    maybe('latency_p50_low_ns', 'float64', 'ns', 'lower end of its 95 % interval, from between passes'),
    maybe('latency_p50_high_ns', 'float64', 'ns', 'upper end'),
    maybe('latency_p90_ns', 'float64', 'ns', '90th percentile, mean of the passes'),
    maybe('latency_p99_ns', 'float64', 'ns', '99th percentile, mean of the passes'),
    maybe('latency_max_ns', 'float64', 'ns', 'the longest seen in any pass'),
    maybe(
      'service_mean_ns',
      'float64',
      'ns',
      'from the start of the first stage to the last output, mean of the passes',
    ),
    maybe('throughput_per_s', 'float64', '{inference}/s', 'mean of the passes'),
    maybe('inferences_per_j', 'float64', '{inference}/J', '1 / energy_gross_j'),
    maybe('energy_delay_js', 'float64', 'J.s', 'gross energy x mean latency, mean of the passes'),
    maybe('power_average_w', 'float64', 'W', 'all rails over the window, mean of the passes'),
    maybe('power_average_u_w', 'float64', 'W', 'its standard uncertainty (k=1), mean of the passes'),
    maybe('power_peak_w', 'float64', 'W', 'highest of any pass'),
    maybe('predicted_service_ns', 'float64', 'ns', 'by the timing model of the card'),
    maybe('measured_over_predicted', 'float64', '1', 'service time over that'),
    maybe('macs', 'float64', '1', 'multiply-accumulates of one inference; null: no spec'),
    maybe(
      'speedup',
      'float64',
      '1',
      'service time of the reference over this one, at equal other axes; null: no reference',
    ),
    maybe('mac_speedup', 'float64', '1', 'multiply-accumulates of the reference over its own'),
    maybe('realisation_efficiency', 'float64', '1', 'speedup / mac_speedup: what part of the saved work saves time'),
  ],
} as const satisfies Table

export type ResultRow = RowOf<typeof RESULTS>
