// What cannot be attributed: one clear error that names file and place, and nothing written.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { attributed, scratch } from './attributed.ts'

const HEAD = 't_ns,v12_w'
const POWER = [HEAD, ...Array.from({ length: 50 }, (_, i) => `${i * 1e6},3`)].join('\n')
const SPAN_HEAD = 'inference_id,device,model,segment,start_ns,end_ns'
const SPANS = `${SPAN_HEAD}\n1,a,m,0,10000000,20000000\n`

const mistakes: [what: string, power: string, spans: string, says: RegExp, files?: [string, string]][] = [
  ['an empty power file', '', SPANS, /--power: expected rows, saw an empty file at .*power\.csv/],
  ['a power header alone', `${HEAD}\n`, SPANS, /expected samples, saw a header and no rows in .*power\.csv/],
  ['one sample', `${HEAD}\n5,3\n`, SPANS, /expected samples at two different times at least, saw one/],
  ['no rail', 't_ns,watts\n1,2\n', SPANS, /expected the columns t_ns and <rail>_w .* saw t_ns, watts/],
  ['no time', 'time,v12_w\n1,2\n', SPANS, /expected the columns t_ns and <rail>_w .* saw time, v12_w/],
  ['an odd rail', 't_ns,V12_w\n1,2\n', SPANS, /expected rail names of lower-case letters.* saw column 'V12_w'/],
  ['a column twice', 't_ns,v12_w,v12_w\n1,2,3\n', SPANS, /power\.csv:1: expected each column once, saw 'v12_w' twice/],
  ['semicolons', 't_ns;v12_w\n1;2\n', SPANS, /power\.csv:1: expected columns separated by commas, saw ';'/],
  ['tabs', 't_ns\tv12_w\n1\t2\n', SPANS, /power\.csv:1: expected columns separated by commas, saw '\\t'/],
  ['a word for power', `${HEAD}\n1,2\n2,high\n`, SPANS, /power\.csv:3: column v12_w: expected a number, saw 'high'/],
  ['a decimal comma', `${HEAD}\n1,"2,5"\n2,3\n`, SPANS, /power\.csv:2: column v12_w: expected a number, saw '2,5'/],
  ['a row too short', `${HEAD}\n1,2\n2\n`, SPANS, /power\.csv:3: expected 2 cells as in the header, saw 1/],
  ['a row too long', `${HEAD}\n1,2\n2,3,4\n`, SPANS, /power\.csv:3: expected 2 cells as in the header, saw 3/],
  ['a time in seconds', `${HEAD}\n0.5,2\n1.5,3\n`, SPANS, /power\.csv:2: column t_ns: expected .*, saw '0\.5'/],
  [
    'a float for a time',
    `${HEAD}\n1,2\n1.7e18,3\n`,
    SPANS,
    /power\.csv:3: column t_ns: expected whole nanoseconds, saw '1\.7e18'/,
  ],
  [
    'an empty time',
    `${HEAD}\n1,2\n,3\n`,
    SPANS,
    /power\.csv:3: column t_ns: expected whole nanoseconds, saw an empty cell/,
  ],
  [
    'a time that goes back',
    `${HEAD}\n5,2\n7,2\n6,3\n`,
    SPANS,
    /power\.csv:4: expected times in ascending order, saw 6, 1 ns before/,
  ],
  ['times a year apart', `${HEAD}\n5,2\n40000000000000000,2\n`, SPANS, /power\.csv:3: expected times within 104 days/],
  [
    'a quote never closed',
    `${HEAD}\n1,"2\n2,3\n`,
    SPANS,
    /power\.csv:2: expected a closing quote, saw the end of the file/,
  ],
  ['no spans file', POWER, '', /--spans: expected rows, saw an empty file/],
  [
    'a span column missing',
    POWER,
    'inference_id,device\n1,2\n',
    /expected the columns .*: model, segment, start_ns, end_ns missing/,
  ],
  ['a span without a start', POWER, `${SPAN_HEAD}\n1,a,m,0,,5\n`, /spans\.csv:2: column start_ns: expected a value/],
  ['a span without a device', POWER, `${SPAN_HEAD}\n1,,m,0,1,5\n`, /spans\.csv:2: column device: expected a value/],
  [
    'a word for an inference',
    POWER,
    `${SPAN_HEAD}\nx,a,m,0,1,5\n`,
    /spans\.csv:2: column inference_id: expected a whole number, saw 'x'/,
  ],
  [
    'a word for a time',
    POWER,
    `${SPAN_HEAD}\n1,a,m,0,now,5\n`,
    /spans\.csv:2: column start_ns: expected whole nanoseconds, saw 'now'/,
  ],
  [
    'an unknown kind',
    POWER,
    `${SPAN_HEAD},kind\n1,a,m,0,1,5,invoke\n`,
    /spans\.csv:2: column kind: expected one of stage, load, unload, warmup, saw 'invoke'/,
  ],
  [
    'a segment below 0',
    POWER,
    `${SPAN_HEAD}\n1,a,m,-1,1,5\n`,
    /spans\.csv:2: column segment: expected 0 to 65534, saw '-1'/,
  ],
  [
    'JSON that is none',
    POWER,
    '{"inference_id":1\n',
    /spans\.jsonl:1: expected a JSON object/,
    ['power.csv', 'spans.jsonl'],
  ],
  ['a JSON list', POWER, '[1]\n', /spans\.jsonl:1: expected a JSON object, saw \[1\]/, ['power.csv', 'spans.jsonl']],
  [
    'a JSON float for a time',
    POWER,
    '{"inference_id":1,"device":0,"model":"m","segment":0,"start_ns":1.5}',
    /spans\.jsonl:1: column start_ns: expected whole nanoseconds, saw '1\.5'/,
    ['power.csv', 'spans.jsonl'],
  ],
  [
    'text in a Parquet file',
    'PAR1 but not really',
    SPANS,
    /expected a whole parquet file, saw .* in .*power\.parquet/,
    ['power.parquet', 'spans.csv'],
  ],
  [
    'power as JSONL',
    '{}',
    SPANS,
    /--power: expected a file named \.csv, \.parquet, saw .*power\.jsonl/,
    ['power.jsonl', 'spans.csv'],
  ],
  [
    'an unknown extension',
    POWER,
    SPANS,
    /--spans: expected a file named \.csv, \.parquet, \.jsonl, saw .*spans\.txt/,
    ['power.csv', 'spans.txt'],
  ],
]

