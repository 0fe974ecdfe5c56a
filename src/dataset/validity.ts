/** Arrow's validity bitmap, growing: bit `row & 7` of byte `row >> 3` is set when the cell is not null. */
export class Validity {
  #bits = new Uint8Array(0)

  grow(rows: number): void {
    const grown = new Uint8Array(Math.ceil(rows / 8))
    grown.set(this.#bits)
    this.#bits = grown
  }

  setValid(row: number): void {
    this.#bits[row >> 3]! |= 1 << (row & 7)
  }

  setNull(row: number): void {
    this.#bits[row >> 3]! &= ~(1 << (row & 7))
  }

  setValidBlock(row: number, count: number): void {
    const end = row + count
    let next = row
    for (; next < end && (next & 7) !== 0; next++) this.setValid(next)
    const wholeBytesEnd = end & ~7
    if (wholeBytesEnd > next) {
      this.#bits.fill(0xff, next >> 3, wholeBytesEnd >> 3)
      next = wholeBytesEnd
    }
    for (; next < end; next++) this.setValid(next)
  }

  countNulls(rows: number): number {
    let valid = 0
    for (let byte = 0; byte < rows >> 3; byte++) valid += BITS_SET[this.#bits[byte]!]!
    for (let row = rows & ~7; row < rows; row++) valid += (this.#bits[row >> 3]! >> (row & 7)) & 1
    return rows - valid
  }

  bitmap(rows: number): Uint8Array {
    return this.#bits.subarray(0, Math.ceil(rows / 8))
  }
}

const BITS_SET = Uint8Array.from({ length: 256 }, (_, byte) => {
  let set = 0
  for (let rest = byte; rest > 0; rest >>= 1) set += rest & 1
  return set
})
