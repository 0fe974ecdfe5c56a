// The worked example of docs/attribute.md prints what stands there; the command line keeps its manners.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from './attributed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const docs = readFileSync(join(root, 'docs/attribute.md'), 'utf8')

function joulespan(args: readonly string[]) {
  const main = join(root, 'src/cli/main.ts')
  return spawnSync(process.execPath, ['--import', 'tsx', main, ...args], { cwd: root, encoding: 'utf8' })
}

test('the example of the docs', () => {
  const [, command, output] = /```sh\njoulespan (.*)\n```\n```text\n([^`]*)```/.exec(docs) as RegExpExecArray
  const out = join(scratch(), 'energy')
  const args = (command as string).split(' ').map((word) => (word === 'energy' ? out : word))
  const { stdout, status, stderr } = joulespan(args)
  assert.is(status, 0, stderr)
  assert.is(stdout.replace(out, 'energy'), output)
  const json = joulespan([...args, '--force', '--json'])
  assert.is(`${JSON.stringify(JSON.parse(readFileSync(join(out, 'attribute.json'), 'utf8')))}\n`, json.stdout)
})

test('options are checked: exit code 2 and one line', () => {
  const cases = join(root, 'test/attribute/cases/overlap')
  const files = ['--power', join(cases, 'power.csv'), '--spans', join(cases, 'spans.csv')]
  for (const [args, says] of [
    [files, /required option '--out <folder>' not specified/],
    [[...files, '--out', 'x', '--gain-u', '-1'], /--gain-u: expected a number, or rail=number/],
    [[...files, '--out', 'x', '--gain-u', 'v12=x'], /--gain-u: expected a number, .* saw 'x'/],
    [[...files, '--out', 'x', '--lead-ns', 'soon'], /--lead-ns: expected nanoseconds, not negative, saw 'soon'/],
    [[...files, '--out', root], /--out: expected an empty folder or none/],
  ] as const) {
    const { status, stderr, stdout } = joulespan(['attribute', ...args])
    assert.is(status, 2, stderr)
    assert.match(stderr, says)
    assert.is(stdout, '')
  }
})

test('the dump of a PowerSensor3 becomes a power table', () => {
  const awk = /awk '(BEGIN[^']*)'/.exec(docs)?.[1] as string
  const dump = ['marker time dt_micro device_timestamp current0 voltage0 power0 power_total']
  for (let i = 0; i < 100; i++) dump.push(`S ${i * 5e-5} 50 ${(i * 50 + 1000) % 1024} 1 12 12 ${12 + i}`)
  dump.splice(50, 0, 'M 0.01 0.01 7 "mark"')
  const { stdout } = spawnSync('awk', [awk], { input: dump.join('\n'), encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  assert.is(lines.length, 101)
  assert.is(lines[0], 't_ns,card_w')
  assert.is(lines[1], '0,12')
  assert.is(lines[100], `${99 * 50_000},111`)
})

test.run()
