// `npm run sanitize [address|thread]`: the native runner's tests under the sanitizers, both unless one is named.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setupTflite } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const suppressions = join(root, 'native-runner/test/sanitizer')

/** What is not ours is not judged: libzmq synchronises in ways a sanitizer that did not compile it cannot see. */
const ENVIRONMENT = {
  address: {
    ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
    LSAN_OPTIONS: `suppressions=${join(suppressions, 'leaks.supp')}:print_suppressions=0`,
    UBSAN_OPTIONS: 'print_stacktrace=1',
  },
  thread: { TSAN_OPTIONS: `suppressions=${join(suppressions, 'races.supp')}:second_deadlock_stack=1` },
}

const { reason } = setupTflite()
if (reason !== undefined) process.stdout.write(`tests with real models are skipped: no TFLite, ${reason}\n`)
const wanted = process.argv.slice(2)
for (const name of wanted) {
  if (Object.hasOwn(ENVIRONMENT, name)) continue
  process.stderr.write(`sanitize: expected address or thread, saw '${name}'\n`)
  process.exit(2)
}
let failed = 0
for (const [name, env] of Object.entries(ENVIRONMENT))
  if (wanted.length === 0 || wanted.includes(name)) failed += test(name, env) ? 0 : 1
process.exitCode = failed === 0 ? 0 : 1

function test(name, env) {
  const build = join('build', `sanitize-${name}`)
  const steps = [
    ['cmake', ['-S', 'native-runner', '-B', build, `-DJOULESPAN_SANITIZE=${name}`]],
    ['cmake', ['--build', build, '--parallel', '2']],
    ['ctest', ['--test-dir', build, '--output-on-failure', '--timeout', '900']],
  ]
  for (const [program, args] of steps) {
    process.stdout.write(`== ${name}: ${program} ${args.join(' ')}\n`)
    const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    if (status !== 0) return false
  }
  return true
}
