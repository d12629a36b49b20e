// The queries of a page that are live: one LiveView each, shared by its handles, opened by the first and kept for some
// time after the last is closed (`ttl`), so that who comes back finds it as it is.
import type {FlushDocument, PageCore} from './page-core.js'
import type {QueryRequest, RequestData} from './queries.js'
import type {QueryAst} from './query-ast.js'
import {ResultNode} from './result-node.js'
import type {TableLayout} from './layout.js'
import {LiveView, ViewHandle} from './view.js'

/** setTimeout's longest. */
const timerMax = 2 ** 31 - 1

interface Watched {
  readonly request: QueryRequest
  readonly live: LiveView
  /** The core's name of it. */
  id: number
  astJson: string
  /** Seconds that it is kept in the browser's storage, as the core was told last. */
  storedS: number
  /** When it may go; while nobody uses it there is a timer for that. */
  keepUntil: number
  timer: ReturnType<typeof setTimeout> | undefined
}

/** What the queries are resolved by, as it is now. */
export interface QueryResolver {
  readonly astOf: (request: QueryRequest) => QueryAst
  readonly layouts: () => ReadonlyMap<string, TableLayout>
}

type Core = Pick<PageCore, 'watch' | 'keep' | 'unwatch'>

export class WatchedQueries {
  readonly #core: () => Core
  readonly #resolver: QueryResolver
  readonly #byKey = new Map<string, Watched>()
  readonly #byID = new Map<number, LiveView>()
  readonly #changed = new Set<LiveView>()
  #closed = false

  constructor(core: () => Core, resolver: QueryResolver) {
    this.#core = core
    this.#resolver = resolver
  }

  /** A handle on the query's view; `ttlMs` counts from its close, `storedS` from the last page's that wants the query. */
  open<R extends QueryRequest>(request: R, ttlMs: number, storedS = 0): ViewHandle<RequestData<R>> {
    const watched = this.#byKey.get(request.key) ?? this.#add(request, storedS)
    if (watched.storedS !== storedS) {
      watched.storedS = storedS
      this.#core().keep(watched.id, storedS)
    }
    watched.live.uses += 1
    clearTimeout(watched.timer)
    return new ViewHandle(watched.live, () => this.#release(watched, ttlMs))
  }

  /** Ends what is only kept for its ttl. */
  forget(request: QueryRequest): void {
    const watched = this.#byKey.get(request.key)
    if (watched?.live.uses === 0) this.#remove(watched)
  }

  flush(id: number, flush: FlushDocument): void {
    const live = this.#byID.get(id)
    if (live === undefined) return
    live.apply(flush)
    this.#changed.add(live)
  }

  /** Tells what changed, after all of one event has been taken over: no listener sees half of it. */
  notify(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const live of changed) live.notify()
  }

  /** Queries may have other trees, by another app or other claims: those that do begin anew. */
  refresh(): void {
    for (const watched of this.#byKey.values()) {
      let ast: QueryAst
      try {
        ast = this.#resolver.astOf(watched.request)
      } catch {
        continue // What becomes of the query is for the server to say.
      }
      if (JSON.stringify(ast) === watched.astJson) continue
      // The new view first: its subscription is the same, and goes on.
      const before = watched.id
      this.#byID.delete(before)
      this.#watch(watched, ast)
      this.#core().unwatch(before)
    }
  }

  close(): void {
    this.#closed = true
    for (const {timer} of this.#byKey.values()) clearTimeout(timer)
  }

  #add(request: QueryRequest, storedS: number): Watched {
    const ast = this.#resolver.astOf(request)
    const live = new LiveView(new ResultNode(this.#resolver.layouts(), ast))
    const watched: Watched = {
      request,
      live,
      id: 0,
      astJson: '',
      storedS,
      keepUntil: 0,
      timer: undefined,
    }
    this.#watch(watched, ast)
    this.notify()
    return watched
  }

  #watch(watched: Watched, ast: QueryAst): void {
    const {name, argsJson, key} = watched.request
    const astJson = JSON.stringify(ast)
    this.#core().watch(name, argsJson, astJson, watched.storedS, id => {
      if (watched.id !== 0) watched.live.reshape(new ResultNode(this.#resolver.layouts(), ast))
      watched.id = id
      watched.astJson = astJson
      this.#byKey.set(key, watched)
      this.#byID.set(id, watched.live)
    })
  }

  #release(watched: Watched, ttlMs: number): void {
    if (ttlMs > 0) watched.keepUntil = Math.max(watched.keepUntil, Date.now() + ttlMs)
    if (--watched.live.uses === 0) this.#expire(watched)
  }

  #expire(watched: Watched): void {
    const left = watched.keepUntil - Date.now()
    if (left <= 0) this.#remove(watched)
    else if (!this.#closed && left < Infinity) {
      watched.timer = setTimeout(() => this.#expire(watched), Math.min(left, timerMax))
      // Node is not kept running for it.
      const {timer} = watched as {timer: {unref?: () => void} | number}
      if (typeof timer === 'object') timer.unref?.()
    }
  }

  #remove(watched: Watched): void {
    clearTimeout(watched.timer)
    if (this.#byKey.get(watched.request.key) !== watched) return
    this.#byKey.delete(watched.request.key)
    this.#byID.delete(watched.id)
    if (!this.#closed) this.#core().unwatch(watched.id)
  }
}
