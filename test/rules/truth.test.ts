// The host may not read what only the emulator knows.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RULES } from '../../tools/check-imports.ts'

const src = fileURLToPath(new URL('../../src', import.meta.url))
/** Folders that compare with the truth, or hand the emulator the folder to write it to. */
const MAY_NAME_IT = ['truth', 'cli', 'testbed', 'pipeline', 'dataset']
/** What the emulator writes: firmware/emulator/README.md, "Truth". */
const TRUTH_FILES = /stages\.csv|clock\.csv|stretches\.csv|rails\.csv|faults\.csv|'board\.json'/

function sources(): { file: string; folder: string; text: string }[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, folder: file.split('/')[0] as string, text: readFileSync(join(src, file), 'utf8') }))
}

test('only src/truth reads a file of the truth', () => {
  const readers = sources().filter(({ folder, text }) => folder !== 'truth' && TRUTH_FILES.test(text))
  // testbed writes the board the emulator is given; the plot asks whether there is a truth at all
  const allowed = ['testbed/live.ts', 'testbed/offline.ts', 'cli/plot-run.ts']
  assert.equal(
    readers.map(({ file }) => file).filter((file) => !allowed.includes(file)),
    [],
  )
  assert.ok(sources().some(({ folder, text }) => folder === 'truth' && TRUTH_FILES.test(text)))
})

test('only cli may import src/truth, and no stage names the folder of the truth', () => {
  const importers = Object.entries(RULES).filter(([, rule]) =>
    [...rule.values, ...(rule.types ?? [])].includes('truth'),
  )
  assert.equal(
    importers.map(([folder]) => folder),
    ['cli'],
  )
  for (const { file, folder, text } of sources())
    if (!MAY_NAME_IT.includes(folder)) assert.not.match(text, /\.truth\b|'truth'|\/truth\//, file)
})

test('what runs in the pipeline only hands the folder on to the emulator', () => {
  for (const { file, text } of sources().filter(({ folder }) => folder === 'pipeline'))
    for (const [line] of text.matchAll(/.*\.truth\b.*/g))
      assert.match(line, /startSensor\(|truth: \w+\.truth/, `${file}: ${line.trim()}`)
})

test.run()
