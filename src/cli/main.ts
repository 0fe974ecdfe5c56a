#!/usr/bin/env node
import { CommanderError } from 'commander'
import { exitCodeOf } from '../errors/joulespan-error.ts'
import { buildProgram } from './program.ts'
import { reportError } from './report-error.ts'

// a pager that was closed is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
})

try {
  await buildProgram().parseAsync(process.argv)
} catch (error) {
  // help and version come as an error with exit code 0
  const isAnswer = error instanceof CommanderError && error.exitCode === 0
  if (!isAnswer) {
    process.exitCode = exitCodeOf(error)
    reportError(error, process.argv.includes('--json'))
  }
}
