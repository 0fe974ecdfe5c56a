import type { Column } from './column.ts'

/** How the figure of a row came about; see docs/measurement.md. */
export const METHODS = ['isolated', 'learned', 'shapley', 'group', 'unresolved'] as const
export type Method = (typeof METHODS)[number]

/** The span of a row, shared by `inferences` and `stages`. */
export const SPAN_COLUMNS = [
  {
    name: 'start_time',
    type: 'timestamp_us',
    unit: 'us',
    nullable: false,
    description: 'start in UTC, for people and joins; compute with start_ns',
  },
  {
    name: 'start_ns',
    type: 'int64',
    unit: 'ns',
    nullable: false,
    description: 'start of the span [start_ns, end_ns) since run start, host monotonic clock',
  },
  {
    name: 'end_ns',
    type: 'int64',
    unit: 'ns',
    nullable: false,
    description: 'end of the span since run start, host monotonic clock',
  },
  { name: 'duration_ns', type: 'int64', unit: 'ns', nullable: false, description: 'end_ns - start_ns' },
] as const satisfies readonly Column[]

/** What a span cost and how well that is known, shared by `inferences` and `stages`. */
export const ENERGY_COLUMNS = [
  {
    name: 'energy_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'net energy caused above the idle power of the device states, all rails; null: see reason',
  },
  {
    name: 'energy_u_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'standard uncertainty (k=1) of energy_j',
  },
  {
    name: 'energy_idle_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'share of the idle energy while active, split equally among what is active',
  },
  {
    name: 'energy_gross_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'energy_j + energy_idle_j',
  },
  {
    name: 'energy_equal_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'net energy when overlapping power is split equally: a convention, not a measurement',
  },
  {
    name: 'energy_exclusive_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'net energy of the stretches in which nothing else was active',
  },
  {
    name: 'energy_inclusive_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    description: 'net energy of all stretches in which it was active, whoever else was',
  },
  {
    name: 'energy_<rail>_j',
    type: 'float64',
    unit: 'J',
    nullable: true,
    perRail: 'several',
    description: 'part of energy_j drawn from this rail; only in runs with several rails',
  },
  {
    name: 'method',
    type: 'dictionary',
    unit: '1',
    nullable: false,
    values: METHODS,
    description: 'how energy_j was found; group: only the sum of its group is known; unresolved: see reason',
  },
  {
    name: 'group_id',
    type: 'int32',
    unit: '1',
    nullable: true,
    description: 'row of groups that holds the energy when only a sum is known',
  },
  {
    name: 'reason',
    type: 'dictionary',
    unit: '1',
    nullable: true,
    description: 'why a figure of this row is null',
  },
  {
    name: 'uncertainty_terms',
    type: 'utf8',
    unit: '1',
    nullable: true,
    description: 'the two largest terms of energy_u_j, k=1, such as "gain 0.31 %, noise 0.22 %"',
  },
  {
    name: 'power_peak_w',
    type: 'float64',
    unit: 'W',
    nullable: true,
    description: 'highest sample of the summed rails inside the span, idle included',
  },
  {
    name: 'n_samples',
    type: 'int32',
    unit: '{sample}',
    nullable: false,
    description: 'power samples inside the span',
  },
  {
    name: 'coverage',
    type: 'float64',
    unit: '1',
    nullable: false,
    description: 'part of the span that was measured, 0 to 1',
  },
  {
    name: 'overlap',
    type: 'float64',
    unit: '1',
    nullable: false,
    description: 'part of the span in which something else was active, 0 to 1',
  },
  {
    name: 'align_bound_ns',
    type: 'float64',
    unit: 'ns',
    nullable: true,
    description: 'guaranteed half-width of the time error between power and span; null: not aligned',
  },
  { name: 'flags', type: 'uint32', unit: '1', nullable: false, description: 'quality flags, one bit each' },
] as const satisfies readonly Column[]
