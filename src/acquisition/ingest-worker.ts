// The ingest thread: reads the serial port, stamps, journals, and only then hands on. Nothing else runs here, so a stamp is
// late by this thread's own work at most.
import { writeSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { parentPort, workerData } from 'node:worker_threads'
import { JoulespanError } from '../errors/joulespan-error.ts'
import { JournalWriter } from '../journal/writer.ts'
import { encodePing } from '../protocol/command.ts'
import * as P from '../protocol/constants.ts'
import { type HostNs, hostNs } from '../units/units.ts'
import type { IngestNews, IngestOrder, IngestSettings, PassedRecord } from './ingest-messages.ts'
import { pingPauseMs } from './ping-schedule.ts'

/** Below the 250 ms of protocol/journal.md by what a busy loop may add. */
const FLUSH_MS = 200
const SYNC_MS = 1000
const PASS_MS = 20

const settings = workerData as IngestSettings
const port = parentPort
if (port === null) throw new Error('the ingest worker is no program of its own')

const originNs = settings.identity.originMonoNs
const now = (): HostNs => hostNs(Number(process.hrtime.bigint() - originNs))
const tell = (news: IngestNews): void => port.postMessage(news)

const journal = new JournalWriter({ folder: settings.folder, source: settings.source, identity: settings.identity })
const timers = [
  setInterval(handOver, PASS_MS),
  setInterval(flush, FLUSH_MS),
  setInterval(() => void journal.sync().catch(fail), SYNC_MS),
]

let stream: ReadStream | undefined
let fd = -1
let credit = settings.credit
let passed: PassedRecord[] = []
let skippedFrom: number | undefined
let pingTimer: NodeJS.Timeout | undefined
let pingId = 0

port.on('message', (order: IngestOrder) => {
  switch (order.type) {
    case 'attach':
      attach(order.fd)
      break
    case 'detach':
      detach()
      break
    case 'write':
      write(order.bytes)
      break
    case 'pings':
      clearTimeout(pingTimer)
      if (order.on) ping(now())
      break
    case 'credit':
      giveCredit(order.chunks)
      break
    case 'note':
      record(order.kind, now(), new TextEncoder().encode(order.text))
      break
    case 'close':
      void close()
      break
  }
})

function attach(descriptor: number): void {
  detach()
  fd = descriptor
  stream = new ReadStream(descriptor)
  stream.on('data', (bytes: Buffer) => {
    const stampNs = now()
    received(stampNs, bytes)
  })
  stream.on('error', (error) => lost(error.message))
  stream.on('end', () => lost('the device hung up'))
}

function received(stampNs: HostNs, bytes: Uint8Array): void {
  pass(false, stampNs, bytes, record(P.JOURNAL_SERIAL_IN, stampNs, bytes))
}

/** Collects what main is told every PASS_MS: a message a chunk would cost more than the chunk. */
function pass(isOut: boolean, stampNs: HostNs, bytes: Uint8Array, sequence: number): void {
  if (credit <= 0) {
    skippedFrom ??= sequence
    return
  }
  credit--
  // a copy: the buffer behind a chunk is the stream's pool (slice of a Buffer would not copy)
  passed.push({ isOut, stampNs, bytes: Uint8Array.prototype.slice.call(bytes) })
}

function handOver(): void {
  if (passed.length === 0) return
  tell({ type: 'passed', records: passed })
  passed = []
}

/** The host's own writes are stamped before the write: the bytes cannot have left earlier. */
function write(bytes: Uint8Array): void {
  if (fd < 0) return
  const stampNs = now()
  pass(true, stampNs, bytes, record(P.JOURNAL_SERIAL_OUT, stampNs, bytes))
  try {
    writeSync(fd, bytes)
  } catch (error) {
    lost(error instanceof Error ? error.message : String(error))
  }
}

function ping(sinceNs: HostNs): void {
  write(encodePing(pingId++))
  pingTimer = setTimeout(ping, pingPauseMs((now() - sinceNs) / 1e9, Math.random), sinceNs)
}

/** Main has caught up with what it was handed; what was skipped meanwhile it reads from the journal, so flush first. */
function giveCredit(chunks: number): void {
  if (skippedFrom !== undefined) {
    handOver()
    flush()
    tell({ type: 'skipped', from: skippedFrom, to: journal.nextSequence })
    skippedFrom = undefined
  }
  credit += chunks
}

function lost(reason: string): void {
  if (fd < 0) return
  const stampNs = now()
  detach()
  handOver()
  record(P.JOURNAL_PORT, stampNs, new TextEncoder().encode(JSON.stringify({ event: 'lost', reason })))
  tell({ type: 'lost', stampNs, reason })
}

function detach(): void {
  clearTimeout(pingTimer)
  fd = -1
  stream?.removeAllListeners()
  // the descriptor belongs to the thread that opened it
  stream?.pause()
  stream?.destroy()
  stream = undefined
}

function record(kind: number, stampNs: HostNs, payload: Uint8Array): number {
  try {
    return journal.append(kind, stampNs, payload)
  } catch (error) {
    fail(error)
    return journal.nextSequence
  }
}

function flush(): void {
  const untilNs = now()
  try {
    journal.flush()
    tell({ type: 'flushed', untilNs })
  } catch (error) {
    fail(error)
  }
}

async function close(): Promise<void> {
  detach()
  handOver()
  for (const timer of timers) clearInterval(timer)
  try {
    await journal.close()
  } catch (error) {
    fail(error)
    await journal.abandon()
  }
  tell({ type: 'closed' })
  port?.close()
}

function fail(error: unknown): void {
  const known = error instanceof JoulespanError ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  tell({ type: 'failed', code: known?.code ?? 'internal', message, hint: known?.hint })
}
