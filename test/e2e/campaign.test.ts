// A small campaign from end to end: its tables, a kill in the middle, and what compare says.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCampaign } from '../../src/campaign/run-campaign.ts'
import { cardLibrary, cardTiming } from '../../src/cli/card-data.ts'
import { loadCampaign } from '../../src/cli/load-campaign.ts'
import { JoulespanError } from '../../src/errors/joulespan-error.ts'
import { duckdb } from '../dataset/duckdb.ts'
import { CREATED_BY, joulespan, root, scratch } from './testbed.ts'

const folder = scratch()
const file = join(folder, 'small.yaml')
const out = join(folder, 'small')
writeFileSync(
  file,
  `version: 1
name: small
recipe: ${join(root, 'pipelines/eight-tpu-client.yaml')}
models:
  - { name: squeezenet, spec: data/models/squeezenet.json, labels: { size: small } }
  - { name: mobilenet-v1, spec: data/models/mobilenet-v1.json }
axes: { depth: [1, 2] }
reference: mobilenet-v1
passes: 2
window: { duration: 1 s, inferences: 20, samples: 1000 }
`,
)
const TABLES = ['trials.parquet', 'results.parquet', 'cost.parquet', 'results.csv', 'cost.csv', 'cost.json']
const sums = (path: string): string[] =>
  TABLES.map((name) =>
    createHash('sha256')
      .update(readFileSync(join(path, name)))
      .digest('hex'),
  )

test('a campaign: one row a trial and pass, intervals, C(m), nothing zero that is not known', async () => {
  const ended = await joulespan(['bench', file, '--out', out, '--json'])
  assert.is(ended.code, 0, ended.stderr)
  assert.match(ended.stderr, /4 trials in 2 passes, 8 measurements offline: about .* and \d+ MB of disk/)
  const document = JSON.parse(ended.stdout)
  assert.equal(
    [document.format, document.status, document.failed, document.results.length],
    ['joulespan.bench', 'done', 0, 4],
  )
  const trials = await duckdb(`select * from '${out}/trials.parquet'`)
  assert.is(trials.length, 8)
  for (const row of trials) {
    assert.is(row.status, 'ok')
    assert.ok(Number(row.n_inferences) >= 20 && Number(row.n_samples) > 100_000, String(row.n_inferences))
    assert.ok(Number(row.energy_j) > 0 && Number(row.energy_u_j) > Number(row.energy_gain_u_j))
    assert.ok(Number(row.power_average_w) > 3 && Number(row.power_average_w) < 8, String(row.power_average_w))
    assert.ok(Math.abs(Number(row.measured_over_predicted) - 1) < 0.1, String(row.measured_over_predicted))
    assert.ok(Number(row.load_j) > 0 && Number(row.energy_with_load_1_j) > Number(row.energy_with_load_10_j))
    // under a hundred inferences nobody knows a 99th percentile
    assert.is(row.latency_p99_ns === null, Number(row.n_inferences) < 100)
    assert.is(row.rate_per_s, null)
  }
  const results = await duckdb(`select * from '${out}/results.parquet' where model = 'squeezenet'`)
  for (const row of results) {
    assert.ok(Number(row.energy_low_j) < Number(row.energy_j) && Number(row.energy_high_j) > Number(row.energy_j))
    assert.ok(Number(row.realisation_efficiency) > 0)
    assert.is(row.labels, '{"size":"small"}')
  }
  const cost = await duckdb(
    `select model, m, time_p999_ns, time_max_ns >= time_mean_ns as is_worst, switch_mean_ns > 0 as has_switch from '${out}/cost.parquet'`,
  )
  assert.equal(
    cost.map(({ model, m }) => [model, m]),
    [
      ['mobilenet-v1', 1],
      ['mobilenet-v1', 2],
      ['squeezenet', 1],
      ['squeezenet', 2],
    ],
  )
  for (const row of cost) assert.equal([row.time_p999_ns, row.is_worst, row.has_switch], [null, true, true])
})

test('it is not begun twice by mistake', async () => {
  const again = await joulespan(['bench', file, '--out', out])
  assert.is(again.code, 2)
  assert.match(again.stderr, /expected no campaign at .* yet, saw one/)
  const other = await joulespan(['bench', file, '--out', out, '--resume', '--quick'])
  assert.is(other.code, 2)
  assert.match(other.stderr, /expected the campaign that .* was begun with, saw another/)
})

test('killed in the middle and resumed: the same bytes, the trial under way repeated, nothing twice', async () => {
  const cut = join(folder, 'cut')
  const done = (): string[] => (existsSync(join(cut, 'done')) ? readdirSync(join(cut, 'done')) : [])
  const killed = await joulespan(['bench', file, '--out', cut, '--jobs', '1'], (child) => {
    const timer = setInterval(() => {
      const runs = existsSync(join(cut, 'runs')) ? readdirSync(join(cut, 'runs')).length : 0
      // three are through and the fourth has begun
      if (done().length >= 3 && runs > done().length) {
        clearInterval(timer)
        child.kill('SIGKILL')
      }
    }, 5)
    child.on('close', () => clearInterval(timer))
  })
  assert.is(killed.code, null)
  const before = done().length
  assert.ok(before >= 3 && before < 8, `${before}`)
  const stamps = done().map((name) => readFileSync(join(cut, 'done', name), 'utf8'))
  const resumed = await joulespan(['bench', file, '--out', cut, '--resume', '--jobs', '1'])
  assert.is(resumed.code, 0, resumed.stderr)
  assert.is(readdirSync(join(cut, 'runs')).length, 8)
  assert.is(done().length, 8)
  assert.ok(stamps.every((text) => done().some((name) => readFileSync(join(cut, 'done', name), 'utf8') === text)))
  assert.equal(sums(cut), sums(out))
})

