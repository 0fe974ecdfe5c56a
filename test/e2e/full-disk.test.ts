// A disk that fills up during a recording: one clear line, the right exit code, and nothing of what was on disk is lost.
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { joulespan, scratch } from './testbed.ts'

const small = scratch()
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).status === 0

if (isMounted)
  test('the disk is full in mid-run: exit code 7, one line, and recover makes the dataset of what was written', async () => {
    const ended = await joulespan(['record', 'pipelines/one-tpu.yaml', '--duration', '15 s', '--runs', small])
    assert.is(ended.code, 7, ended.stderr)
    assert.match(ended.stderr, /error: cannot write .*: ENOSPC/)
    const [run] = readdirSync(small)
    const copy = join(scratch(), run as string)
    cpSync(join(small, run as string), copy, { recursive: true })
    const recovered = await joulespan(['recover', copy, '--json'])
    assert.is(recovered.code, 0, recovered.stderr)
    const figures = JSON.parse(recovered.stdout)
    assert.ok(figures.inferences > 100, `${figures.inferences} inferences`)
    assert.ok(figures.conservation_error < 1e-9)
  })
else
  test('skipped: a small file system can be mounted by root only', () => {
    console.log('skipped: a small file system can be mounted by root only')
  })

test.after(() => {
  if (isMounted) spawnSync('umount', [small])
})

test.run()
