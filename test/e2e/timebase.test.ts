// The command as a user meets it: files of pairs, a run, queries, exactness, errors; and the accuracy report in small.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { markerSection } from '../accuracy/timebase-marker.ts'
import { timebaseSection } from '../accuracy/timebase-section.ts'
import { inArrivalOrder, simulateLink } from '../support/link-models.ts'
import { emulate, joulespan, recipeOf, root, scratch } from './testbed.ts'

const folder = scratch()

test('pairs.jsonl: every queried tick within its bound, absolute nanoseconds to the last digit', async () => {
  const { pairs, ticks, truthNs } = storeLink()
  for (const mode of ['online', 'two-pass']) {
    const args = [
      'timebase',
      pairs,
      '--tick-hz',
      '1e6',
      '--oscillator',
      'crystal',
      '--mode',
      mode,
      '--query',
      ticks,
      '--json',
    ]
    const { code, stdout } = await joulespan(args)
    assert.is(code, 0)
    assert.is(stdout.trimEnd().split('\n').length, 1)
    const document = JSON.parse(quoteIntegers(stdout))
    assert.is(document.format, 'joulespan.timebase')
    assert.is(document.mode, mode)
    assert.is(document.query.length, truthNs.length)
    assert.is(document.epochs.length, 2)
    document.query.forEach((answer: Record<string, string | null>, i: number) => {
      if (answer.host_ns === null) assert.type(answer.reason, 'string')
      else
        assert.ok(
          abs(BigInt(answer.host_ns as string) - (truthNs[i] as bigint)) <= BigInt(answer.bound_ns as string) + 1n,
        )
    })
    const known = document.query.filter((answer: { host_ns: unknown }) => answer.host_ns !== null)
    assert.ok(known.length > 0.95 * truthNs.length)
  }
  const { stdout } = await joulespan(['timebase', pairs, '--tick-hz', '1e6', '--oscillator', 'crystal'])
  assert.match(stdout, /certified/)
  assert.match(stdout, /link: what the least delays leave open/)
})

test('a run: pairs, floors and oscillator from its journal; the map agrees with what the dataset says', async () => {
  const { path, runJson } = await emulate(recipeOf('one-tpu', { duration: '5 s' }))
  const { code, stdout } = await joulespan(['timebase', path, '--json'])
  assert.is(code, 0)
  const document = JSON.parse(stdout)
  assert.is(document.oscillator.class, 'resonator')
  assert.is(document.tick_hz, 2e6)
  assert.ok(document.floors_ns.up > 1e6)
  assert.is(document.epochs[0].label, 'certified')
  assert.ok(document.epochs[0].bound_ns.p99 < 60e3)
  assert.ok(document.pairs.up > 1000 && runJson !== undefined)
  const without = JSON.parse((await joulespan(['timebase', path, '--floor-up-ns', '0', '--json'])).stdout)
  assert.ok(without.epochs[0].bound_ns.p99 > document.epochs[0].bound_ns.p99 + 2e6)
})

test('mistakes: exit code 2, one line of what was expected and seen', async () => {
  const bad = join(folder, 'bad.jsonl')
  writeFileSync(bad, '{"kind":"up","tick":1,"host_ns":2}\n{"kind":"up","tick":1}\n')
  for (const [args, says] of [
    [[bad, '--tick-hz', '1e6'], /bad\.jsonl:2: expected an integer host_ns, saw nothing/],
    [[bad], /expected --tick-hz for the pairs of .*bad\.jsonl/],
    [['nowhere.jsonl', '--tick-hz', '1e6'], /expected a run or a file of pairs at nowhere\.jsonl/],
    [['nowhere', '--tick-hz', '1e6'], /expected a run at nowhere/],
    [[bad, '--tick-hz', '0'], /--tick-hz: expected a number above 0/],
    [[bad, '--tick-hz', '1e6', '--mode', 'three'], /--mode/],
  ] as [string[], RegExp][]) {
    const { code, stdout, stderr } = await joulespan(['timebase', ...args])
    assert.is(code, 2, stderr)
    assert.match(stderr, says)
    assert.is(stdout, '')
  }
})

test('the accuracy report in small: every target is met', async () => {
  for (const section of [timebaseSection, markerSection]) {
    const { rows, text } = await section.run(1 / 30)
    assert.ok(rows.length >= 3 && text.length > 500)
    for (const { what, measured, target, met } of rows) {
      // one seed is hardly four beats of 43 s: pooled figures of that model are for the full report
      const isPooled = what.startsWith('B:') && what.includes('p99')
      assert.ok(met || isPooled, `${what}: ${measured}, expected ${target}`)
    }
  }
})

test('docs/accuracy.md holds the targets as they were met at full scale', () => {
  const text = readFileSync(join(root, 'docs/accuracy.md'), 'utf8').split('## Energy')[0] as string
  assert.match(text, /## Timebase/)
  assert.not.match(text, /\*\*no\*\*/)
})

function storeLink() {
  const trace = simulateLink({ seed: 8, durationS: 60, link: 'cdc', skew: 40e-6, resets: [{ atS: 30, downS: 0.5 }] })
  const { frames, pings } = trace
  const ns = (s: number): bigint => 1_723_456_789_012_345_678n + BigInt(Math.round(s * 1e9))
  const tick = (d: number): number => Math.round(d * 1e6)
  const lines = inArrivalOrder(trace).map(({ isUp, i }) =>
    isUp
      ? `{"kind":"up","tick":${tick(frames.d[i] as number)},"host_ns":${ns(frames.arrivedS[i] as number)},"boot":${frames.boot[i]}}`
      : `{"kind":"down","tick":${tick(pings.d[i] as number)},"host_ns":${ns(pings.writtenS[i] as number)},"boot":${pings.boot[i]}}`,
  )
  const [pairs, ticks] = [join(folder, 'pairs.jsonl'), join(folder, 'ticks.txt')]
  writeFileSync(pairs, `${lines.join('\n')}\n`)
  const asked = [...frames.d.keys()].filter((i) => i % 7 === 0)
  writeFileSync(ticks, asked.map((i) => `${tick(frames.d[i] as number)},${frames.boot[i]}`).join('\n'))
  return { pairs, ticks, truthNs: asked.map((i) => ns(frames.sentS[i] as number)) }
}

/** The parser of this language would round them. */
function quoteIntegers(json: string): string {
  return json.replace(/("(?:host_ns|bound_ns)":)(-?\d+)/g, '$1"$2"')
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

test.run()
