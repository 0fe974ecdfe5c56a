import type { ColumnType } from '../dataset/column.ts'

/** One column in one line; `null` after the unit says that it may be unknown. */
export function column<const Name extends string, const Type extends ColumnType>(
  name: Name,
  type: Type,
  unit: string,
  description: string,
) {
  return { name, type, unit, nullable: false, description } as const
}

export function maybe<const Name extends string, const Type extends ColumnType>(
  name: Name,
  type: Type,
  unit: string,
  description: string,
) {
  return { name, type, unit, nullable: true, description } as const
}
