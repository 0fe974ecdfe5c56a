import type { RowOf, Table } from '../dataset/column.ts'
import { column, maybe } from './column.ts'

export const COST = {
  name: 'cost',
  description:
    'C(m): what one inference of a model takes on m devices, pooled over all trials and passes that run it so; the input of gang and partitioned schedulability analyses.',
  columns: [
    column('model', 'dictionary', '1', 'name of the model'),
    column('m', 'int32', '{device}', 'devices of the pipeline that serves an inference'),
    maybe('segment_by', 'dictionary', '1', 'where the spec was cut; null: as written in the recipe'),
    column('n_inferences', 'int64', '{inference}', 'inferences pooled'),
    maybe(
      'time_max_ns',
      'float64',
      'ns',
      'longest service time observed: a lower bound of the worst case, not the worst case',
    ),
    maybe('time_p999_ns', 'float64', 'ns', '99.9th percentile; null: under 10,000 inferences'),
    maybe('time_mean_ns', 'float64', 'ns', 'mean service time'),
    maybe('energy_max_j', 'float64', 'J', 'largest net energy of an inference that was measured by itself'),
    maybe('energy_p999_j', 'float64', 'J', '99.9th percentile of those; null: under 10,000'),
    maybe('energy_mean_j', 'float64', 'J', 'mean net energy, from the means of the passes'),
    maybe('switch_max_ns', 'float64', 'ns', 'longest load of one segment: what a context switch takes on a device'),
    maybe('switch_mean_ns', 'float64', 'ns', 'mean load of one segment'),
    maybe('switch_mean_j', 'float64', 'J', 'mean net energy of loading one segment'),
  ],
} as const satisfies Table

export type CostRow = RowOf<typeof COST>
