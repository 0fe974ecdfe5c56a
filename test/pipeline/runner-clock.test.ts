import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeEventMessage, type EventMessage } from '../../src/inference/event-message.ts'
import { isRemote, RunnerClock } from '../../src/pipeline/runner-clock.ts'
import { HostClocks } from '../../src/timebase/host-clocks.ts'
import { seededRandom } from '../../src/units/random.ts'
import { encodeDictionary } from '../support/encode-event.ts'

test('a runner is remote when the recipe says so, or both boot ids do', () => {
  const told = (boot_id?: string): EventMessage => {
    const header = { source_id: 1n, first_sequence: 0n, watermark_ns: 0n }
    const answer = decodeEventMessage(encodeDictionary(header, { runner: { boot_id } }))
    if (answer.kind !== 'message') throw new Error(answer.kind)
    return answer.message
  }
  assert.is(isRemote({ declared: 'remote', bootId: 'a' }, told('a')), true)
  assert.is(isRemote({ declared: 'local', bootId: 'a' }, told('b')), false)
  assert.is(isRemote({ declared: 'auto', bootId: 'a' }, told('a')), false)
  assert.is(isRemote({ declared: 'auto', bootId: 'a' }, told('b')), true)
  assert.is(isRemote({ declared: 'auto', bootId: 'a' }, told()), false)
  assert.is(isRemote({ declared: 'auto', bootId: undefined }, told('b')), false)
})

for (const [what, hostSlew, runnerSlew] of [
  ['neither clock slewed', 0, 0],
  ["the host's clock slewed by 500 ppm in mid-run", 500e-6, 0],
  ["the runner's clock slewed by 500 ppm in mid-run", 0, 500e-6],
  ['both, one each way', 500e-6, -500e-6],
] as const)
  test(`${what}: every time of the runner within the stated bound`, () => {
    const random = seededRandom(9)
    const ns = (s: number): bigint => BigInt(Math.round(s * 1e9))
    // true time s: RAW of the host; from 30 s on either CLOCK_MONOTONIC is slewed for 20 s
    const slewed = (s: number, ratio: number): number => s + ratio * Math.min(20, Math.max(0, s - 30))
    const hostMonoS = (s: number): number => slewed(s, hostSlew)
    const runnerRawS = (s: number): number => 777 + s * (1 + 40e-6)
    const runnerMonoS = (s: number): number => 5000 + slewed(s, runnerSlew) * (1 + 40e-6)
    const host = new HostClocks()
    const clock = new RunnerClock(0n, host)
    for (let k = 0; k <= 800; k++) {
      const s = k / 10
      host.add({
        monoNs: Math.round(hostMonoS(s) * 1e9),
        rawNs: ns(s),
        boottimeNs: ns(hostMonoS(s)),
        halfBracketNs: 60,
      })
    }
    for (let s = 0.2; s < 79.8; s += 0.05 + 0.1 * random()) {
      const spike = random() < 0.02 ? 5e-3 : 0
      const received = s + 60e-6 - 80e-6 * Math.log(1 - random()) + spike
      const answered = received + 2e-6
      const back = answered + 60e-6 - 80e-6 * Math.log(1 - random())
      clock.add({
        sentNs: ns(hostMonoS(s)),
        receivedNs: ns(hostMonoS(back)),
        beforeNs: ns(runnerMonoS(received)),
        rawNs: ns(runnerRawS(received + 1e-6)),
        boottimeNs: ns(runnerMonoS(received)),
        afterNs: ns(runnerMonoS(answered)),
      })
    }
    clock.extendTo(40e9)
    assert.is(clock.reaches(ns(runnerMonoS(35))), true)
    assert.is(clock.reaches(ns(runnerMonoS(45))), false)
    clock.extendTo(Number.POSITIVE_INFINITY)
    let worstNs = 0
    for (let s = 1; s < 79; s += 0.0171) {
      const boundNs = clock.boundNsAt(hostMonoS(s) * 1e9)
      const offNs = Math.abs(clock.toHost(ns(runnerMonoS(s))) - hostMonoS(s) * 1e9)
      assert.ok(offNs <= boundNs + 1, `${offNs} ns off at ${s} s, ${boundNs} stated`)
      worstNs = Math.max(worstNs, boundNs)
    }
    assert.ok(worstNs < 250e3, `bound of ${worstNs} ns`)
    assert.ok(Number.isNaN(clock.boundNsAt(90e9)))
  })

test.run()
