// Manners of the command line: answers, errors and exit codes, as a user meets them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { joulespan, scratch } from './testbed.ts'

const runs = scratch()
const COMMANDS = ['demo', 'record', 'emulate', 'replay', 'recover', 'inspect', 'profile', 'attribute']

test('help shows every command and an example', async () => {
  const { code, stdout } = await joulespan(['--help'])
  assert.is(code, 0)
  for (const word of [...COMMANDS, 'Example:']) assert.match(stdout, word)
  for (const command of COMMANDS) {
    const help = await joulespan([command, '--help'])
    assert.is(help.code, 0)
    assert.match(help.stdout, 'Example:')
  }
  assert.match((await joulespan(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
})

const mistakes: [what: string, args: string[], code: number, says: RegExp][] = [
  ['an unknown command', ['measure'], 2, /unknown command 'measure'/],
  ['an unknown option', ['demo', '--sed', '3'], 2, /unknown option '--sed'/],
  ['a number that is none', ['demo', '--seed', 'x'], 2, /--seed: expected a whole number, saw 'x'/],
  ['a missing argument', ['record'], 2, /missing required argument 'recipe.yaml'/],
  ['no such recipe', ['record', 'nowhere.yaml'], 2, /expected a recipe at nowhere.yaml/],
  ['no such run', ['inspect', 'nowhere'], 2, /expected a run at nowhere/],
  [
    'a wrong serial path',
    ['record', 'pipelines/uno-attach.yaml', '--port', '/dev/ttyNOPE'],
    3,
    /expected a serial port at \/dev\/ttyNOPE/,
  ],
  ['no runner', ['record', 'pipelines/one-tpu.yaml', '--set', 'runner.x=1'], 2, /runner/],
]
for (const [what, args, code, says] of mistakes)
  test(`${what}: exit code ${code}, one line of what was expected and seen, one of what to do`, async () => {
    const ended = await joulespan(args[0] === 'measure' ? args : [...args, '--runs', runs])
    assert.is(ended.code, code, ended.stderr)
    assert.match(ended.stderr, says)
    assert.not.match(ended.stderr, /at .*\.js:\d+/)
    assert.is(ended.stdout, '')
  })

test('with --json an error is a document on stdout too', async () => {
  const { code, stdout } = await joulespan(['inspect', 'nowhere', '--json'])
  const { error } = JSON.parse(stdout)
  assert.is(code, 2)
  assert.is(error.code, 'dataset')
  assert.ok(error.hint.length > 0)
})

test('a recipe with unknown keys and bad units: every problem with its line', async () => {
  const file = join(runs, 'broken.yaml')
  mkdirSync(runs, { recursive: true })
  writeFileSync(file, 'version: 1\nname: broken\nabout: x\nduration: 10 V\nsensr:\n  port: virtual\n')
  const { code, stderr } = await joulespan(['emulate', file, '--runs', runs])
  assert.is(code, 2)
  assert.match(stderr, /broken\.yaml:4:11: duration: /)
  assert.match(stderr, /broken\.yaml:5:1: .*did you mean "?sensor/)
})

test('emulate, inspect, replay: stdout is data, --json is one document', async () => {
  const made = await joulespan(['emulate', 'pipelines/one-tpu.yaml', '--duration', '2 s', '--runs', runs, '--json'])
  assert.is(made.code, 0, made.stderr)
  const document = JSON.parse(made.stdout)
  assert.is(document.format, 'joulespan.emulate')
  assert.ok(document.inferences > 20)
  const inspected = JSON.parse((await joulespan(['inspect', document.run_id, '--runs', runs, '--json'])).stdout)
  assert.is(inspected.run.counts.inferences, document.inferences)
  const replayed = JSON.parse((await joulespan(['replay', document.run_id, '--runs', runs, '--json'])).stdout)
  assert.is(replayed.identical, true)
  const list = await joulespan(['inspect', '--runs', runs])
  assert.match(list.stdout, document.run_id)
  const again = JSON.parse((await joulespan(['recover', document.run_id, '--runs', runs, '--json'])).stdout)
  assert.is(again.bytes_dropped, 0)
  assert.is(again.mean_energy_j, inspected.summary.find((row: { task: unknown }) => row.task === null).energy_mean_j)
})

test('no colour codes where nobody looks', async () => {
  const { stderr } = await joulespan(['inspect', 'nowhere'])
  assert.not.match(stderr, '\x1b')
})

test.run()