for (const [what, power, spans, says, [powerName, spansName] = ['power.csv', 'spans.csv']] of mistakes)
  test(what, async () => {
    const folder = scratch()
    writeFileSync(join(folder, powerName), power)
    writeFileSync(join(folder, spansName), spans)
    const out = join(folder, 'out')
    const error = await attributed(join(folder, powerName), join(folder, spansName), { out }).then(
      () => undefined,
      (reason) => reason,
    )
    assert.instance(error, JoulespanError)
    assert.match(error.message, says)
    assert.ok(['dataset', 'usage'].includes(error.code))
    assert.equal(existsSync(out) ? readdirSync(out) : [], [])
  })

test('files that are not there, and a figure for a rail that is not there', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'power.csv'), POWER)
  writeFileSync(join(folder, 'spans.csv'), SPANS)
  const [power, spans] = [join(folder, 'power.csv'), join(folder, 'spans.csv')]
  await says(attributed(join(folder, 'nowhere.csv'), spans), /--power: expected a file, saw none at .*nowhere\.csv/)
  await says(attributed(power, folder), /--spans: expected a file named/)
  await says(attributed(power, spans, { gainURel: { v5: 0.1 } }), /--gain-u: expected rails among v12, saw v5/)
})

test('a folder that holds something is left alone, unless told otherwise', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'power.csv'), POWER)
  writeFileSync(join(folder, 'spans.csv'), SPANS)
  const out = join(folder, 'out')
  mkdirSync(out)
  writeFileSync(join(out, 'mine.txt'), 'x')
  const [power, spans] = [join(folder, 'power.csv'), join(folder, 'spans.csv')]
  await says(attributed(power, spans, { out }), /--out: expected an empty folder or none, saw 1 files in/)
  await attributed(power, spans, { out, force: true })
  const tables = ['attribute.json', 'groups.parquet', 'inferences.parquet', 'powers.parquet', 'stages.parquet']
  assert.equal(readdirSync(out).sort(), [...tables, 'mine.txt'].sort())
})

async function says(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const message = await promise.then(
    () => 'no error',
    (reason) => reason.message,
  )
  assert.match(message, pattern)
}

test.run()
