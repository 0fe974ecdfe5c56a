import { Vector } from 'apache-arrow'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Column } from '../../src/dataset/column.ts'
import { columnBuffer, type Int64Buffer, type NumberBuffer } from '../../src/dataset/column-buffer.ts'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'

const column = (type: Column['type'], nullable = true, values?: readonly string[]): Column => ({
  name: 'x',
  type,
  unit: '1',
  nullable,
  description: 'a column',
  ...(values && { values }),
})

function stored(type: Column['type'], cells: readonly unknown[]): unknown[] {
  const buffer = columnBuffer('t', column(type))
  cells.forEach((cell, row) => {
    buffer.grow(row + 1)
    buffer.set(row, cell)
  })
  return [...new Vector([buffer.toData(cells.length)])]
}

const LARGEST = Number.MAX_SAFE_INTEGER

test('an int64 is exact from a number to 2^53 - 1 and from a bigint to 2^63 - 1', () => {
  const numbers = [0, -0, 1, -1, 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, LARGEST, -LARGEST]
  assert.equal(stored('int64', numbers), numbers.map(BigInt))
  const bigints = [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1_795_466_401_123_456_789n]
  assert.equal(stored('int64', bigints), bigints)
})

test('a value that does not fit is refused by name', () => {
  const refused: [Column['type'], unknown[]][] = [
    ['int64', [1.5, 2 ** 53, Number.NaN, 2n ** 63n, '1']],
    ['timestamp_us', [0.5, '2026-11-23']],
    ['int32', [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN, 1n]],
    ['uint32', [-1, 2 ** 32, 0.5]],
    ['float64', ['1', 1n]],
    ['utf8', [1]],
    ['dictionary', [1]],
  ]
  for (const [type, values] of refused) {
    for (const value of values) {
      assert.throws(
        () => stored(type, [value]),
        (error: Error) =>
          error instanceof JoulespanError &&
          error.code === 'dataset' &&
          error.message.startsWith(`table t, column x: expected ${type} or null, saw `),
        `${type} took ${String(value)}`,
      )
    }
  }
})

test('a null where there may be none is refused, whatever it looks like', () => {
  const cells: [Column['type'], unknown][] = [
    ['int64', null],
    ['float64', undefined],
    ['float64', Number.NaN],
    ['float32', Number.POSITIVE_INFINITY],
    ['dictionary', null],
  ]
  for (const [type, cell] of cells) {
    const buffer = columnBuffer('t', column(type, false))
    buffer.grow(1)
    assert.throws(() => buffer.set(0, cell), /expected (int64|float64|float32|dictionary), saw/)
  }
})

test('NaN and infinity are null', () => {
  assert.equal(stored('float64', [1, Number.NaN, 2, Number.POSITIVE_INFINITY, null]), [1, null, 2, null, null])
})

test('text keeps every character, empty and null apart', () => {
  const texts = ['', 'gain 0.31 %', null, 'π ≈ 3', '', '𝄞', null, 'x'.repeat(5000)]
  assert.equal(stored('utf8', texts), texts)
  assert.equal(stored('dictionary', texts), texts)
})

test('a choice takes its values only', () => {
  const buffer = columnBuffer('t', column('dictionary', true, ['knot', 'probe']))
  buffer.grow(2)
  buffer.set(0, 'probe')
  assert.throws(() => buffer.set(1, 'other'), /expected one of knot, probe or null, saw 'other' in row 1/)
})

test('a cell set again forgets what it was', () => {
  for (const [type, first, second] of [
    ['int64', 7, null],
    ['float64', null, 2],
    ['utf8', 'long text', 'x'],
    ['dictionary', 'a', 'b'],
  ] as const) {
    const buffer = columnBuffer('t', column(type))
    buffer.grow(2)
    buffer.set(0, first)
    buffer.set(0, second)
    buffer.set(1, first)
    const expected = [second, first].map((value) => (type === 'int64' && value !== null ? BigInt(value) : value))
    assert.equal([...new Vector([buffer.toData(2)])], expected)
  }
})

test('blocks equal cells set one by one, at any offset', () => {
  for (const [offset, count] of [
    [0, 1],
    [3, 2],
    [5, 40],
    [8, 16],
    [7, 9],
  ] as const) {
    const block = columnBuffer('t', column('int64')) as Int64Buffer
    const single = columnBuffer('t', column('int64'))
    for (const buffer of [block, single]) {
      buffer.grow(offset + count + 1)
      for (let row = 0; row <= offset + count; row++) buffer.set(row, null)
    }
    const source = Float64Array.from({ length: count + 2 }, (_, i) => i * 1e13 - 5)
    block.setBlock(offset, source, 2, count)
    for (let i = 0; i < count; i++) single.set(offset + i, source[2 + i])
    const all = (buffer: typeof single) => [...new Vector([buffer.toData(offset + count + 1)])]
    assert.equal(all(block), all(single))
  }
})

test('a block of floats has nulls where it has NaN', () => {
  const buffer = columnBuffer('t', column('float32')) as NumberBuffer
  buffer.grow(4)
  buffer.setBlock(0, Float32Array.of(1.5, Number.NaN, 2.5, Number.NEGATIVE_INFINITY), 0, 4)
  const data = buffer.toData(4)
  assert.is(data.nullCount, 2)
  assert.equal([...new Vector([data])], [1.5, null, 2.5, null])
})

test('a block or sequence with a value that is no int64 is refused', () => {
  const buffer = columnBuffer('t', column('int64')) as Int64Buffer
  buffer.grow(4)
  assert.throws(() => buffer.setBlock(0, Float64Array.of(0, 1.5), 0, 2), /expected int64 or null, saw 1.5 in row 1/)
  assert.throws(() => buffer.setSequence(0, LARGEST - 1, 1, 4), /expected int64/)
  assert.throws(() => buffer.setSequence(0, 0.5, 1, 4), /saw 0.5 in row 0/)
})

test.run()
