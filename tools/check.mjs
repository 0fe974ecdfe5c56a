// `npm run check`: format, lint, types, rules, unit and golden tests. No hardware, no native build, no network.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runTests, testFiles } from './run-tests.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

const STEPS = [
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.']],
  ['types', ['node_modules/typescript/bin/tsc', '-p', '.']],
  ['import rules', ['--import', 'tsx', 'tools/check-imports.ts']],
  ['generated protocol', ['--import', 'tsx', 'tools/generate-protocol.ts', '--check']],
  ['generated vectors', ['--import', 'tsx', 'tools/generate-vectors.ts', '--check']],
  ['generated docs', ['--import', 'tsx', 'tools/generate-docs.ts', '--check']],
]

export async function check() {
  const total = { passed: 0, failed: 0 }
  for (const [name, args] of STEPS) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    if (status === 0) total.passed++
    else {
      total.failed++
      process.stdout.write(`FAIL ${name}\n${stdout}${stderr}`)
    }
  }
  const tests = await runTests(testFiles('test', ['test/e2e/']))
  return { passed: total.passed + tests.passed, failed: total.failed + tests.failed }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(new URL('../node_modules', import.meta.url))) {
    process.stderr.write('check: npm packages are missing: npm run setup\n')
    process.exit(1)
  }
  const { passed, failed } = await check()
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
