import { Deframer } from '../framing/deframer.ts'
import type { Frame } from '../framing/frame.ts'
import { pingIdOf } from '../protocol/command.ts'
import * as P from '../protocol/constants.ts'
import { PingLedger } from '../samples/ping-ledger.ts'
import type { MarkerEdge, SampleBlock, SampleGap, TickPair } from '../samples/sample-block.ts'
import { SampleTracker } from '../samples/sample-tracker.ts'
import type { HostNs } from '../units/units.ts'

/** Certified least delays of the link, ns, added to the wire time of one byte. */
export interface LinkFloors {
  readonly upNs: number
  readonly downNs: number
}

export interface SerialOutput {
  readonly blocks: SampleBlock[]
  readonly gaps: SampleGap[]
  /** Already corrected for floors and wire: host(tick) <= hostNs for `up`, >= for `down`. */
  readonly pairs: TickPair[]
  readonly edges: MarkerEdge[]
  /** Identity and reply frames. */
  readonly answers: Frame[]
}

/**
 * One byte on the wire, as short as a clock 0.6 % fast can make it; a receiver has it in the middle of the stop bit (ATmega328P
 * data sheet, section 19.8).
 */
const BYTE_NS = (((P.UART_BITS_PER_BYTE - 0.5) * 1e9) / P.BAUD) * 0.994
/** Tick stamps are floors: the true device time of a ping lies up to one tick of 500 ns later, more on a slow clock. */
const TICK_NS = 505

/** Bytes from and to the device, in the order of the journal, to samples and clock constraints. */
export class SerialBranch {
  readonly deframer = new Deframer()
  readonly tracker: SampleTracker
  pingsSent = 0
  pingsAnswered = 0
  readonly #pings = new PingLedger()
  readonly #floors: LinkFloors

  constructor(floors: LinkFloors) {
    this.#floors = floors
    this.tracker = new SampleTracker(this.#pings)
  }

  /** A command was about to be written. */
  wrote(bytes: Uint8Array, stampNs: HostNs): void {
    const id = pingIdOf(bytes)
    if (id === undefined) return
    this.#pings.wrote(id, stampNs)
    this.pingsSent++
  }

  received(bytes: Uint8Array, stampNs: HostNs): SerialOutput {
    const answers: Frame[] = []
    const out = { blocks: [], gaps: [], pairs: [] as TickPair[], edges: [] }
    for (const frame of this.deframer.push(bytes, stampNs)) {
      this.tracker.push(frame, out)
      if (frame.kind !== P.FRAME_KIND_SAMPLE) answers.push(frame)
    }
    this.pingsAnswered += out.pairs.reduce((sum, { kind }) => sum + (kind === 'down' ? 1 : 0), 0)
    return { ...out, answers, pairs: out.pairs.map((pair) => this.#correct(pair)) }
  }

  /** The port was closed: what was on the wire is gone. */
  lost(): void {
    this.#pings.forget()
  }

  #correct(pair: TickPair): TickPair {
    const { upNs, downNs } = this.#floors
    const hostNs = pair.kind === 'up' ? pair.hostNs - upNs - BYTE_NS : pair.hostNs + downNs + BYTE_NS - TICK_NS
    return { ...pair, hostNs: hostNs as HostNs }
  }
}
