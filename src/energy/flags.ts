/** Why a row is not what it could be; bits of the column `flags` (docs/dataset.md). */
export const ROW_FLAGS = {
  /** Samples are missing within the row's window. */
  gap: 1 << 0,
  /** A sample stood at the end of the converter's range. */
  saturated: 1 << 1,
  /** Events of the runner are missing around the row. */
  eventGap: 1 << 2,
  /** No end was told within 10 s, or the runner fell silent. */
  open: 1 << 3,
  /** The device's idle power is not known in these states. */
  noBaseline: 1 << 4,
  /** The runner reported a failure. */
  failed: 1 << 5,
  /** Device time could not be placed on host time. */
  unaligned: 1 << 6,
  /** The event came too late to be taken into account. */
  late: 1 << 7,
  /** The baseline was inferred from other device states, never measured in these. */
  inferredBaseline: 1 << 8,
  /** The span ends before it starts, or a stage of the inference does (`joulespan attribute`). */
  endsBeforeStart: 1 << 12,
  /** The span reaches beyond the trace (`joulespan attribute`). */
  outsideTrace: 1 << 13,
  /** The row repeats an earlier one, or a stage of the inference is repeated; the first counts (`joulespan attribute`). */
  repeated: 1 << 14,
  /** The span overlaps another one on its own device (`joulespan attribute`). */
  overlapsItself: 1 << 15,
} as const
