import type { RowOf, Table } from './column.ts'
import { ENERGY_COLUMNS, SPAN_COLUMNS } from './energy-columns.ts'

export const INFERENCES = {
  name: 'inferences',
  description: 'One row per inference: an input through all stages, from the first queue to the last output.',
  columns: [
    { name: 'run_id', type: 'dictionary', unit: '1', nullable: false, description: 'run the row belongs to' },
    {
      name: 'inference_id',
      type: 'int64',
      unit: '1',
      nullable: false,
      description: 'counted from 0 per event source',
    },
    {
      name: 'task',
      type: 'dictionary',
      unit: '1',
      nullable: false,
      description: 'a model plus its arrival law, by name',
    },
    { name: 'model', type: 'dictionary', unit: '1', nullable: false, description: 'name of the model' },
    ...SPAN_COLUMNS,
    {
      name: 'queue_ns',
      type: 'int64',
      unit: 'ns',
      nullable: true,
      description: 'wait in the first queue: start of the first stage - start_ns',
    },
    ...ENERGY_COLUMNS,
  ],
} as const satisfies Table

export type InferenceRow = RowOf<typeof INFERENCES>
