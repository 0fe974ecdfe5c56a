// `npm test`: sets up what it needs, then everything: checks, native tests, firmware in the emulator, end to end.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { check } from './check.mjs'
import { runTests, testFiles } from './run-tests.mjs'
import { SetupError, setup, setupPython, setupTflite } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

try {
  setup({ forTests: true })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`setup: ${error.message}\n`)
  process.exit(1)
}
const { python, reason } = setupPython()
if (python === undefined) process.stdout.write(`tests with pyarrow are skipped: ${reason}\n`)
else process.env.JOULESPAN_PYTHON = python
const { reason: noTflite } = setupTflite()
if (noTflite !== undefined) process.stdout.write(`tests with real models are skipped: no TFLite, ${noTflite}\n`)

const totals = [await check(), nativeTests()]
// live runs share two cores: one at a time
totals.push(await runTests(testFiles('test/e2e'), { atOnce: 1 }))
const passed = totals.reduce((sum, t) => sum + t.passed, 0)
const failed = totals.reduce((sum, t) => sum + t.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** Every native test program says `N passed, N failed`; ctest says which of them failed altogether. */
function nativeTests() {
  const args = ['--test-dir', 'build', '--output-on-failure', '-V', '--timeout', '600']
  const { stdout, status } = spawnSync('ctest', args, { cwd: root, encoding: 'utf8', maxBuffer: 1e9 })
  const total = { passed: 0, failed: 0 }
  for (const [, passed, failed] of stdout.matchAll(/^\d+: (\d+) passed, (\d+) failed$/gm)) {
    total.passed += Number(passed)
    total.failed += Number(failed)
  }
  for (const [, line] of stdout.matchAll(/^\d+: (skipped .*)$/gm)) process.stdout.write(`${line}\n`)
  for (const [line, seconds] of stdout.matchAll(/^ *\d+\/\d+ Test +#\d+: .*?([\d.]+) sec$/gm))
    if (Number(seconds) >= 0) process.stdout.write(`${line.trim()}\n`)
  if (status !== 0) {
    process.stdout.write(stdout)
    total.failed = Math.max(1, total.failed)
  }
  return total
}
