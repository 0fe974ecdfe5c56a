import { JoulespanError } from '../errors/joulespan-error.ts'
import type { JournalReader } from './reader.ts'
import { compareRecords, type JournalRecord } from './record.ts'
import type { SourceReader } from './source-reader.ts'

/**
 * A record may stand in its source's files behind records whose stamps are up to this much later. Writers append in order
 * of receipt and need milliseconds; a journal with more disorder needs a larger look-back (recover() measures it).
 */
export const LOOK_BACK_NS = 10e9

export interface JournalMergeOptions {
  /** ns; memory holds the records of this much time per source. Default LOOK_BACK_NS. */
  readonly lookBackNs?: number
}

/**
 * Merges the sources of a journal into the order of the run (stamp, source, sequence).
 *
 * The result depends on the records alone and not on how they are cut into batches and files or shuffled within the
 * look-back; a record beyond it is an error, never a record out of order.
 */
export class JournalMerge {
  readonly #journal: JournalReader
  readonly #lookBackNs: number
  readonly #lanes = new Map<string, Lane>()
  #last: JournalRecord | undefined

  constructor(journal: JournalReader, options: JournalMergeOptions = {}) {
    this.#journal = journal
    this.#lookBackNs = options.lookBackNs ?? LOOK_BACK_NS
  }

  /**
   * The records with stamps below `untilNs` that were not taken before. For a live journal the caller vouches that every
   * record below it is on disk; for one that has ended leave it out.
   */
  *take(untilNs = Number.POSITIVE_INFINITY): Generator<JournalRecord, void, undefined> {
    const lanes = this.#openLanes()
    for (const lane of lanes) lane.fill()
    for (;;) {
      const { first, second } = foremost(lanes)
      if (first === undefined) return
      let head = first.head
      while (
        head !== undefined &&
        head.stampNs < untilNs &&
        (second === undefined || compareRecords(head, second) < 0)
      ) {
        this.#check(head)
        first.drop()
        yield head
        first.fill()
        head = first.head
      }
      if (head !== undefined && head.stampNs >= untilNs && (second === undefined || second.stampNs >= untilNs)) return
    }
  }

  #openLanes(): Lane[] {
    return this.#journal.sources().map((source) => {
      const lane = this.#lanes.get(source.source) ?? new Lane(source, this.#lookBackNs)
      this.#lanes.set(source.source, lane)
      lane.reopen()
      return lane
    })
  }

  /** Only a live journal can get here: one record came later than the caller vouched. */
  #check(record: JournalRecord): void {
    if (this.#last !== undefined && compareRecords(record, this.#last) < 0) {
      throw new JoulespanError(
        'journal',
        `expected no record before ${this.#last.stampNs} ns any more, saw record ${record.sequence} of ${record.source} at ${record.stampNs} ns`,
        { hint: 'read the journal again from its start' },
      )
    }
    this.#last = record
  }
}

/** The lane whose head comes first, and the head that comes second. */
function foremost(lanes: readonly Lane[]): { first: Lane | undefined; second: JournalRecord | undefined } {
  let first: Lane | undefined
  let second: JournalRecord | undefined
  for (const lane of lanes) {
    const head = lane.head
    if (head === undefined) continue
    const best = first?.head
    if (best === undefined || compareRecords(head, best) < 0) {
      second = best
      first = lane
    } else if (second === undefined || compareRecords(head, second) < 0) second = head
  }
  return { first, second }
}

/** The look-back window of one source, sorted. */
class Lane {
  readonly #source: SourceReader
  readonly #lookBackNs: number
  /** Sorted from #head on; those before were dropped. */
  #records: JournalRecord[] = []
  #head = 0
  #newestNs = Number.NEGATIVE_INFINITY
  #isAtEnd = false

  constructor(source: SourceReader, lookBackNs: number) {
    this.#source = source
    this.#lookBackNs = lookBackNs
  }

  get head(): JournalRecord | undefined {
    return this.#records[this.#head]
  }

  drop(): void {
    this.#head++
  }

  /** A live source may have grown. */
  reopen(): void {
    this.#isAtEnd = false
  }

  /** Reads on until no record to come can precede the head. */
  fill(): void {
    while (!this.#isAtEnd) {
      const settledNs = this.#newestNs - this.#lookBackNs
      const head = this.head
      if (head !== undefined && head.stampNs < settledNs) return
      const batch = this.#source.nextBatch()
      if (batch === undefined) this.#isAtEnd = true
      else this.#add(batch)
    }
  }

  #add(batch: JournalRecord[]): void {
    if (this.#head > 0) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
    let last = this.#records.at(-1)
    let isSorted = true
    for (const record of batch) {
      if (record.stampNs < this.#newestNs - this.#lookBackNs) throw this.#tooLate(record)
      this.#newestNs = Math.max(this.#newestNs, record.stampNs)
      isSorted &&= last === undefined || compareRecords(last, record) < 0
      this.#records.push(record)
      last = record
    }
    if (!isSorted) this.#records.sort(compareRecords)
  }

  #tooLate(record: JournalRecord): JoulespanError {
    return new JoulespanError(
      'journal',
      `expected records at most ${this.#lookBackNs} ns out of order, saw record ${record.sequence} of ${record.source} ${this.#newestNs - record.stampNs} ns behind`,
      { hint: 'recover the journal and merge with a look-back of the disorder it reports' },
    )
  }
}
