// The leader's side of the other tabs: who joined under which number, and when a tab is gone. A tab's worker holds a
// lock of its own for as long as it lives, so that waiting for that lock is waiting for its end, however it comes.
import type {BetweenWorkers, MessageOf, StorageState} from './protocol.js'
import type {WorkerChannel} from './worker-channel.js'

export const tabLock = (database: string, tab: string): string => `tidemark:${database}:tab:${tab}`

export interface FollowerEvents {
  opened(tab: number): void
  closed(tab: number): void
  message(tab: number, bytes: Uint8Array): void
}

/** The leader's own page. */
export const ownTab = 0

export class Followers {
  readonly #numbers = new Map<string, number>()
  readonly #names = new Map<number, string>()
  readonly #watches = new AbortController()
  #next = ownTab + 1

  constructor(
    private readonly database: string,
    private readonly epoch: string,
    private readonly channel: WorkerChannel,
    private readonly storage: () => StorageState,
    private readonly events: FollowerEvents,
  ) {}

  receive(message: MessageOf<BetweenWorkers>): void {
    switch (message.type) {
      case 'join':
        this.#join(message.tab)
        break
      case 'up': {
        const tab = this.#numbers.get(message.tab)
        if (message.epoch !== this.epoch) this.channel.send({type: 'lead', epoch: this.epoch})
        else if (tab === undefined) this.#sendDropped(message.tab)
        else this.events.message(tab, message.bytes)
        break
      }
      case 'leave':
        this.#leave(message.tab)
        break
    }
  }

  send(tab: number, bytes: Uint8Array): void {
    const name = this.#names.get(tab)
    // A copy of its own: the frame is part of a larger buffer, which would be cloned whole.
    const own = bytes.slice()
    if (name !== undefined)
      this.channel.send({type: 'down', tab: name, epoch: this.epoch, bytes: own})
  }

  /** The relay is done with the tab; it may join again. */
  drop(tab: number): void {
    const name = this.#names.get(tab)
    if (name === undefined) return
    this.#forget(name)
    this.#sendDropped(name)
  }

  close(): void {
    this.#watches.abort()
  }

  #sendDropped(name: string): void {
    this.channel.send({type: 'dropped', tab: name, epoch: this.epoch})
  }

  #join(name: string): void {
    this.#leave(name)
    const tab = this.#next++
    this.#numbers.set(name, tab)
    this.#names.set(tab, name)
    this.events.opened(tab)
    this.channel.send({type: 'opened', tab: name, epoch: this.epoch, storage: this.storage()})
    navigator.locks
      .request(tabLock(this.database, name), {signal: this.#watches.signal, mode: 'shared'}, () => {
        if (this.#numbers.get(name) === tab) this.#leave(name)
      })
      .catch(() => {
        // Only when we stop leading.
      })
  }

  #leave(name: string): void {
    const tab = this.#numbers.get(name)
    if (tab === undefined) return
    this.#forget(name)
    this.events.closed(tab)
  }

  #forget(name: string): void {
    const tab = this.#numbers.get(name)
    this.#numbers.delete(name)
    if (tab !== undefined) this.#names.delete(tab)
  }
}
