import type { RowOf, Table } from './column.ts'

export const GROUPS = {
  name: 'groups',
  description: 'One row per rail and group of executions of which only the summed energy can be known.',
  columns: [
    { name: 'run_id', type: 'dictionary', unit: '1', nullable: false, description: 'run the row belongs to' },
    {
      name: 'group_id',
      type: 'int32',
      unit: '1',
      nullable: false,
      description: 'what group_id of inferences and stages points to',
    },
    { name: 'rail', type: 'dictionary', unit: '1', nullable: false, description: 'name of the rail' },
    {
      name: 'members',
      type: 'utf8',
      unit: '1',
      nullable: false,
      description: 'JSON list of what the group holds',
    },
    {
      name: 'energy_j',
      type: 'float64',
      unit: 'J',
      nullable: true,
      description: 'net energy of the whole group on this rail; null: see reason',
    },
    {
      name: 'energy_u_j',
      type: 'float64',
      unit: 'J',
      nullable: true,
      description: 'standard uncertainty (k=1) of energy_j',
    },
    { name: 'n', type: 'int64', unit: '1', nullable: false, description: 'executions in the group' },
    {
      name: 'reason',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      description: 'why the members cannot be told apart, or why a figure is null',
    },
  ],
} as const satisfies Table

export type GroupRow = RowOf<typeof GROUPS>
