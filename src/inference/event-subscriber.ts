import * as zmq from 'zeromq'
import { JoulespanError } from '../errors/joulespan-error.ts'
import * as P from '../protocol/constants.ts'

export interface SubscriberOptions {
  /** XPUB and ROUTER endpoints of the runner. */
  readonly events: string
  readonly requests: string
  /** Name under which this host says that it is ready. */
  readonly name: string
  readonly onMessage: (bytes: Uint8Array) => void
  /** A message of a gap-fill answer. */
  readonly onFill: (bytes: Uint8Array) => void
}

/** Messages a stalled host may fall behind before the runner's side drops them; a gap fill brings them back. */
const RECEIVE_HIGH_WATER = 100_000
const ANSWER_TIMEOUT_MS = 2000

/** The host's side of protocol/event.md: listens, says ready, asks for what it missed. */
export class EventSubscriber {
  readonly #options: SubscriberOptions
  readonly #events = new zmq.Subscriber({ receiveHighWaterMark: RECEIVE_HIGH_WATER, linger: 0 })
  /** One request at a time: an answer belongs to the request before it. */
  #requests: Promise<unknown> = Promise.resolve()
  #clock: zmq.Dealer | undefined
  #isOpen = false

  constructor(options: SubscriberOptions) {
    this.#options = options
  }

  open(): void {
    this.#isOpen = true
    this.#events.connect(this.#options.events)
    this.#events.subscribe()
    void this.#listen()
  }

  /** Tells the runner that messages arrive here; it starts when all declared subscribers have said so. */
  async ready(): Promise<void> {
    const [answer] = await this.#ask(request(P.REQUEST_READY, 0, 0, this.#options.name))
    expectOk(answer, 'ready')
  }

  /** Asks the runner to admit nothing new, drain and end its stream. */
  async stop(): Promise<void> {
    const [answer] = await this.#ask(request(P.REQUEST_STOP, 0, 0))
    expectOk(answer, 'stop')
  }

  /** Asks for events [from, to) that did not arrive; hands on what the runner still has. */
  async fill(from: number, to: number): Promise<void> {
    for (const part of await this.#ask(request(P.REQUEST_FILL, from, to)))
      if (part.length > 0) this.#options.onFill(part)
  }

  /**
   * Opens a socket of its own for clock requests, so that none waits for a fill. Answers come one by one, in any order; late ones
   * are as true as others.
   */
  openClock(onAnswer: (answer: Uint8Array) => void): void {
    if (this.#clock !== undefined) return
    this.#clock = new zmq.Dealer({ linger: 0, sendTimeout: 0 })
    this.#clock.connect(this.#options.requests)
    void this.#listenToClock(this.#clock, onAnswer)
  }

  /** Asks for the runner's clock; the answer repeats `number`. */
  askClock(number: number): void {
    // a request that cannot be sent is one answer less
    this.#clock?.send(['', request(P.REQUEST_CLOCK, number, 0) as Buffer]).catch(() => undefined)
  }

  close(): void {
    this.#isOpen = false
    this.#clock?.close()
    this.#events.close()
  }

  async #listen(): Promise<void> {
    try {
      for await (const parts of this.#events) for (const part of parts) this.#options.onMessage(part)
    } catch (error) {
      // closing the socket ends the iteration with an error
      if (this.#isOpen) throw error
    }
  }

  async #listenToClock(socket: zmq.Dealer, onAnswer: (answer: Uint8Array) => void): Promise<void> {
    try {
      for await (const parts of socket) {
        const answer = parts[1]
        if (answer?.length === P.CLOCK_ANSWER_BYTES) onAnswer(answer)
      }
    } catch (error) {
      if (this.#isOpen) throw error
    }
  }

  #ask(bytes: Uint8Array): Promise<Buffer[]> {
    const answer = this.#requests.then(() => this.#exchange(bytes))
    this.#requests = answer.catch(() => undefined)
    return answer
  }

  /** A socket per request: after a timeout a late answer cannot be taken for the next one. */
  async #exchange(bytes: Uint8Array): Promise<Buffer[]> {
    const socket = new zmq.Request({ receiveTimeout: ANSWER_TIMEOUT_MS, sendTimeout: ANSWER_TIMEOUT_MS, linger: 0 })
    try {
      socket.connect(this.#options.requests)
      await socket.send(bytes as Buffer)
      return await socket.receive()
    } catch (cause) {
      throw new JoulespanError('device-missing', `no answer from the runner at ${this.#options.requests}`, {
        cause,
        hint: 'is the runner running, and is this its request endpoint?',
      })
    } finally {
      socket.close()
    }
  }
}

function request(kind: number, from: number, to: number, name = ''): Uint8Array {
  const text = Buffer.from(name, 'utf8')
  const bytes = Buffer.alloc(P.REQUEST_BYTES + text.length)
  bytes.writeUInt32LE(P.REQUEST_MAGIC, 0)
  bytes.writeUInt8(kind, 4)
  bytes.writeBigUInt64LE(BigInt(from), 8)
  bytes.writeBigUInt64LE(BigInt(to), 16)
  text.copy(bytes, P.REQUEST_BYTES)
  return bytes
}

function expectOk(answer: Buffer | undefined, asked: string): void {
  const text = answer?.toString('utf8') ?? 'nothing'
  if (text !== 'ok') throw new JoulespanError('device-foreign', `runner: expected ok to ${asked}, saw ${text}`)
}
