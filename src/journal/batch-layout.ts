import { FlatTable } from './flatbuffer.ts'

/** A stretch of a batch's body. */
export interface Region {
  readonly offset: number
  readonly length: number
}

/** Where the columns of a record batch stand in its body. */
export interface BatchLayout {
  readonly rows: number
  readonly bodyBytes: number
  readonly sequence: Region
  readonly stampNs: Region
  readonly kind: Region
  readonly sourceOffsets: Region
  readonly sourceBytes: Region
  readonly payloadOffsets: Region
  readonly payload: Region
  readonly crc: Region
}

/**
 * Reads a record batch message; throws RangeError when it is none, or anything in it disagrees: a length that another does
 * not confirm may hide records.
 */
export function readBatchLayout(metadata: DataView): BatchLayout {
  const message = FlatTable.root(metadata)
  if (message.uint8(MESSAGE.headerType) !== HEADER_RECORD_BATCH) throw new RangeError('no record batch')
  const batch = message.table(MESSAGE.header)
  const rows = batch.int64(BATCH.rows)
  const bodyBytes = message.int64(MESSAGE.bodyBytes)
  if (rows < 0 || bodyBytes < 0) throw new RangeError('a negative length')
  checkNodes(batch.int64Pairs(BATCH.nodes), rows)
  const regions = batch.int64Pairs(BATCH.buffers).map(([offset, length]) => ({ offset, length }))
  checkRegions(regions, bodyBytes)
  const layout = {
    rows,
    bodyBytes,
    sequence: regions[1] as Region,
    stampNs: regions[3] as Region,
    kind: regions[5] as Region,
    sourceOffsets: regions[7] as Region,
    sourceBytes: regions[8] as Region,
    payloadOffsets: regions[10] as Region,
    payload: regions[11] as Region,
    crc: regions[13] as Region,
  }
  checkColumns(layout)
  return layout
}

// Field numbers and codes of Arrow's Message.fbs.
const MESSAGE = { headerType: 1, header: 2, bodyBytes: 3 }
const BATCH = { rows: 0, nodes: 1, buffers: 2 }
const HEADER_RECORD_BATCH = 3
const COLUMNS = 6
/** Each column has a validity buffer, which may be empty, and its data; utf8 and binary have offsets between the two. */
const BUFFERS = 14
/** Writers pad a buffer to 8 bytes, some to 64. */
const PADDING_MAX_BYTES = 63

function checkNodes(nodes: (readonly [number, number])[], rows: number): void {
  if (nodes.length !== COLUMNS) throw new RangeError(`${nodes.length} columns instead of ${COLUMNS}`)
  for (const [length, nulls] of nodes) {
    if (length !== rows || nulls !== 0)
      throw new RangeError(`a column of ${length} rows and ${nulls} nulls among ${rows} rows`)
  }
}

/** The buffers stand one behind the other and fill the body: else a wrong body length would swallow the batches behind. */
function checkRegions(regions: Region[], bodyBytes: number): void {
  if (regions.length !== BUFFERS) throw new RangeError(`${regions.length} buffers instead of ${BUFFERS}`)
  let end = 0
  for (const { offset, length } of regions) {
    if (length < 0 || offset < end || offset > end + PADDING_MAX_BYTES)
      throw new RangeError(`a buffer at ${offset} behind ${end}`)
    end = offset + length
  }
  if (bodyBytes % 8 !== 0 || bodyBytes < end || bodyBytes > end + PADDING_MAX_BYTES)
    throw new RangeError(`a body of ${bodyBytes} bytes for ${end}`)
}

function checkColumns(layout: BatchLayout): void {
  const { rows } = layout
  if (rows === 0) return
  checkSize(layout.sequence, 8 * rows)
  checkSize(layout.stampNs, 8 * rows)
  checkSize(layout.kind, rows)
  checkSize(layout.sourceOffsets, 4 * (rows + 1))
  checkSize(layout.payloadOffsets, 4 * (rows + 1))
  checkSize(layout.crc, 4 * rows)
}

function checkSize(region: Region, bytes: number): void {
  if (region.length < bytes || region.length > bytes + PADDING_MAX_BYTES) {
    throw new RangeError(`a column of ${region.length} bytes instead of ${bytes}`)
  }
}
