// The mutations that were refused: a store that outlives the page, because the relay keeps it.
import type {RejectedMutation} from './options.js'
import {Store} from './store.js'

interface Entry extends RejectedMutation {
  readonly client: string
  readonly mutation: number
}

interface Actions {
  dismiss(client: string, mutation: number): void
  retry(name: string, args: unknown): void
  onRejected(rejected: RejectedMutation): void
}

export class Rejected extends Store<readonly RejectedMutation[]> {
  readonly #actions: Actions
  #entries: readonly Entry[] = []
  readonly #told = new Set<string>()

  constructor(actions: Actions) {
    super([])
    this.#actions = actions
  }

  /** The app has dealt with it. */
  dismiss(id: string): void {
    const entry = this.#entries.find(each => each.id === id)
    if (entry !== undefined) this.#actions.dismiss(entry.client, entry.mutation)
  }

  /** Calls the mutator again with the same arguments, as a new mutation; throws what it throws, and then stays. */
  retry(id: string): void {
    const entry = this.#entries.find(each => each.id === id)
    if (entry === undefined) return
    this.#actions.retry(entry.name, entry.args)
    this.dismiss(id)
  }

  /** The whole list anew, as the core tells it. */
  replace(entries: readonly Entry[]): void {
    this.#entries = entries
    this.set(entries)
    for (const entry of entries) {
      if (this.#told.has(entry.id)) continue
      this.#told.add(entry.id)
      this.#actions.onRejected(entry)
    }
  }
}
