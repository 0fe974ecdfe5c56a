// Runs uvu test files, a few at a time, each in a process of its own, and adds up what they say.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export function testFiles(folder, skip = []) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.test.ts') && !skip.some((prefix) => path.startsWith(prefix)))
    .sort()
}

/** { passed, failed } over all files; the output of failing files is shown whole, of others only what they skipped. */
export async function runTests(files, { atOnce = 2, env = {} } = {}) {
  const queue = [...files]
  const total = { passed: 0, failed: 0 }
  const workers = Array.from({ length: atOnce }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file, env)
      total.passed += result.passed
      total.failed += result.failed
    }
  })
  await Promise.all(workers)
  return total
}

function runFile(file, env) {
  return new Promise((resolve) => {
    const startedAt = Date.now()
    const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, env: { ...process.env, ...env } })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    child.on('close', (code) => {
      const count = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(output)?.[1] ?? 0)
      const passed = count('Passed')
      // a file that dies before it reports, or runs nothing without saying why, is a failure of its own
      const ran = passed > 0 || /skipped/i.test(output)
      const failed = Math.max(count('Total') - passed - count('Skipped'), code === 0 && ran ? 0 : 1)
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
      process.stdout.write(`${failed === 0 ? 'ok  ' : 'FAIL'} ${file} (${passed} passed, ${seconds} s)\n`)
      const shown =
        failed > 0
          ? output
          : output
              .split('\n')
              .filter((line) => /skip(ped|s)? /i.test(line))
              .join('\n')
      if (shown.trim() !== '') process.stdout.write(`${shown.trim()}\n`)
      resolve({ passed, failed })
    })
  })
}

// `node tools/run-tests.mjs file...` runs these alone
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runTests(process.argv.slice(2))
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
