import { spawn } from 'node:child_process'
import { JoulespanError } from '../errors/joulespan-error.ts'

/** Runs a program to its end and returns its standard output; a failure carries the last line it wrote to stderr. */
export function runTool(path: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-4000)
    })
    child.on('error', (cause) => {
      reject(new JoulespanError('device-missing', `cannot start ${path}`, { cause, hint: 'npm run setup builds it' }))
    })
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out)
      else reject(new JoulespanError('internal', `${path} ended with ${signal ?? `code ${code}`}: ${lastLine(err)}`))
    })
  })
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
