// Writes what the documentation repeats from the code: tables, flags, exit codes, the JSON Schema of recipes. With --check it
// only says what is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { campaignSchemaText, withCampaignReference } from '../src/campaign/campaign-schema.ts'
import { COST } from '../src/campaign/cost-table.ts'
import { RESULTS } from '../src/campaign/results-table.ts'
import { TRIALS } from '../src/campaign/trials-table.ts'
import { ATTRIBUTED_TABLES } from '../src/dataset/attributed-tables.ts'
import { PROFILE } from '../src/dataset/profile-table.ts'
import { describeTables } from '../src/dataset/schema.ts'
import { ROW_FLAGS } from '../src/energy/flags.ts'
import { EXIT_CODES } from '../src/errors/joulespan-error.ts'
import { POWER_FLAGS } from '../src/pipeline/dataset-sink.ts'
import { recipeSchemaText, specSchemaText } from '../src/recipe/json-schema.ts'
import { withReference, withSpecReference } from '../src/recipe/reference.ts'

const root = new URL('..', import.meta.url)

const outputs: [path: string, text: string][] = [
  ['pipelines/recipe.schema.json', recipeSchemaText()],
  ['data/models/spec.schema.json', specSchemaText()],
  ['docs/model-spec.md', withSpecReference(read('docs/model-spec.md'))],
  ['docs/recipes.md', withReference(read('docs/recipes.md'))],
  [
    'docs/dataset.md',
    filled('docs/dataset.md', {
      'row-flags': flagTable(ROW_FLAGS, read('src/energy/flags.ts')),
      'power-flags': flagTable(POWER_FLAGS, read('src/pipeline/dataset-sink.ts')),
      tables: describeTables().map(tableText).join('\n'),
    }),
  ],
  [
    'docs/attribute.md',
    filled('docs/attribute.md', {
      tables: Object.values(ATTRIBUTED_TABLES)
        .map((table) => tableText({ ...table, table: table.name, path: `${table.name}.parquet` }))
        .join('\n'),
    }),
  ],
  ['pipelines/campaigns/campaign.schema.json', campaignSchemaText()],
  [
    'docs/bench.md',
    filledText(withCampaignReference(read('docs/bench.md')), 'docs/bench.md', {
      tables: [TRIALS, RESULTS, COST]
        .map((table) => tableText({ ...table, table: table.name, path: `${table.name}.parquet` }))
        .join('\n'),
    }),
  ],
  [
    'docs/profile.md',
    filled('docs/profile.md', { tables: tableText({ ...PROFILE, table: 'profile', path: 'profile.parquet' }) }),
  ],
  ['docs/errors.md', filled('docs/errors.md', { 'exit-codes': exitCodeTable() })],
]

let stale = 0
for (const [path, text] of outputs) {
  if (read(path) === text) continue
  if (process.argv.includes('--check')) {
    console.error(`${path} is stale: run \`npm run docs\``)
    stale++
  } else writeFileSync(new URL(path, root), text)
}
process.exitCode = stale === 0 ? 0 : 1

function read(path: string): string {
  if (!existsSync(new URL(path, root))) return ''
  return readFileSync(new URL(path, root), 'utf8')
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function filled(path: string, parts: Record<string, string>): string {
  return filledText(read(path), path, parts)
}

function filledText(before: string, path: string, parts: Record<string, string>): string {
  let text = before
  for (const [name, part] of Object.entries(parts)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const start = text.indexOf(open)
    const end = text.indexOf(close)
    if (start < 0 || end < start) throw new Error(`${path}: markers of ${name} are missing`)
    text = `${text.slice(0, start + open.length)}\n${part}\n${text.slice(end)}`
  }
  return text
}

/** The meaning of a flag is the comment above it. */
function flagTable(flags: Record<string, number>, source: string): string {
  const rows = Object.entries(flags).map(([name, value]) => {
    const comment = new RegExp(`/\\*\\* ([^\\n]*) \\*/\\n\\s*${name}:`).exec(source)?.[1]
    if (comment === undefined) throw new Error(`flag ${name} has no comment`)
    return `| ${value} | ${name} | ${comment} |`
  })
  return ['| value | name | meaning |', '|---|---|---|', ...rows].join('\n')
}

function tableText(table: ReturnType<typeof describeTables>[number]): string {
  const rows = table.columns.map((c) => {
    const values = c.values === undefined ? '' : ` (${c.values.join(', ')})`
    return `| \`${c.name}\` | ${c.type} | ${c.unit} | ${c.nullable ? 'yes' : ''} | ${c.description}${values} |`
  })
  const head = ['| column | type | unit | null | meaning |', '|---|---|---|---|---|']
  return `### ${table.table}\n\n\`${table.path}\`: ${table.description}\n\n${[...head, ...rows].join('\n')}\n`
}

function exitCodeTable(): string {
  const byCode = new Map<number, string[]>([[0, ['ok']]])
  for (const [code, exit] of Object.entries(EXIT_CODES)) byCode.set(exit, [...(byCode.get(exit) ?? []), code])
  const rows = [...byCode].sort(([a], [b]) => a - b).map(([exit, codes]) => `| ${exit} | ${codes.join(', ')} |`)
  return ['| exit code | error codes |', '|---|---|', ...rows].join('\n')
}
