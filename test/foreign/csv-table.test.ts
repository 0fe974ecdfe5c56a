import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NOT_A_NUMBER, parseNs, parseNumber } from '../../src/foreign/csv-cells.ts'
import { openCsv } from '../../src/foreign/csv-table.ts'
import { seededRandom } from '../../src/units/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'joulespan-csv-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

interface Read {
  readonly ns: number[]
  readonly watts: number[]
  readonly notes: (string | undefined)[]
  readonly places: number[]
}

async function read(path: string, readBytes: number): Promise<Read> {
  const out: Read = { ns: [], watts: [], notes: [], places: [] }
  const table = await openCsv(path, readBytes)
  for await (const block of table.blocks(['w', 't', 'note'])) {
    const [ns, watts] = [new Float64Array(block.rows), new Float64Array(block.rows)]
    block.ns(1, ORIGIN, ns)
    block.numbers(0, watts)
    out.ns.push(...ns)
    out.watts.push(...watts)
    for (let i = 0; i < block.rows; i++) {
      out.notes.push(block.text(2, i))
      out.places.push(block.place(i))
    }
  }
  return out
}

const ORIGIN = 1_763_900_000_000_000_123n

test('the same file read in pieces of every size gives the same cells', async () => {
  const notes = ['plain', 'with, comma', 'two\nlines', 'say "so"', '', '"', 'äö€𝄞', 'x'.repeat(90), ',\r\n"",']
  for (const [name, end, last] of [
    ['lf', '\n', ''],
    ['crlf', '\r\n', '\r\n\r\n'],
    ['bom', '\n', '\n'],
  ] as const) {
    const lines = notes.map((note, i) => `${ORIGIN + BigInt(i)},"${note.replaceAll('"', '""')}",x,${i / 8}`)
    const path = join(folder, `${name}.csv`)
    writeFileSync(path, `${name === 'bom' ? '\uFEFF' : ''}${['t,note,"other",w', ...lines].join(end)}${last}`)
    const whole = await read(path, 1 << 20)
    assert.equal(
      whole.ns,
      notes.map((_, i) => i),
    )
    assert.equal(
      whole.watts,
      notes.map((_, i) => i / 8),
    )
    assert.equal(
      whole.notes,
      notes.map((note) => note.trim() || undefined),
    )
    assert.equal(whole.places.slice(0, 4), [2, 3, 4, 6])
    for (let bytes = 4; bytes < 400; bytes++)
      assert.equal(await read(path, bytes), whole, `${name}, ${bytes} bytes at a time`)
  }
})

test('numbers are the nearest doubles, or said to be none', () => {
  const random = seededRandom(2)
  const texts = [
    '0',
    '-0',
    '1.',
    '.5',
    '+2.25',
    '1e3',
    '-1.5E-3',
    '123456789012345678',
    '0.1',
    '5e-324',
    '1.7976931348623157e308',
  ]
  for (let i = 0; i < 20_000; i++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 30 - 15)
    texts.push(
      String(value),
      value.toFixed(Math.floor(random() * 12)),
      value.toPrecision(1 + Math.floor(random() * 17)),
    )
  }
  for (const text of texts) assert.is(numberOf(` ${text}\t`), Number(text), text)
  for (const text of ['', ' ', 'nan', 'NaN', 'NA', 'null', 'None', 'inf', '-Infinity'])
    assert.ok(Number.isNaN(numberOf(text)), text)
  for (const text of ['x', '1,5', '1 2', '--1', '.', '-', '+', '1e', '0x10', '1_000', '12V'])
    assert.is(numberOf(text), NOT_A_NUMBER, text)
})

test('nanoseconds keep every digit; what is not whole is refused', () => {
  const random = seededRandom(3)
  for (let i = 0; i < 20_000; i++) {
    const offset = Math.round((random() - 0.5) * 2 ** Math.floor(random() * 53))
    assert.is(nsOf(String(ORIGIN + BigInt(offset)), ORIGIN), offset)
    assert.is(nsOf(String(-ORIGIN + BigInt(offset)), -ORIGIN), offset)
  }
  assert.is(nsOf('12.0', 2n), 10)
  assert.is(nsOf(' 12 ', 2n), 10)
  assert.is(nsOf('+12', 2n), 10)
  for (const text of ['', 'nan', 'NaT']) assert.ok(Number.isNaN(nsOf(text, 0n)), text)
  for (const text of ['1.5', '1e9', 'x', '-', '0x1', '1 2']) assert.is(nsOf(text, 0n), NOT_A_NUMBER, text)
})

function numberOf(text: string): number {
  const bytes = Buffer.from(text)
  return parseNumber(bytes, 0, bytes.length)
}

function nsOf(text: string, origin: bigint): number {
  const bytes = Buffer.from(text)
  return parseNs(bytes, 0, bytes.length, Number(origin / 1_000_000_000n), Number(origin % 1_000_000_000n))
}

test.run()
