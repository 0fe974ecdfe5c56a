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
      nullable: false,
      description: 'name of the device',
    },
    { name: 'model', type: 'dictionary', unit: '1', nullable: false, description: 'name of the model' },
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
      nullable: false,
      values: SPAN_KINDS,
      description: 'what the span is',
    },
    {
      name: 'power_w',
      type: 'float64',
      unit: 'W',
      nullable: false,
      description: 'learned mean power above idle while it runs, whether it may be used or not',
    },
    {
      name: 'power_u_w',
      type: 'float64',
      unit: 'W',
      nullable: true,
      description: 'standard uncertainty (k=1) of power_w',
    },
    {
      name: 'executions',
      type: 'int64',
      unit: '1',
      nullable: false,
      description: 'executions it was learned from; evidence counts half after 120 s',
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
      name: 'lack_of_fit',
      type: 'float64',
      unit: '1',
      nullable: true,
      description: 'largest mean residual of a set of active devices, in standard errors',
    },
    {
      name: 'method',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      values: ['learned', 'shapley', 'group'],
      description: 'what divides the energy it shares with others; null: nothing can, see reason',
    },
    {
      name: 'reason',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      description: 'which diagnostic forbids its use, or why only a sum is known; null: it was used',
    },
  ],
} as const satisfies Table

export type PowersRow = RowOf<typeof POWERS>
