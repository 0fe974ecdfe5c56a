// Executes the import rules of src: who may lean on whom, and why. Folders are listed in the order data flows.
import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Rule {
  /** Folders it may import. */
  readonly values: readonly string[]
  /** Folders of which it may import types only. */
  readonly types?: readonly string[]
  readonly packages?: readonly string[]
  /** May read clocks, environment and files of its own accord. */
  readonly edge?: boolean
  readonly reason: string
}

export const RULES: Record<string, Rule> = {
  units: { values: [], reason: 'everything leans on it' },
  errors: { values: [], reason: 'everything leans on it' },
  protocol: { values: ['units'], reason: 'the wire contracts; edited through /protocol' },
  journal: {
    values: ['units', 'errors', 'protocol'],
    packages: ['apache-arrow'],
    edge: true,
    reason: 'keeps bytes, must not know what they mean',
  },
  acquisition: {
    values: ['units', 'errors', 'protocol', 'journal'],
    packages: ['serialport'],
    edge: true,
    reason: 'bytes only: must not know frames',
  },
  framing: { values: ['units', 'protocol'], reason: 'pure' },
  samples: { values: ['units', 'protocol'], types: ['framing'], reason: 'pure' },
  calibration: { values: ['units', 'errors', 'protocol'], types: ['samples'], reason: 'pure; must not know time' },
  timebase: { values: ['units'], types: ['samples'], reason: 'pure; must not know watts' },
  inference: {
    values: ['units', 'errors', 'protocol'],
    packages: ['zeromq'],
    reason: 'must not know that a meter exists',
  },
  alignment: {
    values: ['units'],
    types: ['calibration', 'timebase', 'inference'],
    reason: 'where power meets host time',
  },
  energy: {
    values: ['units', 'errors', 'protocol'],
    types: ['alignment', 'inference'],
    reason: 'arithmetic only; no clock, no I/O',
  },
  dataset: {
    values: ['units', 'errors'],
    types: ['energy'],
    packages: ['apache-arrow', 'parquet-wasm', 'parquetjs-lite'],
    edge: true,
    reason: 'the schema follows the results, never the reverse',
  },
  foreign: {
    values: ['units', 'errors', 'protocol', 'dataset'],
    packages: ['apache-arrow', 'parquet-wasm'],
    edge: true,
    reason: 'tables of other instruments; must not know what becomes of them',
  },
  card: {
    values: ['errors'],
    reason: 'pure: layers in, times and powers of the card out; what reads files hands it their text',
  },
  recipe: {
    values: ['units', 'errors', 'protocol', 'calibration', 'timebase', 'card'],
    packages: ['yaml'],
    reason: 'text in, figures out; opens nothing',
  },
  testbed: {
    values: ['units', 'errors', 'protocol', 'acquisition', 'framing', 'inference', 'recipe'],
    edge: true,
    reason: 'starts the programs of the virtual testbed',
  },
  live: {
    values: ['units', 'errors', 'protocol', 'alignment', 'energy', 'timebase', 'calibration'],
    types: ['samples', 'inference'],
    reason: 'provisional figures; may drop data, the dataset may not',
  },
  pipeline: {
    values: [
      ...['units', 'errors', 'protocol', 'journal', 'acquisition', 'framing', 'samples', 'calibration', 'timebase'],
      ...['inference', 'alignment', 'energy', 'dataset', 'foreign', 'recipe', 'testbed', 'live'],
    ],
    packages: ['apache-arrow', 'rxjs'],
    edge: true,
    reason: 'the only composer',
  },
  campaign: {
    values: ['units', 'errors', 'dataset', 'card', 'recipe', 'pipeline'],
    packages: ['apache-arrow', 'yaml'],
    edge: true,
    reason: 'runs many runs and compares them; must not know what only the emulator knows',
  },
  report: {
    values: ['units', 'errors', 'dataset', 'campaign'],
    reason: 'figures in, one HTML text out; opens nothing, prints nothing',
  },
  truth: {
    values: ['units', 'errors', 'dataset'],
    packages: ['apache-arrow'],
    edge: true,
    reason: 'what only the emulator knows: nothing that makes figures may import it',
  },
  cli: {
    values: ['units', 'errors', 'dataset', 'card', 'recipe', 'pipeline', 'testbed', 'campaign', 'report', 'truth'],
    types: ['energy', 'live'],
    packages: ['commander'],
    edge: true,
    reason: 'the only place that prints, reads the environment and exits',
  },
}

const src = fileURLToPath(new URL('../src', import.meta.url))
const problems: string[] = []
const edges = new Map<string, Set<string>>()

for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')))
  checkFile(file)
for (const cycle of findCycles()) problems.push(`cycle: ${cycle.join(' -> ')}`)

for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1

function checkFile(file: string): void {
  const folder = file.split('/')[0] as string
  const rule = RULES[folder]
  const text = readFileSync(join(src, file), 'utf8')
  if (rule === undefined) {
    problems.push(`${file}: folder ${folder} has no import rule in tools/check-imports.ts`)
    return
  }
  const links = new Set<string>()
  edges.set(file, links)
  for (const [statement, path] of importsOf(text)) {
    const isType = /^import\s+type\b|^export\s+type\b/.test(statement)
    if (path.startsWith('node:')) continue
    if (!path.startsWith('.')) {
      const name = path.startsWith('@') ? path.split('/').slice(0, 2).join('/') : (path.split('/')[0] as string)
      if (!rule.packages?.includes(name)) problems.push(`${file}: ${folder} must not import ${name}: ${rule.reason}`)
      continue
    }
    const target = normalize(join(file, '..', path))
    const targetFolder = target.split('/')[0] as string
    if (!isType) links.add(target)
    if (targetFolder === folder || rule.values.includes(targetFolder)) continue
    if (isType && rule.types?.includes(targetFolder)) continue
    const what = rule.types?.includes(targetFolder) ? 'only types of' : 'nothing of'
    problems.push(`${file}: ${folder} may import ${what} ${targetFolder}: ${rule.reason}`)
  }
  if (!rule.edge) checkPure(file, folder, text)
  if (folder !== 'cli') checkNoExit(file, text)
}

/** Stages get clocks, randomness and ports as parameters. */
function checkPure(file: string, folder: string, text: string): void {
  const code = withoutComments(text)
  for (const use of [
    'Date.now(',
    'new Date()',
    'hrtime',
    'performance.now(',
    'Math.random(',
    'setTimeout(',
    'setInterval(',
  ])
    if (code.includes(use) && folder !== 'inference') problems.push(`${file}: ${use} has no place in a stage`)
}

function checkNoExit(file: string, text: string): void {
  const code = withoutComments(text)
  for (const use of ['process.exit', 'console.', 'process.env', 'process.stdout', 'process.stderr'])
    if (code.includes(use)) problems.push(`${file}: ${use} belongs to cli`)
}

function importsOf(text: string): [statement: string, path: string][] {
  const statements = withoutComments(text).matchAll(
    /^(?:import|export)\s[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm,
  )
  return [...statements].map((m) => [m[0], (m[1] ?? m[2] ?? m[3]) as string])
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

function findCycles(): string[][] {
  const cycles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file])
      return
    }
    state.set(file, 'open')
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of edges.keys()) visit(file, [])
  return cycles
}
