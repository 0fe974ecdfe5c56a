import { tableFromIPC } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { appendPowerBlock, appendPowerGap } from '../../src/dataset/power-block.ts'
import { POWER } from '../../src/dataset/power-table.ts'
import { TableBuffer } from '../../src/dataset/table-buffer.ts'
import { utcMicroseconds } from '../../src/dataset/utc-time.ts'

const UTC_AT_START_US = 1_795_466_401_000_000

function powerBuffer(rails: string[], rowGroupRows = 7): TableBuffer<typeof POWER> {
  return new TableBuffer(POWER, { runId: 'r', rails, rowGroupRows })
}

function rowsOf(buffer: TableBuffer<typeof POWER>): Record<string, unknown>[] {
  buffer.sealRest()
  return buffer.takeSealed().flatMap((ipc) => {
    const table = tableFromIPC(ipc)
    // Through the column's integers: arrow-js reads a timestamp as a double of milliseconds.
    const times = table.getChild('time')!.data.flatMap((data) => [...(data.values as BigInt64Array)])
    return table.toArray().map((row, i) => ({ ...row.toJSON(), time: times[i] }))
  })
}

test('a block over several row groups gives the rows that were in it', () => {
  const buffer = powerBuffer(['v12', 'v3_3'])
  const samples = 23
  const tNs = Float64Array.from({ length: samples }, (_, i) => 9_007_199_000_000_000 + i * 13_001)
  const v12 = Float32Array.from({ length: samples }, (_, i) => 8 + i / 8)
  const v33 = Float32Array.from({ length: samples }, (_, i) => (i === 9 ? Number.NaN : i / 4))
  appendPowerBlock(buffer, {
    tNs,
    utcAtStartUs: UTC_AT_START_US,
    watts: [v12, v33],
    firstIndex: 2 ** 33,
    indexStep: 2,
    flags: Uint32Array.from({ length: samples }, (_, i) => i << 27),
  })
  const expected = Array.from({ length: samples }, (_, i) => ({
    t_ns: BigInt(tNs[i]!),
    time: BigInt(UTC_AT_START_US) + BigInt(tNs[i]!) / 1000n,
    v12_w: v12[i],
    v3_3_w: i === 9 ? null : v33[i],
    sample_index: 2n ** 33n + 2n * BigInt(i),
    flags: (i << 27) >>> 0,
  }))
  assert.equal(rowsOf(buffer), expected)
})

test('bigint times give the same rows as numbers', () => {
  const times = [5, 70_000_000_000, 9_007_199_254_740_991]
  const block = { utcAtStartUs: UTC_AT_START_US, watts: [Float32Array.of(1, 2, 3)], firstIndex: 0, flags: 4 }
  const numbers = powerBuffer(['v12'])
  const bigints = powerBuffer(['v12'])
  appendPowerBlock(numbers, { ...block, tNs: Float64Array.from(times) })
  appendPowerBlock(bigints, { ...block, tNs: BigInt64Array.from(times.map(BigInt)) })
  assert.equal(rowsOf(numbers), rowsOf(bigints))
})

test('a gap is one row without power, with its flag and the index of the first missing sample', () => {
  const buffer = powerBuffer(['v12'])
  const block = { utcAtStartUs: UTC_AT_START_US, watts: [Float32Array.of(1, 2)], flags: 0 }
  appendPowerBlock(buffer, { ...block, tNs: Float64Array.of(0, 13_000), firstIndex: 100 })
  appendPowerGap(buffer, { tNs: 26_000, utcAtStartUs: UTC_AT_START_US, firstIndex: 102, flags: 8 })
  appendPowerBlock(buffer, { ...block, tNs: Float64Array.of(1e9, 1e9 + 13_000), firstIndex: 77_000 })
  const rows = rowsOf(buffer)
  assert.equal(
    rows.map(({ sample_index }) => sample_index),
    [100n, 101n, 102n, 77_000n, 77_001n],
  )
  assert.equal(
    rows.map(({ v12_w, flags }) => [v12_w, flags]),
    [
      [1, 0],
      [2, 0],
      [null, 8],
      [1, 0],
      [2, 0],
    ],
  )
})

test('a block whose columns differ in length or number is refused', () => {
  const buffer = powerBuffer(['v12', 'v3_3'])
  const block = { tNs: new Float64Array(2), utcAtStartUs: UTC_AT_START_US, firstIndex: 0, flags: 0 }
  const append = (watts: Float32Array[], flags: number | Uint32Array = 0) =>
    appendPowerBlock(buffer, { ...block, watts, flags })
  assert.throws(() => append([new Float32Array(2)]), /expected 2 rails, saw 1/)
  assert.throws(() => append([new Float32Array(2), new Float32Array(3)]), /expected 2 values in every column, saw 3/)
  assert.throws(() => append([new Float32Array(2), new Float32Array(2)], new Uint32Array(1)), /saw 1/)
  assert.is(buffer.rowCount, 0)
})

test('UTC is exact to the microsecond, downwards, at both ends of a run', () => {
  assert.is(utcMicroseconds(UTC_AT_START_US, 999), UTC_AT_START_US)
  assert.is(utcMicroseconds(UTC_AT_START_US, 1000), UTC_AT_START_US + 1)
  assert.is(utcMicroseconds(UTC_AT_START_US, -1), UTC_AT_START_US - 1)
  assert.is(utcMicroseconds(UTC_AT_START_US + 0.75, 999), UTC_AT_START_US)
  const latestNs = Number.MAX_SAFE_INTEGER
  assert.is(BigInt(utcMicroseconds(UTC_AT_START_US, latestNs)), BigInt(UTC_AT_START_US) + BigInt(latestNs) / 1000n)
})

test.run()
