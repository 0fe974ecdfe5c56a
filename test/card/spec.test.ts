import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { readSpec } from '../../src/recipe/spec.ts'

const SPEC = `{
  "version": 1, "name": "small", "input": [32, 32, 3],
  "layers": [
    { "name": "a", "kind": "conv", "input": [32, 32, 3], "output": [16, 16, 8], "kernel": [3, 3], "stride": [2, 2], "macs": 55296, "params": 248 },
    { "name": "b", "kind": "conv", "input": [16, 16, 8], "output": [16, 16, 8], "params": 96 },
    { "name": "c", "kind": "add", "from": ["a", "b"], "input": [16, 16, 8], "output": [16, 16, 8] },
    { "name": "d", "kind": "concat", "from": ["a", "c"], "input": [16, 16, 8], "output": [16, 16, 16] },
    { "name": "e", "kind": "pool", "input": [16, 16, 16], "output": [1, 1, 16], "kernel": [16, 16] },
    { "name": "f", "kind": "dense", "input": [1, 1, 16], "output": [1, 1, 10], "params": 200 }
  ]
}
`

test('a sound spec: layers read the one before, macs follow from shapes', () => {
  const { layers, input, cuts } = readSpec(SPEC, 'x.json')
  assert.equal(input, [32, 32, 3])
  assert.is(cuts, undefined)
  assert.equal(
    layers.map(({ from }) => from.join('+')),
    ['input', 'a', 'a+b', 'a+c', 'd', 'e'],
  )
  assert.is(layers[1]?.macs, 16 * 16 * 8 * 8)
  assert.is(layers[5]?.macs, 160)
})

test('segments read across their cuts and carry the report of the compiler', () => {
  const lines = SPEC.split('\n').filter((line) => line.includes('"kind"'))
  const piece = (from: number, to: number): string =>
    `"layers": [${lines.slice(from, to).join('').replace(/,\s*$/, '')}]`
  const text = `{ "version": 1, "name": "cut", "input": [32, 32, 3], "segments": [
    { "on_chip_bytes": 4000, "off_chip_bytes": 0, ${piece(0, 3)} }, { ${piece(3, 6)} } ] }`
  const { cuts, layers } = readSpec(text, 'x.json')
  assert.equal(cuts, [{ end: 3, reported: { onChipBytes: 4000, offChipBytes: 0 } }, { end: 6 }])
  assert.equal(layers[3]?.from, ['a', 'c'])
  assert.ok(
    problemsOf(text.replace(', "off_chip_bytes": 0', ''))[0]?.includes(
      'segments[0]: expected on_chip_bytes and off_chip_bytes together',
    ),
  )
})

const WRONG: [from: string | RegExp, to: string, problem: string][] = [
  ['"kernel": [3, 3]', '"kernal": [3, 3]', 'x.json:4:81: layers[0].kernal: unknown key, did you mean "kernel"?'],
  [
    '"kind": "add"',
    '"kind": "ad"',
    'x.json:6:28: layers[2].kind: expected conv, depthwise, dense, pool, add, mul, scale, concat, activation, resize or reshape, saw "ad"; did you mean "add"?',
  ],
  [
    '["a", "b"]',
    '["a", "bb"]',
    'x.json:6:49: layers[2].from[1]: expected the name of a layer before it, saw "bb"; did you mean "b"?',
  ],
  ['["a", "b"]', '["a", "e"]', 'expected the name of a layer before it, saw "e"'],
  ['"macs": 55296', '"macs": 55297', 'layers[0].macs: expected 55296, as the shapes imply, saw 55297'],
  [
    '"input": [16, 16, 8], "output": [16, 16, 8], "params"',
    '"input": [16, 16, 9], "output": [16, 16, 8], "params"',
    'layers[1].input: expected [16, 16, 8], what it reads, saw [16, 16, 9]',
  ],
  [
    '[16, 16, 16] },',
    '[16, 16, 15] },',
    'layers[3].output: expected 16 channels, the sum of what it reads, saw [16, 16, 15]',
  ],
  [
    '"output": [16, 16, 8], "kernel"',
    '"output": [18, 16, 8], "kernel"',
    'layers[0].output: expected 15 to 16 rows, saw [18, 16, 8]',
  ],
  ['"output": [1, 1, 10]', '"output": [2, 1, 10]', 'layers[5].output: expected one pixel, [1, 1, n], saw [2, 1, 10]'],
  ['"name": "b"', '"name": "a"', 'layers[1].name: expected a name used once, saw "a" again'],
  ['"input": [32, 32, 3],\n', '"input": [32, 32],\n', 'input: expected a list of 3 sizes'],
  [/"layers": \[[\s\S]*\]\n/, '"about": ""\n', 'expected exactly one of layers and segments, saw neither'],
  ['"params": 200', '"params": -1', 'layers[5].params: expected a number of bytes'],
]

for (const [from, to, problem] of WRONG) {
  test(`a spec with ${to.slice(0, 40)} is told: ${problem}`, () => {
    const text = SPEC.replace(from, to)
    assert.is.not(text, SPEC)
    const problems = problemsOf(text)
    assert.ok(
      problems.some((line) => line.includes(problem)),
      problems.join('\n'),
    )
  })
}

test('what is not JSON is told at its line', () => {
  assert.ok(problemsOf('{ "version": 1,')[0]?.startsWith('x.json:1:'))
  assert.ok(problemsOf('')[0]?.includes('expected'))
})

function problemsOf(text: string): string[] {
  try {
    readSpec(text, 'x.json')
    return []
  } catch (error) {
    assert.ok(error instanceof JoulespanError && error.code === 'recipe')
    assert.ok(error.hint?.includes('docs/model-spec.md'))
    return error.message.split('\n')
  }
}

test.run()
