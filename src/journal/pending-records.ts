/** Columns of consecutive records, as one record batch takes them. */
export interface RecordColumns {
  readonly count: number
  readonly sequence: BigUint64Array
  readonly stampNs: BigInt64Array
  readonly kind: Uint8Array
  readonly crc: Uint32Array
  /** count + 1 positions in `payload`; the first need not be 0. */
  readonly payloadOffsets: Int32Array
  readonly payload: Uint8Array
}

const RECORDS_INITIAL = 256
const PAYLOAD_BYTES_INITIAL = 64 * 1024
/** Buffers that an outage of the disk made larger than this are given back once they are empty. */
const PAYLOAD_BYTES_KEPT = 8 * 1024 * 1024

/** Records that wait for their batch, column by column: no object per record lives between two flushes. */
export class PendingRecords {
  #sequence = new BigUint64Array(RECORDS_INITIAL)
  #stampNs = new BigInt64Array(RECORDS_INITIAL)
  #kind = new Uint8Array(RECORDS_INITIAL)
  #crc = new Uint32Array(RECORDS_INITIAL)
  #offsets = new Int32Array(RECORDS_INITIAL + 1)
  #payload = new Uint8Array(PAYLOAD_BYTES_INITIAL)
  /** Records [first, end) wait; those before `first` were taken. */
  #first = 0
  #end = 0

  get count(): number {
    return this.#end - this.#first
  }

  get payloadBytes(): number {
    return this.#offset(this.#end) - this.#offset(this.#first)
  }

  /** Stamp of the record that waits longest, ns; undefined when none waits. */
  get firstStampNs(): number | undefined {
    return this.count === 0 ? undefined : Number(this.#stampNs[this.#first])
  }

  /** Copies the payload. */
  add(sequence: number, stampNs: number, kind: number, crc: number, payload: Uint8Array): void {
    if (this.#first > 0) this.#closeUp()
    const i = this.#end
    const start = this.#offset(i)
    if (i === this.#kind.length) this.#growRecords()
    if (start + payload.length > this.#payload.length) this.#growPayload(start + payload.length)
    this.#sequence[i] = BigInt(sequence)
    this.#stampNs[i] = BigInt(stampNs)
    this.#kind[i] = kind
    this.#crc[i] = crc
    this.#payload.set(payload, start)
    this.#offsets[i + 1] = start + payload.length
    this.#end++
  }

  /** The first records that wait, at least one and at most `payloadBytesMax` of payload; views that `add` may overwrite. */
  peek(payloadBytesMax: number): RecordColumns {
    const first = this.#first
    const limit = this.#offset(first) + payloadBytesMax
    let end = first + 1
    while (end < this.#end && this.#offset(end + 1) <= limit) end++
    return {
      count: end - first,
      sequence: this.#sequence.subarray(first, end),
      stampNs: this.#stampNs.subarray(first, end),
      kind: this.#kind.subarray(first, end),
      crc: this.#crc.subarray(first, end),
      payloadOffsets: this.#offsets.subarray(first, end + 1),
      payload: this.#payload,
    }
  }

  /** Forgets the first `count` records that wait. */
  drop(count: number): void {
    this.#first += count
    if (this.#first < this.#end) return
    this.#first = 0
    this.#end = 0
    if (this.#payload.length > PAYLOAD_BYTES_KEPT) this.#payload = new Uint8Array(PAYLOAD_BYTES_INITIAL)
  }

  #offset(i: number): number {
    return this.#offsets[i] as number
  }

  /** Moves what waits to the front: part of a backlog was taken, and offsets must stay within int32. */
  #closeUp(): void {
    const start = this.#offset(this.#first)
    this.#payload.copyWithin(0, start, this.#offset(this.#end))
    for (const column of [this.#sequence, this.#stampNs, this.#kind, this.#crc])
      column.copyWithin(0, this.#first, this.#end)
    this.#offsets.copyWithin(0, this.#first, this.#end + 1)
    this.#end -= this.#first
    this.#first = 0
    for (let i = 0; i <= this.#end; i++) this.#offsets[i] = this.#offset(i) - start
  }

  #growRecords(): void {
    const size = 2 * this.#kind.length
    this.#sequence = grown(new BigUint64Array(size), this.#sequence)
    this.#stampNs = grown(new BigInt64Array(size), this.#stampNs)
    this.#kind = grown(new Uint8Array(size), this.#kind)
    this.#crc = grown(new Uint32Array(size), this.#crc)
    this.#offsets = grown(new Int32Array(size + 1), this.#offsets)
  }

  #growPayload(needed: number): void {
    this.#payload = grown(new Uint8Array(Math.max(needed, 2 * this.#payload.length)), this.#payload)
  }
}

function grown<T extends { set(values: T): void }>(larger: T, values: T): T {
  larger.set(values)
  return larger
}
