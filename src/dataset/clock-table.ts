import type { RowOf, Table } from './column.ts'

export const CLOCK_KINDS = ['knot', 'probe'] as const

export const CLOCK = {
  name: 'clock',
  description:
    'One row per knot of the map from sample index to host time, and per reading of the clock probe; what a kind does not have is null.',
  columns: [
    {
      name: 't_ns',
      type: 'int64',
      unit: 'ns',
      nullable: false,
      description: 'instant of the row since run start, host monotonic clock',
    },
    {
      name: 'time',
      type: 'timestamp_us',
      unit: 'us',
      nullable: false,
      description: 'the instant in UTC, for people and joins; compute with t_ns',
    },
    {
      name: 'epoch',
      type: 'int32',
      unit: '1',
      nullable: true,
      description: 'stretch with one unbroken device clock, counted from 0; knot',
    },
    { name: 'boot_id', type: 'int32', unit: '1', nullable: true, description: 'boot counter of the device; knot' },
    { name: 'sample_index', type: 'int64', unit: '{sample}', nullable: true, description: 'sample of the knot' },
    { name: 'tick', type: 'int64', unit: '{tick}', nullable: true, description: 'unwrapped device timer; knot' },
    {
      name: 'host_ns',
      type: 'int64',
      unit: 'ns',
      nullable: false,
      description: 'knot: estimated host time of the sample; probe: middle of the bracketing monotonic readings',
    },
    {
      name: 'bound_ns',
      type: 'float64',
      unit: 'ns',
      nullable: true,
      description: 'knot: guaranteed half-width of the error of host_ns; probe: half the bracket',
    },
    {
      name: 'rate_ppm',
      type: 'float64',
      unit: '[ppm]',
      nullable: true,
      description: 'host seconds per nominal device second, minus one; knot',
    },
    { name: 'kind', type: 'dictionary', unit: '1', nullable: false, values: CLOCK_KINDS, description: 'knot or probe' },
    { name: 'raw_ns', type: 'int64', unit: 'ns', nullable: true, description: 'CLOCK_MONOTONIC_RAW; probe' },
    {
      name: 'realtime_ns',
      type: 'int64',
      unit: 'ns',
      nullable: true,
      description: 'CLOCK_REALTIME since 1970; probe',
    },
    { name: 'boottime_ns', type: 'int64', unit: 'ns', nullable: true, description: 'CLOCK_BOOTTIME; probe' },
  ],
} as const satisfies Table

export type ClockRow = RowOf<typeof CLOCK>
