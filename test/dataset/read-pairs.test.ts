import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readPairs } from '../../src/dataset/read-pairs.ts'
import { readQueries } from '../../src/dataset/read-queries.ts'
import { duckdb } from './duckdb.ts'
import { errorOf } from './error-of.ts'
import { scratchFolder } from './scratch-folder.ts'

const folder = scratchFolder()

test('JSON lines: order, exact integers beyond 2^53, boots as they are, blank lines, CRLF and a byte order mark', async () => {
  const path = file(
    'good.jsonl',
    '\uFEFF{"kind":"up","tick":9007199254740993,"host_ns":1723456789012345679}\r\n\r\n' +
      '{"host_ns": -5 , "boot": 3, "tick" : 12, "kind": "down"}\n{"kind":"up","tick":1e3,"host_ns":7.0,"boot":"a b"}',
  )
  const { rows, read } = await collect(path)
  assert.equal(rows, [
    [true, 9007199254740993n, 1723456789012345679n, null],
    [false, 12n, -5n, '3'],
    [true, 1000n, 7n, 'a b'],
  ])
  assert.equal(read, { pairs: 3, ignored: [] })
})

test('names that mean nothing are told, not taken', async () => {
  const { read } = await collect(file('more.jsonl', '{"kind":"up","tick":1,"host_ns":2,"rssi":3,"boot":null}\n'))
  assert.equal(read, { pairs: 1, ignored: ['rssi'] })
})

const pair = '{"kind":"up","tick":1,"host_ns":2}\n'
const mistakes: [what: string, text: string, says: RegExp][] = [
  ['no JSON', `${pair}hello\n`, /bad\.jsonl:2: expected one JSON object a line, saw 'hello'/],
  ['cut off', `${pair}{"kind":"up","tick`, /bad\.jsonl:2: expected one JSON object a line/],
  ['no object', '[1,2]\n', /bad\.jsonl:1: expected a JSON object, saw \[1,2\]/],
  ['unknown kind', '{"kind":"side","tick":1,"host_ns":2}\n', /bad\.jsonl:1: expected kind "up" or "down", saw 'side'/],
  ['missing field', `${pair}${pair}{"kind":"up","tick":1}\n`, /bad\.jsonl:3: expected an integer host_ns, saw nothing/],
  ['fraction', '{"kind":"up","tick":1.5,"host_ns":2}\n', /bad\.jsonl:1: expected an integer tick, saw 1\.5/],
  ['text for a number', '{"kind":"up","tick":"1","host_ns":2}\n', /expected an integer tick, saw '1'/],
  ['too large', '{"kind":"up","tick":1,"host_ns":12345678901234567890123}\n', /expected an integer host_ns/],
  ['odd boot', '{"kind":"up","tick":1,"host_ns":2,"boot":[1]}\n', /expected a boot id \(integer or text\), saw \[1\]/],
  ['nothing', '\n\n', /bad\.jsonl: expected pairs, saw none/],
]
for (const [what, text, says] of mistakes)
  test(`${what}: one error that names the file and the line`, async () => {
    const error = await errorOf(collect(file('bad.jsonl', text)))
    assert.is(error.code, 'dataset')
    assert.match(error.message, says)
  })

test('Parquet: int64, dictionary or text, nullable boot, also as pandas writes it', async () => {
  const path = join(folder, 'good.parquet')
  await duckdb(`copy (select * from (values
    ('up', 9007199254740993::bigint, 1723456789012345679::bigint, 1::double),
    ('down', 5::bigint, 6::bigint, null)) t(kind, tick, host_ns, boot)) to '${path}' (format parquet)`)
  const { rows } = await collect(path)
  assert.equal(rows, [
    [true, 9007199254740993n, 1723456789012345679n, '1'],
    [false, 5n, 6n, null],
  ])
  const bare = join(folder, 'bare.parquet')
  await duckdb(
    `copy (select 'up' as kind, range::int as tick, range * 1000 as host_ns, 7 as extra from range(300000)) to '${bare}' (format parquet)`,
  )
  const large = await collect(bare)
  assert.equal(large.read, { pairs: 300_000, ignored: ['extra'] })
  assert.equal(large.rows.at(-1), [true, 299_999n, 299_999_000n, null])
})

test('Parquet: a missing column, a wrong type, a null and a fraction are told with column and row', async () => {
  const says = async (select: string): Promise<string> => {
    const path = join(folder, 'bad.parquet')
    await duckdb(`copy (${select}) to '${path}' (format parquet)`)
    return (await errorOf(collect(path))).message
  }
  assert.match(
    await says(`select 'up' as kind, 1 as tick`),
    /expected columns kind, tick, host_ns and boot, saw kind, tick/,
  )
  assert.match(
    await says(`select 'up' as kind, '1' as tick, 2 as host_ns`),
    /expected integers in column tick, saw Utf8/,
  )
  assert.match(await says(`select 1 as kind, 1 as tick, 2 as host_ns`), /expected text in column kind, saw Int32/)
  const rows = (third: string): string =>
    `select * from (values ('up', 1.0::double, 2), ('up', 2.0::double, 3), ${third}) t(kind, tick, host_ns)`
  assert.match(await says(rows(`('up', 2.5, 4)`)), /bad\.parquet row 2: expected an integer tick, saw 2\.5/)
  assert.match(await says(rows(`('up', null, 4)`)), /bad\.parquet row 2: expected an integer tick, saw null/)
  assert.match(await says(rows(`('UP', 1.0, 4)`)), /bad\.parquet row 2: expected kind "up" or "down", saw 'UP'/)
})

test('queries: a tick a line, with a boot after a comma', async () => {
  const path = file('ticks.txt', '1200345,2\r\n 9007199254740993 \n\n-4 , a b \n7,\n')
  assert.equal(await readQueries(path), [
    { tick: 1200345n, boot: '2' },
    { tick: 9007199254740993n },
    { tick: -4n, boot: 'a b' },
    { tick: 7n },
  ])
  const error = await errorOf(readQueries(file('ticks.txt', '1\n1.5\n')))
  assert.match(error.message, /ticks\.txt:2: expected tick\[,boot\], saw '1\.5'/)
  assert.match(
    (await errorOf(readQueries(join(folder, 'nowhere.txt')))).message,
    /expected a text file at .*nowhere\.txt/,
  )
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function collect(path: string) {
  const rows: [boolean, bigint, bigint, string | null][] = []
  const read = await readPairs(path, { push: (...row) => void rows.push(row) })
  return { rows, read }
}

test.run()
