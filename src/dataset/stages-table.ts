import type { RowOf, Table } from './column.ts'
import { ENERGY_COLUMNS, SPAN_COLUMNS } from './energy-columns.ts'

export const SPAN_KINDS = ['stage', 'load', 'unload', 'warmup'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

export const STAGES = {
  name: 'stages',
  description: 'One row per span on a device: a segment execution, or a load, unload or warm-up.',
  columns: [
    { name: 'run_id', type: 'dictionary', unit: '1', nullable: false, description: 'run the row belongs to' },
    { name: 'span_id', type: 'int64', unit: '1', nullable: false, description: 'one per span and event source' },
    {
      name: 'inference_id',
      type: 'int64',
      unit: '1',
      nullable: true,
      description: 'inference the span belongs to; null: none (load, unload, warm-up)',
    },
    {
      name: 'kind',
      type: 'dictionary',
      unit: '1',
      nullable: false,
      values: SPAN_KINDS,
      description: 'what the span is; a stage is exactly what the invoke call encloses, transfers included',
    },
    {
      name: 'task',
      type: 'dictionary',
      unit: '1',
      nullable: true,
      description: 'a model plus its arrival law, by name; null: none',
    },
    { name: 'model', type: 'dictionary', unit: '1', nullable: false, description: 'name of the model' },
    {
      name: 'segment',
      type: 'int32',
      unit: '1',
      nullable: true,
      description: 'number of the part of the model, from 0',
    },
    { name: 'device', type: 'dictionary', unit: '1', nullable: false, description: 'name of the device' },
    ...SPAN_COLUMNS,
    ...ENERGY_COLUMNS,
  ],
} as const satisfies Table

export type StageRow = RowOf<typeof STAGES>
