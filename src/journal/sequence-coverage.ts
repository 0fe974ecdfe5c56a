/** Which sequences of a source were read, as half-open intervals: whole batches may stand in any order in the files. */
export class SequenceCoverage {
  /** Sorted, disjoint, not touching. */
  readonly #intervals: { from: number; to: number }[] = []

  /** False when the sequence was there already. */
  add(sequence: number): boolean {
    const last = this.#intervals.at(-1)
    if (last !== undefined && sequence === last.to) {
      last.to++
      return true
    }
    const i = this.#indexBehind(sequence)
    const before = this.#intervals[i - 1]
    if (before !== undefined && sequence < before.to) return false
    this.#insert(i, sequence)
    return true
  }

  /** Stretches of sequences from 0 up to the last one read that are missing. */
  get gaps(): number {
    const first = this.#intervals[0]
    return first === undefined ? 0 : this.#intervals.length - (first.from === 0 ? 1 : 0)
  }

  get missing(): number {
    let missing = 0
    let expected = 0
    for (const { from, to } of this.#intervals) {
      missing += from - expected
      expected = to
    }
    return missing
  }

  /** Index of the first interval that starts behind the sequence. */
  #indexBehind(sequence: number): number {
    let low = 0
    let high = this.#intervals.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#intervals[middle] as { from: number }).from <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  #insert(i: number, sequence: number): void {
    const before = this.#intervals[i - 1]
    const after = this.#intervals[i]
    const joinsBefore = before?.to === sequence
    const joinsAfter = after?.from === sequence + 1
    if (joinsBefore && joinsAfter) {
      before.to = after.to
      this.#intervals.splice(i, 1)
    } else if (joinsBefore) before.to++
    else if (joinsAfter) after.from--
    else this.#intervals.splice(i, 0, { from: sequence, to: sequence + 1 })
  }
}
