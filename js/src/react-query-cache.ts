// The views that hooks of one instance share: one per query, opened when the first component that shows it is committed,
// closed some time after the last one is gone, so that going back and forth between two screens asks nothing anew.
import type {App} from './app.js'
import {isMutationError, MutationError} from './errors.js'
import type {QueryRequest} from './queries.js'
import {emptyResult} from './result-node.js'
import type {Tidemark} from './tidemark.js'
import {ttlMs} from './ttl.js'
import type {Ttl} from './ttl.js'
import type {View, ViewStatus} from './view.js'

/** An instance, whatever its app. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- the default is the registered app
export type AnyTidemark = Tidemark<App>

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
/** A component that waits for a query is not committed: the query is held for it, so long after it is there. */
const waitGraceMs = 30_000

interface Entry {
  readonly request: QueryRequest
  readonly listeners: Set<() => void>
  readonly retry: () => void
  view: View<unknown> | undefined
  /** Components that show it. */
  holders: number
  /** The longest that one of them wants it to stay. */
  keepMs: number
  timer: ReturnType<typeof setTimeout> | undefined
  snapshot: QuerySnapshot
  /** Resolves when the query is not `partial` any more; while somebody waits for that. */
  settled: {readonly promise: Promise<void>; readonly resolve: () => void} | undefined
}

export class QueryCache {
  readonly #entries = new Map<string, Entry>()
  readonly #tidemark: AnyTidemark

  constructor(tidemark: AnyTidemark) {
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

  /** The query is shown from now on, until the returned function is called, and stays for its ttl. */
  hold(request: QueryRequest, ttl: Ttl = graceMs): () => void {
    return this.#hold(this.#entry(request), Math.max(ttlMs(ttl), graceMs))
  }

  /** Resolves when the server's word is here, for who cannot show anything before. */
  settled(request: QueryRequest): Promise<void> {
    const entry = this.#entry(request)
    if (entry.settled !== undefined) return entry.settled.promise
    let resolve: () => void = () => undefined
    const promise = new Promise<void>(settle => (resolve = settle))
    entry.settled = {promise, resolve}
    const release = this.#hold(entry, waitGraceMs)
    void promise.then(release)
    if (entry.snapshot[1].status !== 'partial') {
      entry.settled = undefined
      resolve()
    }
    return promise
  }

  #hold(entry: Entry, keepMs: number): () => void {
    entry.holders += 1
    entry.keepMs = Math.max(entry.keepMs, keepMs)
    clearTimeout(entry.timer)
    if (entry.view === undefined) this.#open(entry)
    return () => {
      entry.holders -= 1
      if (entry.holders > 0) return
      // The longer part of a ttl is the instance's to wait for: nothing of a hook is left then.
      const hereMs = Math.min(entry.keepMs, waitGraceMs)
      entry.timer = setTimeout(() => {
        this.#entries.delete(entry.request.key)
        this.#keep(entry, entry.keepMs - hereMs)
        entry.view?.close()
      }, hereMs)
    }
  }

  #keep({request, view, snapshot}: Entry, ttl: number): void {
    if (ttl <= 0 || view === undefined || snapshot[1].status === 'error') return
    try {
      this.#tidemark.watch(request, {ttl}).close()
    } catch {
      // The instance was closed meanwhile.
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
        keepMs: 0,
        timer: undefined,
        snapshot: emptyOf(request),
        settled: undefined,
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
        this.#show(entry, [data as never, {status, error, stale, retry: entry.retry}])
      })
    } catch (thrown) {
      // The query itself threw, as it does for arguments that it does not take.
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      const error = isMutationError(thrown)
        ? thrown
        : new MutationError('', message, undefined, 'internal')
      const [data] = entry.snapshot
      this.#show(entry, [data, {status: 'error', error, stale: false, retry: entry.retry}])
    }
  }

  #show(entry: Entry, snapshot: QuerySnapshot): void {
    entry.snapshot = snapshot
    for (const listener of [...entry.listeners]) listener()
    if (entry.settled === undefined || snapshot[1].status === 'partial') return
    entry.settled.resolve()
    entry.settled = undefined
  }

  #retry(entry: Entry): void {
    if (entry.holders === 0 || entry.snapshot[1].status !== 'error') return
    entry.view?.close()
    entry.view = undefined
    this.#open(entry)
  }
}

const caches = new WeakMap<AnyTidemark, QueryCache>()

export function queryCache(tidemark: AnyTidemark): QueryCache {
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
const emptySnapshots = new WeakMap<QueryRequest, QuerySnapshot>()
const unasked: QuerySnapshot = [undefined as never, nothing]

/** Before anything is known: no rows, no row, aggregates of nothing. The same one for the same request. */
export function emptyOf(request: QueryRequest | null): QuerySnapshot {
  if (request === null) return unasked
  let snapshot = emptySnapshots.get(request)
  if (snapshot === undefined) {
    snapshot = [emptyData(request) as never, nothing]
    emptySnapshots.set(request, snapshot)
  }
  return snapshot
}

function emptyData(request: QueryRequest): unknown {
  try {
    return emptyResult(request.ast())
  } catch {
    return undefined
  }
}
