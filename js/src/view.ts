// A query's result, live. One LiveView per distinct query of a client mirrors the core's view (row-tree.ts); the View
// that an app holds is a handle on it.
import {MutationError} from './errors.js'
import type {FlushDocument} from './page-core.js'
import type {ResultNode} from './result-node.js'
import {RowTree} from './row-tree.js'
import {callAll} from './store.js'

/** `partial`: only what is here so far; `complete`: confirmed by the server, and kept so. */
export type ViewStatus = 'partial' | 'complete' | 'error'

export interface View<Data> {
  readonly data: Data
  readonly status: ViewStatus
  /** Why the server refuses the query; only with status `error`. */
  readonly error: MutationError | undefined
  /** It was complete, and the connection is away. */
  readonly stale: boolean
  /** Calls at once and after each change; returns how to stop. */
  subscribe(listener: (view: View<Data>) => void): () => void
  /** Calls after each change. */
  listen(listener: (view: View<Data>) => void): () => void
  /** The last close of a query's views ends its subscription. Idempotent. */
  close(): void
}

export class LiveView {
  status: ViewStatus = 'partial'
  error: MutationError | undefined
  stale = false
  /** Handles that are open. */
  uses = 0
  readonly #listeners = new Set<() => void>()
  #rows: RowTree

  constructor(shape: ResultNode) {
    this.#rows = new RowTree(shape)
  }

  get data(): unknown {
    return this.#rows.data
  }

  /** The query is another one from now on; its first flush follows. */
  reshape(shape: ResultNode): void {
    this.#rows = new RowTree(shape)
  }

  /** Takes a flush over; nobody is told yet, because other views may follow from the same event. */
  apply(flush: FlushDocument): void {
    this.status = flush.status
    this.stale = flush.stale
    this.error = flush.error === undefined ? undefined : MutationError.from(flush.error)
    this.#rows.apply(flush)
  }

  notify(): void {
    callAll(this.#listeners, undefined)
  }

  listen(listener: () => void): () => void {
    const own = (): void => listener()
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }
}

/** An app's handle on a live view. */
export class ViewHandle<Data> implements View<Data> {
  readonly #live: LiveView
  readonly #release: () => void
  readonly #stops = new Set<() => void>()
  #open = true

  constructor(live: LiveView, release: () => void) {
    this.#live = live
    this.#release = release
  }

  get data(): Data {
    return this.#live.data as Data
  }
  get status(): ViewStatus {
    return this.#live.status
  }
  get error(): MutationError | undefined {
    return this.#live.error
  }
  get stale(): boolean {
    return this.#live.stale
  }

  subscribe(listener: (view: View<Data>) => void): () => void {
    const stop = this.listen(listener)
    listener(this)
    return stop
  }

  listen(listener: (view: View<Data>) => void): () => void {
    const stop = this.#live.listen(() => listener(this))
    this.#stops.add(stop)
    return () => {
      stop()
      this.#stops.delete(stop)
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    for (const stop of this.#stops) stop()
    this.#stops.clear()
    this.#release()
  }
}
