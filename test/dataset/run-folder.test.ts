import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { listParts, listRuns, openRunFolder, partPath, runFolder } from '../../src/dataset/run-folder.ts'
import { errorOf } from './error-of.ts'
import { scratchFolder } from './scratch-folder.ts'

const root = scratchFolder()
const RUN = '20261123T204001Z-mobilenetv2-4tpu-7k3f'

function makeRun(runId: string, files: readonly string[]): string {
  const path = join(root, runId)
  for (const file of files) {
    mkdirSync(join(path, file, '..'), { recursive: true })
    writeFileSync(join(path, file), '')
  }
  return path
}

test('paths of a run', () => {
  const folder = runFolder(join('data', 'runs', RUN))
  assert.is(folder.runJson, `data/runs/${RUN}/run.json`)
  assert.is(folder.summary, `data/runs/${RUN}/summary.parquet`)
  assert.is(partPath(folder, 'power', 12), `data/runs/${RUN}/power/part-00012.parquet`)
  for (const number of [-1, 0.5, 100_000]) {
    assert.throws(() => partPath(folder, 'power', number), `expected a part number from 0 to 99999, saw ${number}`)
  }
})

test('runs are listed oldest first, and nothing else', async () => {
  const runs = ['20261123T204001Z-a-7k3f', '20250101T000000Z-b-0000', '20261123T204002Z-a-0001']
  for (const run of runs) makeRun(run, ['run.json'])
  makeRun('notes', ['run.json'])
  assert.equal(await listRuns(root), [...runs].sort())
  assert.equal(await listRuns(join(root, 'nowhere')), [])
})

test('parts are listed in order without what is still being written', async () => {
  const folder = runFolder(
    makeRun('parts', [
      'power/part-00001.parquet',
      'power/part-00000.parquet',
      'power/.part-00002.parquet.tmp',
      'power/x',
    ]),
  )
  assert.equal(await listParts(folder, 'power'), [partPath(folder, 'power', 0), partPath(folder, 'power', 1)])
  assert.equal(await listParts(folder, 'groups'), [])
})

test('a missing part is named', async () => {
  const folder = runFolder(makeRun('hole', ['power/part-00000.parquet', 'power/part-00002.parquet']))
  const error = await errorOf(listParts(folder, 'power'))
  assert.is(error.code, 'dataset')
  assert.match(error.message, `expected ${partPath(folder, 'power', 1)}, saw part-00002.parquet next`)
})

test('a run folder is one with run.json; one with a journal can be recovered', async () => {
  const whole = makeRun('whole', ['run.json'])
  assert.equal(await openRunFolder(whole), runFolder(whole))

  const cut = makeRun('cut', ['journal/serial-00000.arrows'])
  const unfinished = await errorOf(openRunFolder(cut))
  assert.is(unfinished.code, 'unfinished')
  assert.is(unfinished.hint, `joulespan recover ${cut}`)

  const other = makeRun('other', ['photo.jpg'])
  assert.match((await errorOf(openRunFolder(other))).message, `saw photo.jpg in ${other}`)
  mkdirSync(join(root, 'empty'))
  assert.match((await errorOf(openRunFolder(join(root, 'empty')))).message, /saw an empty folder in/)
  for (const path of [join(root, 'nowhere'), join(other, 'photo.jpg')]) {
    const error = await errorOf(openRunFolder(path))
    assert.is(error.code, 'dataset')
    assert.match(error.message, `expected a run folder, saw nothing of the kind at ${path}`)
  }
})

test.run()
