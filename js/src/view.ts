// A query's result, live. One LiveView per distinct query of a client mirrors the core's view; the View that an app
// holds is a handle on it. Arrays are replaced, never changed, and a row that did not change stays the same object.
import {MutationError} from './errors.js'
import type {TableLayout} from './layout.js'
import type {FlushDocument} from './page-core.js'
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

type RowObject = Readonly<Record<string, unknown>>

export class LiveView {
  status: ViewStatus = 'partial'
  error: MutationError | undefined
  stale = false
  /** Handles that are open. */
  uses = 0
  readonly #listeners = new Set<() => void>()
  readonly #layout: TableLayout
  readonly #one: boolean
  #rows: readonly RowObject[] = []

  constructor(layout: TableLayout, one: boolean) {
    this.#layout = layout
    this.#one = one
  }

  get data(): unknown {
    return this.#one ? this.#rows[0] : this.#rows
  }

  /** Takes a flush over; nobody is told yet, because other views may follow from the same event. */
  apply(flush: FlushDocument): void {
    this.status = flush.status
    this.stale = flush.stale
    this.error = flush.error === undefined ? undefined : MutationError.from(flush.error)
    if (flush.rows !== undefined) {
      this.#rows = flush.rows.map(values => this.#layout.row(values))
    } else if (flush.edits !== undefined && flush.edits.length > 0) {
      this.#edit(flush.edits)
    }
  }

  notify(): void {
    callAll(this.#listeners, undefined)
  }

  listen(listener: () => void): () => void {
    const own = (): void => listener()
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  #edit(edits: NonNullable<FlushDocument['edits']>): void {
    const rows = this.#rows.slice()
    for (const [kind, index, values] of edits) {
      if (values === undefined) rows.splice(index, 1)
      else if (kind === 0) rows.splice(index, 0, this.#layout.row(values))
      else rows[index] = this.#layout.row(values)
    }
    this.#rows = rows
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
