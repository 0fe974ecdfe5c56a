export interface FaultPlace {
  readonly file: string
  /** Byte of the file where the stretch, or the batch that holds the record, starts. */
  readonly offset: number
  readonly what: 'torn tail' | 'damaged stretch' | 'bad record' | 'duplicate record'
  readonly detail: string
}

/** Places beyond this many are counted, not kept. */
const PLACES_MAX = 100

/** Counts everything a reader had to leave out, and says where. */
export class FaultLog {
  /** Files whose end was not a whole batch. */
  tornFiles = 0
  /** Unreadable stretches with whole batches behind them. */
  damagedStretches = 0
  bytesTorn = 0
  bytesDamaged = 0
  /** Records that failed their checksum or name another source. */
  badRecords = 0
  /** Records whose sequence was read before. */
  duplicateRecords = 0
  readonly places: FaultPlace[] = []

  get bytesDropped(): number {
    return this.bytesTorn + this.bytesDamaged
  }

  torn(file: string, offset: number, bytes: number, reason: string): void {
    this.tornFiles++
    this.bytesTorn += bytes
    this.#place({ file, offset, what: 'torn tail', detail: `${bytes} bytes: ${reason}` })
  }

  damaged(file: string, offset: number, bytes: number, reason: string): void {
    this.damagedStretches++
    this.bytesDamaged += bytes
    this.#place({ file, offset, what: 'damaged stretch', detail: `${bytes} bytes: ${reason}` })
  }

  badRecord(file: string, offset: number, row: number, reason: string): void {
    this.badRecords++
    this.#place({ file, offset, what: 'bad record', detail: `row ${row}: ${reason}` })
  }

  duplicate(file: string, offset: number, sequence: number): void {
    this.duplicateRecords++
    this.#place({ file, offset, what: 'duplicate record', detail: `sequence ${sequence}` })
  }

  #place(place: FaultPlace): void {
    if (this.places.length < PLACES_MAX) this.places.push(place)
  }
}
