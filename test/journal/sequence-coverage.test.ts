import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SequenceCoverage } from '../../src/journal/sequence-coverage.ts'
import { seededRandom } from '../../src/units/random.ts'

test('any order of the same sequences covers the same', () => {
  const random = seededRandom(81)
  for (let round = 0; round < 50; round++) {
    const present = Array.from({ length: 200 }, (_, sequence) => sequence).filter(() => random() < 0.8)
    const shuffled = present
      .map((sequence) => ({ sequence, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ sequence }) => sequence)
    const coverage = new SequenceCoverage()
    for (const sequence of shuffled) assert.is(coverage.add(sequence), true)
    for (const sequence of shuffled) assert.is(coverage.add(sequence), false)
    const last = Math.max(...present)
    assert.is(coverage.missing, last + 1 - present.length)
    const starts = present.filter((sequence) => sequence > 0 && !present.includes(sequence - 1)).length
    assert.is(coverage.gaps, starts)
  }
})

test('nothing read is no gap', () => {
  const coverage = new SequenceCoverage()
  assert.equal([coverage.gaps, coverage.missing], [0, 0])
})

test.run()
