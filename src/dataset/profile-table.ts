import type { RowOf, Table } from './column.ts'

export const PROFILE_AXES = ['time', 'phase'] as const

export const PROFILE = {
  name: 'profile',
  description:
    'One row per bin of the power of an inference or stage, folded over all of them: by time since its start, and by the part of its duration that has passed.',
  columns: [
    {
      name: 'axis',
      type: 'dictionary',
      unit: '1',
      nullable: false,
      values: PROFILE_AXES,
      description: 'time: from and to are ns since the start; phase: parts of the duration, 0 to 1',
    },
    { name: 'bin', type: 'int32', unit: '1', nullable: false, description: 'number of the bin on its axis, from 0' },
    { name: 'from', type: 'float64', unit: '1', nullable: false, description: 'start of the bin [from, to)' },
    { name: 'to', type: 'float64', unit: '1', nullable: false, description: 'end of the bin' },
    {
      name: 'power_w',
      type: 'float64',
      unit: 'W',
      nullable: true,
      description: 'mean power above idle, all rails; null: no sample fell into the bin',
    },
    {
      name: 'power_se_w',
      type: 'float64',
      unit: 'W',
      nullable: true,
      description: 'standard error of power_w from the scatter of its samples (k=1); null: fewer than two',
    },
    { name: 'n', type: 'int64', unit: '{sample}', nullable: false, description: 'samples in the bin' },
  ],
} as const satisfies Table

export type ProfileRow = RowOf<typeof PROFILE>
