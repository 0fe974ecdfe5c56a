import { existsSync, statSync } from 'node:fs'
import { type OscillatorName, refitStored, type StoredRefit } from '../../pipeline/refit-stored.ts'
import { exactJson } from '../exact-json.ts'
import { findRun } from '../find-run.ts'
import { paint } from '../paint.ts'
import { table } from '../table.ts'

export interface TimebaseFlags {
  readonly tickHz?: number
  readonly oscillator?: OscillatorName
  readonly mode: 'online' | 'two-pass'
  readonly floorUpNs?: number
  readonly floorDownNs?: number
  readonly hostSlewPpm?: number
  readonly query?: string
  readonly json?: boolean
  readonly runs: string
}

export async function timebase(source: string, flags: TimebaseFlags): Promise<void> {
  const isFile = existsSync(source) && !statSync(source).isDirectory()
  const path = isFile || /\.(jsonl|ndjson|json|parquet)$/.test(source) ? source : findRun(source, flags.runs)
  const result = await refitStored({
    path,
    mode: flags.mode,
    tickHz: flags.tickHz,
    oscillator: flags.oscillator,
    floorUpNs: flags.floorUpNs,
    floorDownNs: flags.floorDownNs,
    hostSlewPerS: flags.hostSlewPpm === undefined ? undefined : flags.hostSlewPpm / 1e6,
    queries: flags.query,
  })
  for (const warning of result.warnings) process.stderr.write(`${paint('yellow', 'warning')}: ${warning}\n`)
  process.stdout.write(flags.json ? `${exactJson(document(path, result))}\n` : report(path, result))
}

function document(path: string, result: StoredRefit): unknown {
  const { options, oscillator, counts, epochs, steps, answers, warnings } = result
  return {
    format: 'joulespan.timebase',
    version: 1,
    source: path,
    mode: options.mode,
    tick_hz: options.tickHz,
    oscillator: {
      class: oscillator,
      drift_ppm_per_s: ppm(options.oscillator.driftPerS),
      window_s: options.oscillator.windowS,
    },
    floors_ns: { up: result.floorUpNs, down: result.floorDownNs },
    host_clock: options.clock === undefined ? 'as stamped' : 'CLOCK_MONOTONIC_RAW inside',
    host_slew_ppm: ppm(options.hostSlewPerS),
    pairs: { up: counts.up, down: counts.down, out_of_order: counts.outOfOrder, repeated: counts.repeated },
    epochs: epochs.map((epoch) => ({
      epoch: epoch.epoch,
      boot: epoch.boot,
      cause: epoch.cause,
      label: epoch.label,
      first_tick: epoch.firstTick,
      last_tick: epoch.lastTick,
      first_host_ns: epoch.firstHostNs,
      last_host_ns: epoch.lastHostNs,
      up: epoch.up,
      down: epoch.down,
      rate_ppm: epoch.ratePpm,
      rate_bound_ppm: epoch.rateBoundPpm,
      bound_ns: epoch.boundNs,
      budget_ns: epoch.budgetNs,
    })),
    steps: steps.map(({ boot, fromTick, toTick }) => ({ boot, from_tick: fromTick, to_tick: toTick })),
    query: answers.map(({ query, hostNs, boundNs, epoch, reason }) => ({
      tick: query.tick,
      ...(query.boot === undefined ? {} : { boot: query.boot }),
      host_ns: hostNs,
      bound_ns: boundNs,
      epoch,
      reason,
    })),
    warnings,
  }
}

/** As it was declared, without the dust of binary fractions. */
function ppm(perUnit: number): number {
  return Number((perUnit * 1e6).toPrecision(12))
}

function report(path: string, result: StoredRefit): string {
  const { options, oscillator, counts, epochs, steps, answers } = result
  const out = [
    `${path}: ${counts.up} up, ${counts.down} down; ${options.mode}, ${oscillator} (${ppm(options.oscillator.driftPerS)} ppm/s), ticks of ${(1e6 / options.tickHz).toPrecision(4)} us`,
  ]
  if (counts.outOfOrder > 0 || counts.repeated > 0)
    out.push(`${counts.outOfOrder} pairs of an earlier tick than one before them, ${counts.repeated} repeated`)
  out.push('', epochTable(epochs), '')
  out.push('bound: guaranteed half-width. link: what the least delays leave open beyond the floors claimed')
  out.push(
    `(up ${result.floorUpNs} ns, down ${result.floorDownNs} ns); rate: the rate is known to an interval; tick: half a tick.`,
  )
  for (const { fromTick, toTick, boot } of steps)
    out.push(`step of the clock between ticks ${fromTick} and ${toTick}${boot === null ? '' : `, boot ${boot}`}`)
  if (answers.length > 0) out.push('', queryTable(answers))
  return `${out.join('\n')}\n`
}

function epochTable(epochs: StoredRefit['epochs']): string {
  const us = (ns: number | undefined): string => (ns === undefined ? '-' : (ns / 1e3).toFixed(1))
  const head = ['epoch', 'boot', 'began with', 'seconds', 'up', 'down', 'rate ppm', '+-', 'bound us p50', 'p99', 'max']
  return table(
    [...head, 'link', 'rate', 'tick', 'label'],
    epochs.map((e) => [
      String(e.epoch),
      e.boot ?? '-',
      e.cause,
      (Number(e.lastHostNs - e.firstHostNs) / 1e9).toFixed(3),
      String(e.up),
      String(e.down),
      e.ratePpm?.toFixed(2) ?? '-',
      e.rateBoundPpm?.toFixed(2) ?? '-',
      us(e.boundNs?.p50),
      us(e.boundNs?.p99),
      us(e.boundNs?.max),
      us(e.budgetNs?.link),
      us(e.budgetNs?.rate),
      us(e.budgetNs?.tick),
      e.label,
    ]),
  )
}

function queryTable(answers: StoredRefit['answers']): string {
  return table(
    ['tick', 'boot', 'host_ns', 'bound_ns', 'epoch', 'reason'],
    answers.map(({ query, hostNs, boundNs, epoch, reason }) => [
      String(query.tick),
      query.boot ?? '-',
      hostNs === null ? '-' : String(hostNs),
      boundNs === null ? '-' : String(boundNs),
      epoch === null ? '-' : String(epoch),
      reason ?? '',
    ]),
  )
}
