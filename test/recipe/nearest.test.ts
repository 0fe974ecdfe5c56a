import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nearestWord } from '../../src/recipe/nearest.ts'

const KEYS = ['gap', 'gap_every', 'never_used', 'context_open', 'resident', 'after']

test('a slip of the finger finds its word', () => {
  assert.is(nearestWord('gpa', KEYS), 'gap')
  assert.is(nearestWord('gaps', KEYS), 'gap')
  assert.is(nearestWord('resdient', KEYS), 'resident')
  assert.is(nearestWord('context-open', KEYS), 'context_open')
  assert.is(nearestWord('gapEvery', KEYS), 'gap_every')
  assert.is(nearestWord('RESIDENT', KEYS), 'resident')
})

test('another word finds none', () => {
  assert.is(nearestWord('voltage', KEYS), undefined)
  assert.is(nearestWord('x', KEYS), undefined)
  assert.is(nearestWord('used', KEYS), undefined)
  assert.is(nearestWord('gap', []), undefined)
})

test.run()
