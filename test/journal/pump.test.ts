import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JournalPump } from '../../src/journal/pump.ts'
import { BATCH_AGE_MAX_NS, SYNC_PERIOD_NS } from '../../src/journal/writer.ts'
import { hostNs } from '../../src/units/units.ts'
import { openWriter, withFolder } from './sample-journal.ts'

interface Timer {
  readonly task: () => void
  readonly period_ms: number
}

class FakeTimers {
  readonly running = new Set<Timer>()

  setInterval(task: () => void, period_ms: number): Timer {
    const timer = { task, period_ms }
    this.running.add(timer)
    return timer
  }

  clearInterval(timer: unknown): void {
    this.running.delete(timer as Timer)
  }

  fire(): void {
    for (const timer of this.running) timer.task()
  }
}

test('the periods keep the promises of protocol/journal.md', () => {
  const timers = new FakeTimers()
  const pump = new JournalPump(timers, () => undefined)
  const [flush, sync] = [...timers.running] as [Timer, Timer]
  assert.ok(flush.period_ms * 1e6 < BATCH_AGE_MAX_NS)
  assert.ok(sync.period_ms * 1e6 <= SYNC_PERIOD_NS)
  pump.stop()
  assert.is(timers.running.size, 0)
})

test('all writers are flushed, also when one fails, until they are removed', () =>
  withFolder(async (folder) => {
    const timers = new FakeTimers()
    const failures: string[] = []
    const pump = new JournalPump(timers, (error, writer) =>
      failures.push(`${writer.source}: ${(error as Error).message}`),
    )
    let refuse = false
    const failing = openWriter(folder, 'a', {
      write: (_fd, _bytes, _offset, length) => {
        if (refuse) throw new Error('EIO')
        return length
      },
    })
    const good = openWriter(folder, 'b')
    pump.add(failing)
    pump.add(good)
    for (const writer of [failing, good]) writer.append(1, hostNs(1), Uint8Array.of(1))
    refuse = true
    timers.fire()
    assert.is(good.pendingRecords, 0)
    assert.is(failing.pendingRecords, 1)
    assert.is(failures.length, 1)
    assert.match(failures[0] as string, /^a: cannot write journal file .*EIO/)
    refuse = false
    timers.fire()
    assert.is(failing.pendingRecords, 0)
    assert.is(failures.length, 1)
    pump.remove(good)
    good.append(1, hostNs(2), Uint8Array.of(1))
    timers.fire()
    assert.is(good.pendingRecords, 1)
    pump.stop()
    for (const writer of [failing, good]) await writer.close()
  }))

test.run()
