// What the README tells a newcomer to type works as printed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { duckdb } from '../dataset/duckdb.ts'
import { joulespan, root, scratch } from './testbed.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const runs = scratch()

test('every joulespan command of the README, but those that need a board', async () => {
  const lines = blocks('sh').flatMap((block) => block.split('\n'))
  const commands = lines.map((line) => line.replace(/\s+#.*$/, '')).filter((line) => line.startsWith('joulespan '))
  assert.ok(commands.length >= 4)
  for (const command of commands) {
    const ended = await joulespan([...words(command).slice(1), '--runs', runs])
    if (command.includes('--port /dev/')) {
      assert.is(ended.code, 3, `${command}: ${ended.stderr}`)
      assert.match(ended.stderr, /expected a serial port/)
    } else assert.is(ended.code, 0, `${command}: ${ended.stderr}`)
  }
})

test('every query of the README', async () => {
  const queries = blocks('sql').map((block) => block.replaceAll('data/runs', runs))
  assert.ok(queries.length > 0)
  for (const query of queries) assert.ok((await duckdb(query)).length > 0, query)
})

test('every file the README links to is there', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map((match) => match[1] as string)
  assert.ok(links.length > 10)
  for (const link of links) assert.ok(existsSync(join(root, link)), link)
})

test('where nothing can be built, the recorded run gives the table and the truth beside it', async () => {
  const ended = await joulespan(['demo', '--capture', 'data/captures/demo', '--json', '--runs', runs])
  assert.is(ended.code, 0, ended.stderr)
  const figures = JSON.parse(ended.stdout)
  assert.ok(figures.inferences > 90)
  const off = Math.abs(figures.mean_energy_j - figures.truth_mean_energy_j)
  assert.ok(off <= 0.01 * figures.truth_mean_energy_j && off <= 2 * figures.mean_energy_u_j, `${off} J off`)
})

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((m) => m[1] as string)
}

function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? (match[2] as string))
}

test.run()
