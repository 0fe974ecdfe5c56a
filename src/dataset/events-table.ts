import type { RowOf, Table } from './column.ts'

export const EVENT_KINDS = ['inference', 'stage', 'load', 'unload', 'warmup', 'state', 'marker'] as const
export const EVENT_EDGES = ['start', 'end', 'instant'] as const

export const EVENTS = {
  name: 'events',
  description: 'One row per event of a runner, as it was published (protocol/event.md).',
  columns: [
    {
      name: 'time',
      type: 'timestamp_us',
      unit: 'us',
      nullable: false,
      description: 'the instant in UTC, for people and joins; compute with t_ns',
    },
    {
      name: 't_ns',
      type: 'int64',
      unit: 'ns',
      nullable: false,
      description: 'instant of the event since run start, host monotonic clock',
    },
    {
      name: 'source_id',
      type: 'dictionary',
      unit: '1',
      nullable: false,
      description: 'run of a runner, 16 hexadecimal digits: a restart is a new source',
    },
    {
      name: 'sequence',
      type: 'int64',
      unit: '1',
      nullable: false,
      description: 'counts the events of the source from 0',
    },
    {
      name: 'kind',
      type: 'dictionary',
      unit: '1',
      nullable: false,
      values: EVENT_KINDS,
      description: 'what starts, ends or changes',
    },
    {
      name: 'edge',
      type: 'dictionary',
      unit: '1',
      nullable: false,
      values: EVENT_EDGES,
      description: 'start, end or instant',
    },
    {
      name: 'span_id',
      type: 'int64',
      unit: '1',
      nullable: false,
      description: 'shared by start and end of a span; 0 for instants',
    },
    {
      name: 'inference_id',
      type: 'int64',
      unit: '1',
      nullable: true,
      description: 'inference it belongs to; null: none',
    },
    { name: 'device', type: 'dictionary', unit: '1', nullable: true, description: 'name of the device; null: none' },
    { name: 'model', type: 'dictionary', unit: '1', nullable: true, description: 'name of the model; null: none' },
    {
      name: 'segment',
      type: 'int32',
      unit: '1',
      nullable: true,
      description: 'number of the part of the model, from 0',
    },
    { name: 'task', type: 'dictionary', unit: '1', nullable: true, description: 'name of the task; null: none' },
    {
      name: 'value',
      type: 'int32',
      unit: '1',
      nullable: true,
      description:
        'end: 0 ok, 1 failed; state: 0 never used, 1 context open, 2 model resident; marker: level of the line after it',
    },
    {
      name: 'bracket_ns',
      type: 'int64',
      unit: 'ns',
      nullable: true,
      description: 'marker: the line was set between t_ns and so much later; null: no marker',
    },
    {
      name: 'receive_ns',
      type: 'int64',
      unit: 'ns',
      nullable: true,
      description: 'receipt of the message since run start; null: taken from an event log',
    },
    { name: 'flags', type: 'uint32', unit: '1', nullable: false, description: 'quality flags, one bit each' },
  ],
} as const satisfies Table

export type EventRow = RowOf<typeof EVENTS>
