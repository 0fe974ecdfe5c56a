// `npm start`: the demo on the virtual testbed; where that cannot be built, a small recorded run is replayed instead.
import { fileURLToPath } from 'node:url'
import { SetupError, setup, setupWithoutNative } from './setup.mjs'

const capture = fileURLToPath(new URL('../data/captures/demo', import.meta.url))

let command = ['demo']
try {
  setup()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`setup: ${error.message}\n`)
  setupWithoutNative()
  process.stderr.write(
    'the virtual testbed cannot be built here: replaying the recorded run of data/captures/demo instead\n',
  )
  command = ['demo', '--capture', capture]
}
process.argv.splice(2, 0, ...command)
await import('../dist/cli/main.js')
