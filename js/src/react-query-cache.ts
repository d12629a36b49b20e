// The views that hooks of one instance share: one per query, opened when the first component that shows it is committed,
// closed some time after the last one is gone, so that going back and forth between two screens asks nothing anew.
import {isMutationError, MutationError} from './errors.js'
import type {QueryRequest} from './queries.js'
import type {Tidemark} from './tidemark.js'
import type {View, ViewStatus} from './view.js'

/** What is known about a query's result; see View. */
export interface QueryInfo {
  readonly status: ViewStatus
  readonly error: MutationError | undefined
  readonly stale: boolean
  /** After an error: asks again. */
  readonly retry: () => void
}

/** The same array for as long as nothing changed. */
export type QuerySnapshot = readonly [data: never, info: QueryInfo]

const graceMs = 5000

interface Entry {
  readonly request: QueryRequest
  readonly listeners: Set<() => void>
  readonly retry: () => void
  view: View<unknown> | undefined
  /** Components that show it. */
  holders: number
  timer: ReturnType<typeof setTimeout> | undefined
  snapshot: QuerySnapshot
}

export class QueryCache {
  readonly #entries = new Map<string, Entry>()
  readonly #tidemark: Tidemark

  constructor(tidemark: Tidemark) {
    this.#tidemark = tidemark
  }

  /** What a component shows now; nothing is asked for. */
  snapshot(request: QueryRequest): QuerySnapshot {
    return this.#entries.get(request.key)?.snapshot ?? emptyOf(request)
  }

  /** For as long as the listener is there the entry is, too: its component holds it. */
  listen(request: QueryRequest, listener: () => void): () => void {
    const {listeners} = this.#entry(request)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** The query is shown from now on, until the returned function is called. */
  hold(request: QueryRequest): () => void {
    const entry = this.#entry(request)
    entry.holders += 1
    clearTimeout(entry.timer)
    if (entry.view === undefined) this.#open(entry)
    return () => {
      entry.holders -= 1
      if (entry.holders > 0) return
      entry.timer = setTimeout(() => {
        this.#entries.delete(request.key)
        entry.view?.close()
      }, graceMs)
    }
  }

  #entry(request: QueryRequest): Entry {
    let entry = this.#entries.get(request.key)
    if (entry === undefined) {
      const made: Entry = {
        request,
        listeners: new Set(),
        retry: () => this.#retry(made),
        view: undefined,
        holders: 0,
        timer: undefined,
        snapshot: emptyOf(request),
      }
      entry = made
      this.#entries.set(request.key, entry)
    }
    return entry
  }

  #open(entry: Entry): void {
    try {
      const view = this.#tidemark.watch(entry.request)
      entry.view = view
      view.subscribe(({data, status, error, stale}) => {
        entry.snapshot = [data as never, {status, error, stale, retry: entry.retry}]
        for (const listener of [...entry.listeners]) listener()
      })
    } catch (thrown) {
      // The query itself threw, as it does for arguments that it does not take.
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      const error = isMutationError(thrown)
        ? thrown
        : new MutationError('', message, undefined, 'internal')
      const [data] = entry.snapshot
      entry.snapshot = [data, {status: 'error', error, stale: false, retry: entry.retry}]
      for (const listener of [...entry.listeners]) listener()
    }
  }

  #retry(entry: Entry): void {
    if (entry.holders === 0 || entry.snapshot[1].status !== 'error') return
    entry.view?.close()
    entry.view = undefined
    this.#open(entry)
  }
}

const caches = new WeakMap<Tidemark, QueryCache>()

export function queryCache(tidemark: Tidemark): QueryCache {
  let cache = caches.get(tidemark)
  if (cache === undefined) {
    cache = new QueryCache(tidemark)
    caches.set(tidemark, cache)
  }
  return cache
}

const nothing: QueryInfo = {
  status: 'partial',
  error: undefined,
  stale: false,
  retry: () => undefined,
}
const noRows: QuerySnapshot = [[] as never, nothing]
const noRow: QuerySnapshot = [undefined as never, nothing]

/** Before anything is known: no rows, or no row. */
export const emptySnapshot = (many: boolean): QuerySnapshot => (many ? noRows : noRow)

function emptyOf(request: QueryRequest): QuerySnapshot {
  try {
    return emptySnapshot(request.ast().one !== true)
  } catch {
    return noRow
  }
}
