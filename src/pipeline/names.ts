import type { Dictionary } from '../inference/event-message.ts'
import * as P from '../protocol/constants.ts'

/** Names behind the numbers of the events, as the runner's dictionary gives them; the number itself where it does not. */
export class Names {
  readonly #dictionary: Dictionary | undefined

  constructor(dictionary: Dictionary | undefined) {
    this.#dictionary = dictionary
  }

  task(number: number): string | undefined {
    return nameOf(this.#dictionary?.tasks, number, 'task')
  }

  model(number: number): string | undefined {
    return nameOf(this.#dictionary?.models, number, 'model')
  }

  device(number: number): string | undefined {
    return nameOf(this.#dictionary?.devices, number, 'device')
  }
}

function nameOf(list: readonly { name: string }[] | undefined, number: number, what: string): string | undefined {
  return number === P.NONE16 ? undefined : (list?.[number]?.name ?? `${what} ${number}`)
}
