import type { RowOf, Table } from '../dataset/column.ts'
import { column, maybe } from './column.ts'

/** What a trial is; shared by all tables of a campaign. */
export const TRIAL_COLUMNS = [
  column('campaign', 'dictionary', '1', 'name of the campaign'),
  column('trial', 'dictionary', '1', 'what was measured; used once in the campaign'),
  maybe('model', 'dictionary', '1', 'name of the model; null: all models of a trial with several'),
  maybe('spec', 'dictionary', '1', 'its model spec; null: it is written out in the recipe'),
  maybe('labels', 'utf8', '1', 'labels of the model as a JSON object'),
  maybe('partition', 'dictionary', '1', 'replicas x depth; null: as in the recipe'),
  maybe('depth', 'int32', '{device}', 'devices of one pipeline; null: pipelines differ, or as in the recipe'),
  maybe('replicas', 'int32', '1', 'pipelines side by side'),
  maybe('devices', 'int32', '{device}', 'devices that work'),
  maybe('segment_by', 'dictionary', '1', 'where the spec was cut'),
  maybe('arrival', 'utf8', '1', 'arrival law as JSON; null: several'),
  maybe('rate_per_s', 'float64', '{inference}/s', 'arrivals asked for, all replicas; null: not on this axis'),
  maybe('requests', 'int32', '1', 'requests under way at once in each replica; null: not on this axis'),
  column('sampling', 'dictionary', '1', 'mode of the sensor board'),
  maybe('settings', 'utf8', '1', 'further keys of the recipe that the trial sets, as a JSON object'),
] as const

export const FIGURE_COLUMNS = [
  maybe('energy_j', 'float64', 'J', 'net energy per inference: above the idle power of the device states'),
  maybe('energy_u_j', 'float64', 'J', 'standard uncertainty (k=1) of energy_j'),
  maybe(
    'energy_gain_u_j',
    'float64',
    'J',
    'part of energy_u_j that does not average down: scale factors of the sensors',
  ),
  maybe('energy_idle_j', 'float64', 'J', 'share of the idle energy per inference'),
  maybe('energy_gross_j', 'float64', 'J', 'energy_j + energy_idle_j'),
  maybe(
    'energy_gross_u_j',
    'float64',
    'J',
    'its standard uncertainty; the zero of the sensor, which cancels in energy_j, mostly decides',
  ),
  maybe('energy_rail_per_inference_j', 'float64', 'J', 'all energy of the rails in the run, divided by its inferences'),
  maybe('energy_sd_j', 'float64', 'J', 'standard deviation of the net energy among inferences'),
  maybe('latency_mean_ns', 'float64', 'ns', 'from the first queue to the last output, mean'),
  maybe('latency_p50_ns', 'float64', 'ns', 'the same, median'),
  maybe('latency_p90_ns', 'float64', 'ns', 'the same, 90th percentile'),
  maybe('latency_p99_ns', 'float64', 'ns', 'the same, 99th percentile; null: under 100 inferences'),
  maybe('latency_max_ns', 'float64', 'ns', 'the longest seen'),
  maybe('service_mean_ns', 'float64', 'ns', 'from the start of the first stage to the last output, mean'),
  maybe('throughput_per_s', 'float64', '{inference}/s', 'inferences per second from the first start to the last end'),
  maybe('inferences_per_j', 'float64', '{inference}/J', '1 / energy_gross_j'),
  maybe('energy_delay_js', 'float64', 'J.s', 'energy_gross_j x latency_mean'),
  maybe(
    'power_average_w',
    'float64',
    'W',
    'all rails, from the first start to the last end; null: samples are missing',
  ),
  maybe('power_average_u_w', 'float64', 'W', 'its standard uncertainty: zero and scale of the sensors'),
  maybe('power_peak_w', 'float64', 'W', 'highest sample of the summed rails inside an inference, noise included'),
  maybe('load_j', 'float64', 'J', 'net energy of loading every segment once'),
  maybe('load_ns', 'float64', 'ns', 'time of loading every segment once, one after the other'),
  maybe('energy_with_load_1_j', 'float64', 'J', 'net energy per inference when the model is loaded for one'),
  maybe('energy_with_load_10_j', 'float64', 'J', 'the same for 10'),
  maybe('energy_with_load_1000_j', 'float64', 'J', 'the same for 1000'),
  maybe('predicted_service_ns', 'float64', 'ns', 'service time by the timing model of the card; null: no spec'),
  maybe('measured_over_predicted', 'float64', '1', 'service_mean_ns / predicted_service_ns'),
] as const

export const TRIALS = {
  name: 'trials',
  description: 'One row per trial, pass and model, and one with a null model for a whole trial with several models.',
  columns: [
    ...TRIAL_COLUMNS,
    column('pass', 'int32', '1', 'counted from 0; every trial is measured once in each'),
    column('position', 'int32', '1', 'place in the order of the campaign, from 0'),
    column('run_id', 'dictionary', '1', 'folder below runs/'),
    column('status', 'dictionary', '1', 'ok, or failed'),
    maybe('reason', 'utf8', '1', 'why it failed'),
    column('n_inferences', 'int64', '{inference}', 'inferences measured'),
    maybe('window_s', 'float64', 's', 'from the first start to the last end'),
    maybe('n_samples', 'int64', '{sample}', 'samples of each channel in the run'),
    ...FIGURE_COLUMNS,
    maybe('drift_rel_per_min', 'float64', '1/min', 'slope of the net energy within the window, relative to its mean'),
    maybe('coverage_min', 'float64', '1', 'lowest coverage of an inference'),
    maybe('align_bound_ns_p99', 'float64', 'ns', '99th percentile of the clock bound'),
    maybe('frames_lost', 'int64', '1', 'frames lost on the serial link'),
    maybe('events_lost', 'int64', '1', 'events lost and not filled in'),
    maybe('unattributed_share', 'float64', '1', 'unattributed energy relative to what was attributed'),
  ],
} as const satisfies Table

export type TrialRow = RowOf<typeof TRIALS>
