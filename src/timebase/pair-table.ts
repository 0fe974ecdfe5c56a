/**
 * Stored pairs in the order the host knew them, as columns: 25 bytes a pair. Ticks and nanoseconds may be absolute and large:
 * they are kept exactly as differences from the first of their boot and of the table.
 */
export class PairTable {
  /** Boot ids in the order they were met; null where pairs say none. */
  readonly boots: (string | null)[] = []
  /** Tick that the ticks of a boot are counted from. */
  readonly originTicks: bigint[] = []
  originNs = 0n
  length = 0
  readonly #bootIndex = new Map<string | null, number>()
  #isUp = new Uint8Array(1024)
  #boot = new Uint32Array(1024)
  #tick = new Float64Array(1024)
  #hostNs = new Float64Array(1024)

  push(isUp: boolean, tick: bigint, hostNs: bigint, boot: string | null): void {
    if (this.length === 0) this.originNs = hostNs
    this.pushSince(isUp, tick, Number(hostNs - this.originNs), boot)
  }

  /** The same for stamps that are no whole nanoseconds; `hostNs` since `originNs`. */
  pushSince(isUp: boolean, tick: bigint, hostNs: number, boot: string | null): void {
    if (this.length === this.#tick.length) this.#grow()
    const index = this.#indexOf(boot, tick)
    this.#isUp[this.length] = isUp ? 1 : 0
    this.#boot[this.length] = index
    this.#tick[this.length] = Number(tick - (this.originTicks[index] as bigint))
    this.#hostNs[this.length] = hostNs
    this.length++
  }

  isUp(i: number): boolean {
    return this.#isUp[i] === 1
  }

  /** Index into `boots`. */
  boot(i: number): number {
    return this.#boot[i] as number
  }

  /** Since the origin tick of its boot. */
  tick(i: number): number {
    return this.#tick[i] as number
  }

  hostNs(i: number): number {
    return this.#hostNs[i] as number
  }

  indexOfBoot(boot: string | null): number | undefined {
    return this.#bootIndex.get(boot)
  }

  #indexOf(boot: string | null, tick: bigint): number {
    const known = this.#bootIndex.get(boot)
    if (known !== undefined) return known
    const index = this.boots.push(boot) - 1
    this.originTicks.push(tick)
    this.#bootIndex.set(boot, index)
    return index
  }

  #grow(): void {
    const size = this.#tick.length * 2
    this.#isUp = grown(this.#isUp, new Uint8Array(size))
    this.#boot = grown(this.#boot, new Uint32Array(size))
    this.#tick = grown(this.#tick, new Float64Array(size))
    this.#hostNs = grown(this.#hostNs, new Float64Array(size))
  }
}

function grown<A extends Uint8Array | Uint32Array | Float64Array>(old: A, larger: A): A {
  larger.set(old)
  return larger
}
