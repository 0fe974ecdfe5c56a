import type { RowOf, Table } from './column.ts'

export const POWER = {
  name: 'power',
  description:
    'One row per sample instant. A gap is one row with null power, its flag and the index of the first missing sample; it is never closed up.',
  columns: [
    {
      name: 't_ns',
      type: 'int64',
      unit: 'ns',
      nullable: false,
      description: 'instant of the sample since run start, host monotonic clock',
    },
    {
      name: 'time',
      type: 'timestamp_us',
      unit: 'us',
      nullable: false,
      description: 'the instant in UTC, for people and joins; compute with t_ns',
    },
    {
      name: '<rail>_w',
      type: 'float32',
      unit: 'W',
      nullable: true,
      perRail: 'always',
      description: 'power drawn from this rail; null: not measured',
    },
    {
      name: 'sample_index',
      type: 'int64',
      unit: '{sample}',
      nullable: false,
      description: 'identity of the sample: epoch base + unwrapped device index, never reused in a run',
    },
    { name: 'flags', type: 'uint32', unit: '1', nullable: false, description: 'quality flags, one bit each' },
  ],
} as const satisfies Table

export type PowerRow = RowOf<typeof POWER>
