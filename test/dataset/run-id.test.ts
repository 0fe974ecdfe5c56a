import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunId, isRunId, runStartUtcMs } from '../../src/dataset/run-id.ts'

const START = Date.UTC(2026, 10, 23, 20, 40, 1, 987)

test('time, words and suffix, readable', () => {
  const runId = createRunId({ startUtcMs: START, words: ['mobilenetv2', '4tpu'], suffix: '7k3f' })
  assert.is(runId, '20261123T204001Z-mobilenetv2-4tpu-7k3f')
  assert.is(createRunId({ startUtcMs: START, words: [], suffix: '0000' }), '20261123T204001Z-0000')
})

test('words become letters, digits and hyphens', () => {
  const words = ['MobileNet V2 (1.0/224)', ' -- ', 'é', 'tpu_x8']
  const runId = createRunId({ startUtcMs: START, words, suffix: 'abcd' })
  assert.is(runId, '20261123T204001Z-mobilenet-v2-1-0-224-tpu-x8-abcd')
})

test('sorts by time', () => {
  const starts = [0, 999_999, 1_000_000, 86_400_000, 1e12, START, START + 1000]
  const ids = starts.map((startUtcMs, i) => createRunId({ startUtcMs, words: [`w${9 - i}`], suffix: 'zzzz' }))
  assert.equal([...ids].sort(), ids)
  assert.equal(
    ids.map(runStartUtcMs),
    starts.map((ms) => Math.floor(ms / 1000) * 1000),
  )
})

test('what is no run id is told apart', () => {
  for (const text of [
    '',
    'data',
    '20261123T204001Z',
    '20261123T204001Z-toolong',
    '20261123-a-7k3f',
    'x20261123T204001Z-7k3f',
  ]) {
    assert.not.ok(isRunId(text), text)
    assert.throws(
      () => runStartUtcMs(text),
      `expected a run id like 20261123T204001Z-mobilenetv2-4tpu-7k3f, saw '${text}'`,
    )
  }
  for (const suffix of ['', 'abc', 'ABCD', 'ab/d']) {
    assert.throws(() => createRunId({ startUtcMs: START, words: ['w'], suffix }), /expected a run id/)
  }
})

test.run()
