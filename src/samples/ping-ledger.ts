import type { HostNs } from '../units/units.ts'

/** Remembers when each ping was written until the device reports it; ids are one byte and come round again. */
export class PingLedger {
  readonly #writtenNs = new Map<number, HostNs>()

  wrote(id: number, hostNs: HostNs): void {
    this.#writtenNs.set(id, hostNs)
  }

  /** When ping `id` was written; each is answered once. */
  take(id: number): HostNs | undefined {
    const hostNs = this.#writtenNs.get(id)
    this.#writtenNs.delete(id)
    return hostNs
  }

  /** After a reset or a reopened port no older ping can be answered any more. */
  forget(): void {
    this.#writtenNs.clear()
  }
}