test('a trial that cannot be measured is a row with its reason, and the campaign goes on', async () => {
  const campaign = { ...loadCampaign(file, false), passes: 1 }
  const path = join(folder, 'broken')
  const document = await runCampaign({
    campaign,
    path,
    createdBy: CREATED_BY,
    library: cardLibrary(file),
    timing: cardTiming,
    isResuming: false,
    jobs: 2,
    signal: new AbortController().signal,
    onStatus: () => {},
    onProgress: () => {},
    onTrial: ({ trial }) => {
      if (trial.id === 'squeezenet-d2') throw new JoulespanError('device-missing', 'the card has gone')
    },
  })
  assert.equal([document.status, document.failed], ['done', 1])
  const rows = await duckdb(`select trial, status, reason, energy_j, n_inferences from '${path}/trials.parquet'`)
  assert.is(rows.filter(({ status }) => status === 'ok').length, 3)
  const failed = rows.find(({ status }) => status === 'failed')
  assert.equal([failed?.trial, failed?.reason, failed?.energy_j], ['squeezenet-d2', 'the card has gone', null])
  const [result] = await duckdb(`select * from '${path}/results.parquet' where trial = 'squeezenet-d2'`)
  assert.equal([result?.energy_j, result?.latency_p50_ns, Number(result?.n_failed)], [null, null, 1])
  rmSync(path, { recursive: true })
})

test('compare: trials by name, thresholds with exit code 6', async () => {
  const same = await joulespan(['compare', out, out, '--json', '--fail-if', 'energy_j>+3%'])
  assert.is(same.code, 0, same.stderr)
  for (const { change, isBelowRepeatability } of JSON.parse(same.stdout).differences)
    assert.equal([change, isBelowRepeatability], [0, true])
  const [one, two] = [`${out}:squeezenet-d1`, `${out}:mobilenet-v1-d1`]
  const worse = await joulespan(['compare', one, two, '--fail-if', 'latency_p50_ns>+3%'])
  const better = await joulespan(['compare', two, one, '--fail-if', 'latency_p50_ns>+3%'])
  assert.equal([worse.code, better.code].sort(), [0, 6])
  assert.match(`${worse.stderr}${better.stderr}`, /expected not latency_p50_ns>\+3%, saw \+/)
  const wrong = await joulespan(['compare', out, out, '--fail-if', 'joules>3%'])
  assert.is(wrong.code, 2)
})

test('report: of the campaign, and of one of its runs', async () => {
  const page = join(folder, 'report.html')
  const ended = await joulespan(['report', out, '--out', page, '--figures', join(folder, 'figures'), '--json'])
  assert.is(ended.code, 0, ended.stderr)
  const html = readFileSync(page, 'utf8')
  for (const words of ['Net energy against latency', 'C(m)', 'Rules of measurement', 'squeezenet-d2', 'ATmega328P'])
    assert.ok(html.includes(words), words)
  assert.not(/NaN|undefined|Infinity/.test(html.replace(/<script>[\s\S]*<\/script>/, '')))
  assert.ok(readdirSync(join(folder, 'figures')).includes('trace.svg'))
  const run = join(out, 'runs', readdirSync(join(out, 'runs'))[0] as string)
  const single = await joulespan(['report', run, '--out', page])
  assert.is(single.code, 0, single.stderr)
  assert.ok(readFileSync(page, 'utf8').includes('Power over one inference'))
  const none = await joulespan(['report', folder])
  assert.is(none.code, 2)
})

const LARGE = 'axes: { depth: [1, 2, 3, 4], requests: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }'

test('bad files and large campaigns: one clear line, nothing runs', async () => {
  const path = join(folder, 'large.yaml')
  const text = readFileSync(file, 'utf8').replace('axes: { depth: [1, 2] }', LARGE).replace('passes: 2', 'passes: 125')
  writeFileSync(path, text)
  const large = await joulespan(['bench', path, '--out', join(folder, 'none')])
  assert.is(large.code, 2)
  assert.match(
    large.stderr,
    /expected --yes for more than 1000 measurements, saw 80 trials in 125 passes, 10000 measurements offline: about .* of disk/,
  )
  writeFileSync(path, text.replace('depth: [1, 2, 3, 4]', 'depht: [1]'))
  const wrong = await joulespan(['bench', path, '--out', join(folder, 'none')])
  assert.is(wrong.code, 2)
  assert.match(wrong.stderr, /axes\.depht: unknown key, did you mean "depth"\?/)
  assert.not(existsSync(join(folder, 'none')))
})

test.run()
