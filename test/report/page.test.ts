import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CampaignJson } from '../../src/campaign/campaign-folder.ts'
import { resultsOf } from '../../src/campaign/results.ts'
import type { TrialRow } from '../../src/campaign/trials-table.ts'
import { figureFile, reportPage } from '../../src/report/page.ts'
import { paretoFront } from '../../src/report/pareto.ts'
import type { ReportData } from '../../src/report/report-data.ts'
import { rulesOf } from '../../src/report/rules.ts'

test('the front: what nothing beats in both; of equals one', () => {
  const points = [
    { x: 1, y: 9 },
    { x: 2, y: 5 },
    { x: 3, y: 5 },
    { x: 4, y: 7 },
    { x: 5, y: 1 },
    { x: 1, y: 12 },
  ]
  assert.equal(
    paretoFront(points).map(({ x, y }) => [x, y]),
    [
      [1, 9],
      [2, 5],
      [5, 1],
    ],
  )
})

function row(depth: number, pass: number, position: number): TrialRow {
  return {
    campaign: 'c',
    trial: `net<${depth}>`,
    model: 'net<',
    depth,
    replicas: 1,
    devices: depth,
    sampling: 'balanced',
    pass,
    position,
    run_id: 'r',
    status: 'ok',
    n_inferences: 1200,
    window_s: 11,
    n_samples: 400_000,
    energy_j: 0.01 / depth + 1e-5 * pass,
    energy_u_j: 1e-4,
    energy_gain_u_j: 3e-5,
    energy_idle_j: 0.1,
    latency_p50_ns: 1e7 * depth,
    frames_lost: 0,
    events_lost: 0,
    unattributed_share: 0.001,
  }
}

const trials = [row(1, 0, 0), row(2, 0, 1), row(2, 1, 2), row(1, 1, 3)]
const campaign = {
  warmup: 30,
  passes: 2,
  order: 'random',
  failed: 0,
  window: { duration_s: 10, inferences: 1000, samples: 1000, longest_s: 600 },
} as unknown as CampaignJson
const data: ReportData = {
  title: 'a & b',
  about: '<script>alert(1)</script>',
  facts: [['mode', '"offline"']],
  isQuick: false,
  rules: rulesOf(campaign, trials, true),
  results: resultsOf(trials, { reference: null, macs: new Map() }),
  trials,
  cost: [],
  shares: [
    {
      trial: 'net<1>',
      parts: [
        ['segment 0', 0.004],
        ['idle share', 0.1],
      ],
    },
  ],
  trace: {
    title: 'one',
    startNs: 0,
    endNs: 1e6,
    tNs: [0, 5e5, 9e5],
    watts: [1, 2, 1],
    stages: [{ device: 'tpu0', segment: 0, startNs: 1e5, endNs: 8e5 }],
  },
  warnings: ['it <hummed>'],
}

test('one file that asks the network for nothing, whatever names hold', () => {
  const { html } = reportPage(data)
  assert.equal(html.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)[^"'\s]*/g), null)
  for (const tag of ['<link', '<img', 'src=', '@import', 'url(', 'fetch(']) assert.not(html.includes(tag), tag)
  assert.not(html.includes('<script>alert'))
  assert.ok(html.includes('&lt;script>alert(1)') && html.includes('net&lt;1>') && html.includes('it &lt;hummed>'))
  assert.is(html.split('<section>').length - 1, html.split('</section>').length - 1)
})

test('what varies decides the figures; each has a title, a caption and its points', () => {
  const { figures } = reportPage(data)
  assert.equal(
    figures.map(({ name }) => name),
    [
      ...['pareto-net', 'pareto-gross', 'energy-over-depth', 'latency-over-depth', 'throughput-over-depth'],
      ...['trace', 'order', 'energy-by-segment', 'energy-by-state'],
    ],
  )
  assert.is(figures[0]?.svg.match(/<circle/g)?.length, 2)
  assert.match(figures[0]?.caption ?? '', /On the front .*: net<1>, net<2>\./)
  for (const { svg } of figures) assert.not(/NaN|Infinity|undefined/.test(svg))
})

test('a figure as a file has its colours with it', () => {
  const file = figureFile(reportPage(data).figures[0]!)
  assert.match(file, /^<svg [^>]*><style>svg\{--ink:#/)
  assert.not(file.includes('data-tip'))
})

test('unknown figures are dashes, never zeros', () => {
  const { html } = reportPage(data)
  const cells = /<section><h2>All trials[\s\S]*?<tbody><tr>([\s\S]*?)<\/tr>/.exec(html)?.[1] ?? ''
  assert.ok((cells.match(/<td>-<\/td>/g)?.length ?? 0) >= 8, cells)
  assert.not(/<td>(0|NaN|null|undefined)<\/td>/.test(cells), cells)
})

test('rules: kept, broken, and not known', () => {
  const kept = (rows: readonly TrialRow[], changes: object = {}, rule: string) =>
    rulesOf({ ...campaign, ...changes } as CampaignJson, rows, true).find((one) => one.rule === rule)?.kept
  assert.is(kept(trials, {}, 'window'), 'kept')
  assert.is(kept([{ ...row(1, 0, 0), window_s: 2 }], {}, 'window'), 'broken')
  assert.is(kept(trials, { order: 'fixed' }, 'order'), 'broken')
  assert.is(kept([{ ...row(1, 0, 0), frames_lost: 3 }], {}, 'nothing lost'), 'broken')
  assert.is(kept([{ ...row(1, 0, 0), unattributed_share: -0.1 }], {}, 'energy accounted for'), 'broken')
  assert.is(kept(trials, {}, 'temperature'), 'unknown')
  assert.is(kept(trials, {}, 'steady window'), 'unknown')
})

test.run()
