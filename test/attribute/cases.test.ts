// Energies computed by hand: a case is a folder with power.csv, spans.csv (or .jsonl) and expected.json.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { attributed } from './attributed.ts'

const cases = fileURLToPath(new URL('cases', import.meta.url))
const IDENTITY = 1e-9
const TOLERANCE = 1e-9

for (const name of readdirSync(cases).sort())
  test(name, async () => {
    const folder = join(cases, name)
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
    const spans = ['spans.csv', 'spans.jsonl'].map((file) => join(folder, file)).find((path) => existsSync(path))
    const { document, inferences, stages } = await attributed(
      join(folder, 'power.csv'),
      spans as string,
      // traces too short to see noise in; theirs is zero
      { noiseW: 0, ...expected.options },
    )
    compareRows('inferences', inferences, expected.inferences)
    if (expected.stages !== undefined) compareRows('stages', stages, expected.stages)
    for (const [rail, figures] of Object.entries(expected.energy)) {
      const seen = document.energy[rail] as unknown as Record<string, unknown>
      compare(`rail ${rail}`, seen, figures as Record<string, unknown>)
      assert.ok((seen.conservation_error as number) <= IDENTITY, `${rail}: off by ${seen.conservation_error}`)
    }
    compare('power', document.power as unknown as Record<string, unknown>, expected.power ?? {})
    assert.equal(document.warnings.map(({ code }) => code).sort(), Object.keys(expected.warnings).sort())
    for (const warning of document.warnings)
      compare(warning.code, warning as unknown as Record<string, unknown>, expected.warnings[warning.code])
    assert.is(document.rows.inferences.total, inferences.length)
    assert.is(document.rows.stages.total, stages.length)
  })

function compareRows(
  table: string,
  seen: readonly Record<string, unknown>[],
  expected: readonly Record<string, unknown>[],
): void {
  assert.is(seen.length, expected.length, `${table}: ${seen.length} rows`)
  for (const [i, row] of expected.entries()) compare(`${table}[${i}]`, seen[i] as Record<string, unknown>, row)
}

/** Only the keys that are expected; 64-bit integers as text. */
function compare(where: string, seen: Record<string, unknown>, expected: Record<string, unknown>): void {
  for (const [key, wanted] of Object.entries(expected)) {
    const value = typeof seen[key] === 'bigint' ? String(seen[key]) : seen[key]
    if (typeof wanted === 'number' && typeof value === 'number')
      assert.ok(
        Math.abs(value - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted)),
        `${where}.${key}: expected ${wanted}, saw ${value}`,
      )
    else assert.equal(value, wanted, `${where}.${key}: expected ${wanted}, saw ${value}`)
  }
}

test.run()
