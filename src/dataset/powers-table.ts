import type { RowOf, Table } from './column.ts'
import { SPAN_KINDS } from './stages-table.ts'

export const POWERS = {
  name: 'powers',
  description:
    'One row per rail and column of the learned split: what a segment draws on a device above idle, with the diagnostics that allow or forbid its use.',
  columns: [
    { name: 'rail', type: 'dictionary', unit: '1', nullable: false, description: 'name of the rail' },
    {
      name: 'device',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      description: 'name of the device; null: baseline',
    },
    { name: 'model', type: 'dictionary', unit: '1', nullable: true, description: 'name of the model; null: baseline' },
    {
      name: 'segment',
      type: 'int32',
      unit: '1',
      nullable: true,
      description: 'number of the part of the model, from 0',
    },
    {
      name: 'kind',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      values: SPAN_KINDS,
      description: 'what the span is; null: baseline',
    },
    {
      name: 'power_w',
      type: 'float64',
      unit: 'W',
      nullable: true,
      description: 'learned mean power above idle while it runs; null: see reason',
    },
    {
      name: 'power_u_w',
      type: 'float64',
      unit: 'W',
      nullable: true,
      description: 'standard uncertainty (k=1) of power_w',
    },
    {
      name: 'n_intervals',
      type: 'int64',
      unit: '1',
      nullable: true,
      description: 'state intervals in which it was active',
    },
    {
      name: 'vif',
      type: 'float64',
      unit: '1',
      nullable: true,
      description: 'variance inflation factor: how much of it the other columns explain',
    },
    {
      name: 'condition',
      type: 'float64',
      unit: '1',
      nullable: true,
      description: 'condition number of the correlation matrix of its connected group',
    },
    {
      name: 'lack_of_fit_z',
      type: 'float64',
      unit: '1',
      nullable: true,
      description: 'largest mean residual of a state over its standard error',
    },
    {
      name: 'group_id',
      type: 'int32',
      unit: '1',
      nullable: true,
      description: 'row of groups that holds the sum when it cannot be told from others',
    },
    {
      name: 'reason',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      description: 'which diagnostic forbids its use; null: it was used',
    },
  ],
} as const satisfies Table

export type PowersRow = RowOf<typeof POWERS>
