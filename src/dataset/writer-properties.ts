import { Compression, EnabledStatistics, Encoding, type WriterProperties, WriterPropertiesBuilder } from 'parquet-wasm'
import { KEY_VALUE_NAME } from './arrow-schema.ts'
import type { Column, ColumnType } from './column.ts'

/**
 * How a part is stored: ZSTD; text as dictionaries; numbers by the encoding that lets ZSTD see what is regular in them.
 * parquet-wasm adds `ARROW:schema` by itself.
 */
export function writerProperties(
  columns: readonly Column[],
  keyValueJson: string,
  rowGroupRows: number,
): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setStatisticsEnabled(EnabledStatistics.Page)
    .setMaxRowGroupSize(rowGroupRows)
    .setKeyValueMetadata(new Map([[KEY_VALUE_NAME, keyValueJson]]))
  for (const { name, type } of columns) {
    const encoding = NUMBER_ENCODINGS[type]
    builder = builder.setColumnDictionaryEnabled(name, encoding === undefined)
    if (encoding !== undefined) builder = builder.setColumnEncoding(name, encoding)
  }
  return builder.build()
}

const NUMBER_ENCODINGS: Partial<Record<ColumnType, Encoding>> = {
  int64: Encoding.DELTA_BINARY_PACKED,
  timestamp_us: Encoding.DELTA_BINARY_PACKED,
  int32: Encoding.DELTA_BINARY_PACKED,
  uint32: Encoding.DELTA_BINARY_PACKED,
  float64: Encoding.BYTE_STREAM_SPLIT,
  float32: Encoding.BYTE_STREAM_SPLIT,
}
