// A page's client: `Tidemark.open` and what an app does with it. Everything on it is synchronous but for the promises
// of a call and of `run`. Decides nothing about data: the core does (page-core.ts); this is its idiomatic face.
import {createPageModule} from '#wasm/page'
import type {App} from './app.js'
import {appDefinitions} from './app.js'
import {createAppRuntime} from './app-runtime.js'
import type {AppRuntime} from './app-runtime.js'
import {MutationError} from './errors.js'
import {decodeArgs, encodeArgs} from './json.js'
import {layoutsOf} from './layout.js'
import type {Mutate} from './mutators.js'
import {newClientID, newSeed, randomName, syncUrl, webSocketOf} from './options.js'
import type {ConnectionState, OpenOptions, RejectedMutation} from './options.js'
import {PageCore} from './page-core.js'
import type {LinkDocument, PageModule, PageSink, RejectionDocument} from './page-core.js'
import {PageLifecycle} from './page-lifecycle.js'
import {PendingCalls, valueOf} from './pending-calls.js'
import {resolve} from './queries.js'
import type {QueryRequest, RequestData} from './queries.js'
import type {QueryAst} from './query-ast.js'
import {Rejected} from './rejected.js'
import type {RegisteredApp} from './register.js'
import {Store} from './store.js'
import type {ReadableStore} from './store.js'
import type {Claims} from './tx.js'
import {SocketUpstream, StartingWorker, WorkerUpstream} from './upstream.js'
import type {Upstream, UpstreamEvents} from './upstream.js'
import {ttlMs, ttlSeconds} from './ttl.js'
import type {Ttl} from './ttl.js'
import type {View} from './view.js'
import {loadModule} from './wasm-module.js'
import {WatchedQueries} from './watched-queries.js'
import type {StorageState} from './worker/protocol.js'

/** `open` waits this long for the relay's word, and then goes on. */
const openWithinMs = 300

/** Instances of this page by server, user and name. Not part of the package's surface. */
export const instances = new Map<string, {tidemark: Promise<Swappable>; uses: number}>()

/** What hot-swap.ts needs of an instance, whatever its app. */
interface Swappable {
  replaceApp(app: App): void
}

const version = '0.1.0'

export interface WatchOptions {
  /**
   * How long a query stays subscribed after its last view was closed, and its rows in the browser's storage after the last
   * page that wanted it (30 days where none is given).
   */
  readonly ttl?: Ttl
}

/** A query that is kept up to date without being shown. */
export interface Preloaded {
  /** Resolves when the server's rows are here; rejects when it refuses the query. */
  readonly complete: Promise<void>
  /** Ends it before its time. */
  close(): void
}

const preloadTtl = '5m'

export class Tidemark<A extends App = RegisteredApp> {
  /** This client's id: one open page. */
  readonly clientID: string
  /** The app's mutators: `tm.mutate.todo.add({…})` shows in every view before it returns. */
  readonly mutate: Mutate<A['mutators']>
  readonly connection: ReadableStore<ConnectionState>
  readonly storageState: ReadableStore<StorageState>
  /** Mutations of this browser that the server has not confirmed: at 0 it is safe to close. */
  readonly pending: ReadableStore<number>
  /** Mutations that were refused, until they are dismissed. */
  readonly rejected: Rejected

  readonly #options: OpenOptions<A>
  readonly #database: string
  readonly #connection = new Store<ConnectionState>({state: 'connecting', reason: ''})
  readonly #storage = new Store<StorageState>({state: 'opening'})
  readonly #pending = new Store(0)
  readonly #calls = new PendingCalls()
  readonly #queries: WatchedQueries
  readonly #core: PageCore
  readonly #lifecycle: PageLifecycle
  readonly #known: Promise<void>
  #runtime: AppRuntime
  #app: A
  #upstream: Upstream
  /** What the server last said of the user; `#claims` is its text. */
  #auth: Claims | null = null
  #claims = 'null'
  #claimsChanged = false
  #askedToPersist = false
  #closed = false

  /**
   * Opens the app's database in this browser and begins to sync. Resolves in tens of milliseconds, online or not. The
   * same server, user and name give the same instance, counted: each `open` wants its `close`.
   */
  static async open<A extends App = RegisteredApp>(options: OpenOptions<A>): Promise<Tidemark<A>> {
    const key = JSON.stringify([
      syncUrl(options.server),
      options.user ?? '',
      options.name ?? 'main',
    ])
    const known = instances.get(key)
    if (known !== undefined) {
      known.uses += 1
      return (await known.tidemark) as unknown as Tidemark<A>
    }
    const tidemark = Tidemark.#create(options, key)
    instances.set(key, {tidemark, uses: 1})
    try {
      return await tidemark
    } catch (error) {
      instances.delete(key)
      throw error
    }
  }

  static async #create<A extends App>(options: OpenOptions<A>, key: string): Promise<Tidemark<A>> {
    // The worker opens its files while the page's module is compiled.
    const worker = startWorker(options, key)
    let made: Tidemark<A>
    try {
      const url = options.wasmUrl?.page ?? new URL('./tidemark_page.wasm', import.meta.url)
      made = new Tidemark(await loadModule(createPageModule, url), options, key, worker)
    } catch (error) {
      worker?.worker.terminate()
      throw error
    }
    await Promise.race([
      made.#known,
      new Promise(resolve => {
        setTimeout(resolve, openWithinMs)
      }),
    ])
    return made
  }

  private constructor(
    module: PageModule,
    options: OpenOptions<A>,
    key: string,
    worker: StartingWorker | undefined,
  ) {
    this.#options = options
    this.#database = key
    this.#app = options.app
    this.#runtime = createAppRuntime(options.app)
    this.clientID = newClientID()
    this.connection = this.#connection
    this.storageState = this.#storage
    this.pending = this.#pending
    this.rejected = new Rejected({
      dismiss: (client, id) => this.#core.dismiss(client, id),
      retry: (name, args) => void this.#mutate(name, args),
      onRejected: rejected => options.onRejected?.(rejected),
    })
    this.#queries = new WatchedQueries(() => this.#core, {
      astOf: request => this.#astOf(request),
      layouts: () => layoutsOf(this.#app.schema),
    })
    this.#core = new PageCore(
      module,
      {
        schemaJson: JSON.stringify(options.app.schema.document),
        clientID: this.clientID,
        build: version,
        runMutator: (host, name, args, ctx) => this.#runtime.runMutator(host, name, args, ctx),
      },
      this.#sink(),
    )
    this.mutate = this.#mutateTree()
    let known: () => void = () => undefined
    this.#known = new Promise(resolve => (known = resolve))
    const events = this.#upstreamEvents(known)
    this.#upstream =
      worker === undefined
        ? this.#openSocket(events, options.storage === 'memory' ? undefined : 'unsupported')
        : new WorkerUpstream(worker, events)
    this.#lifecycle = new PageLifecycle({
      network: (online, visible) => this.#upstream.network(online, visible),
      pause: () => this.#upstream.pause(),
      resume: () => this.#upstream.resume(),
    })
  }

  /**
   * A live view of a query. Close it when it is not shown any more; with a `ttl` the query stays subscribed for that long
   * after its last view was closed.
   */
  watch<R extends QueryRequest>(request: R, {ttl}: WatchOptions = {}): View<RequestData<R>> {
    this.#checkOpen()
    return this.#queries.open(request, ttlMs(ttl ?? 0), ttlSeconds(ttl))
  }

  /** Syncs a query that will be shown soon: it is subscribed for its `ttl` (5 minutes). */
  preload(request: QueryRequest, {ttl}: WatchOptions = {}): Preloaded {
    this.#checkOpen()
    const view = this.#queries.open(request, ttlMs(ttl ?? preloadTtl), ttlSeconds(ttl))
    // Held until it is complete: who refuses it has said so by then.
    const complete = completion(view)
    complete.then(
      () => view.close(),
      () => view.close(),
    )
    const close = (): void => {
      view.close()
      this.#queries.forget(request)
    }
    return {complete, close}
  }

  /**
   * A query's result, once. `until: 'complete'` waits for the server's word, and rejects if the server refuses the query;
   * otherwise it is what is here.
   */
  async run<R extends QueryRequest>(
    request: R,
    options: {readonly until?: 'complete' | 'now'} = {},
  ): Promise<RequestData<R>> {
    const view = this.watch(request)
    try {
      if (options.until === 'complete') await completion(view)
      return view.data
    } finally {
      view.close()
    }
  }

  /**
   * Tries to connect now; leaves `unauthorized` (`auth` is asked again). When connected, `auth` is asked again and another
   * token takes the place of the present one, without reconnecting: what it gives and takes is there with the next poke.
   */
  connect(): void {
    this.#upstream.connect()
  }

  /**
   * Forgets what is stored in this browser. Rejects while mutations are pending, unless they are to be discarded. The
   * instance is closed afterwards.
   */
  async clear(options: {readonly pending?: 'discard'} = {}): Promise<void> {
    if (this.#pending.get() > 0 && options.pending !== 'discard') {
      throw new MutationError(
        '',
        `${this.#pending.get()} mutations are not confirmed by the server: wait, or discard them`,
        {pending: this.#pending.get()},
        'conflict',
      )
    }
    await this.#upstream.clear(options.pending === 'discard')
    this.#shutDown()
  }

  /** Ends the session: with `keep` what is pending waits for the same user's next one. */
  async logout(options: {readonly pending: 'keep' | 'discard'}): Promise<void> {
    if (options.pending === 'discard') await this.clear({pending: 'discard'})
    else this.#shutDown()
  }

  /**
   * Exchanges mutators and queries in place (hot reload): open views of a query that changed show the new one. The schema
   * must be the same.
   */
  replaceApp(app: A): void {
    if (JSON.stringify(app.schema.document) !== JSON.stringify(this.#app.schema.document)) {
      throw new TypeError('replaceApp: the schema changed: reload the page')
    }
    this.#app = app
    this.#runtime = createAppRuntime(app)
    this.#queries.refresh()
    this.#queries.notify()
  }

  /** Gives the instance back; the last one ends it. What is pending stays in the browser's storage. */
  close(): void {
    const instance = instances.get(this.#database)
    if (instance !== undefined && --instance.uses > 0) return
    this.#shutDown()
  }

  // ---- views ----

  /** A request by the queries of the app as it is now: hot reload may have exchanged the one it was made with. */
  #astOf(request: QueryRequest): QueryAst {
    const context = {auth: this.#auth, location: 'client'} as const
    const definition = this.#app[appDefinitions].queries.get(request.name)
    if (definition === undefined) return request.ast(context)
    return resolve(this.#app.schema, definition, request.argsJson, context)
  }

  // ---- mutations ----

  #mutate(name: string, args: unknown): ReturnType<PendingCalls['add']> {
    this.#checkOpen()
    const argsJson = encodeArgs(args ?? {}, name)
    try {
      const {id, result} = this.#core.mutate(name, argsJson, Date.now(), newSeed())
      return this.#calls.add(id, valueOf(result))
    } finally {
      this.#queries.notify()
      this.#persistStorage()
    }
  }

  #mutateTree(): Mutate<A['mutators']> {
    const tree: Record<string, unknown> = {}
    for (const name of this.#app[appDefinitions].mutators.keys()) {
      const path = name.split('.')
      const leaf = path.pop() as string
      let node = tree
      for (const part of path) node = (node[part] ??= {}) as Record<string, unknown>
      node[leaf] = (args?: unknown) => this.#mutate(name, args)
    }
    return tree as Mutate<A['mutators']>
  }

  /** After the first write the browser is asked not to evict us. */
  #persistStorage(): void {
    if (this.#askedToPersist) return
    this.#askedToPersist = true
    const {navigator} = globalThis as {navigator?: {storage?: {persist?: () => Promise<boolean>}}}
    navigator?.storage?.persist?.().catch(() => undefined)
  }

  // ---- core and upstream ----

  #sink(): PageSink {
    return {
      send: bytes => this.#upstream.send(bytes),
      flush: (id, flush) => this.#queries.flush(id, flush),
      pending: count => this.#pending.set(count),
      link: link => this.#onLink(link),
      rejections: list => this.rejected.replace(list.map(rejectedFrom)),
      mutation: event => this.#calls.settle(event),
      refused: error => {
        this.#refused = true
        this.#upstream.refused(error.code, error.message)
      },
    }
  }
  #refused = false

  #onLink({connection, reason, auth}: LinkDocument): void {
    const claims = JSON.stringify(auth)
    if (claims !== this.#claims) {
      this.#claims = claims
      this.#auth = auth as Claims | null
      this.#claimsChanged = true
    }
    this.#setConnection(connection as ConnectionState['state'], reason)
  }

  #setConnection(state: ConnectionState['state'], reason: string): void {
    const before = this.#connection.get()
    if (before.state === state && before.reason === reason) return
    this.#connection.set({state, reason})
    if (state !== 'outdated' || before.state === 'outdated') return
    if (this.#options.onOutdated !== undefined) this.#options.onOutdated(reason)
    else this.#lifecycle.reloadWhenHidden()
  }

  #openSocket(events: UpstreamEvents, reason: string | undefined): Upstream {
    this.#core.goDirect(randomName())
    this.#storage.set({state: 'memory', ...(reason === undefined ? {} : {reason})})
    queueMicrotask(() => events.storage(this.#storage.get()))
    return new SocketUpstream(
      syncUrl(this.#options.server),
      webSocketOf(this.#options.webSocket),
      () => this.#core.pingMessage(),
      events,
    )
  }

  #upstreamEvents(known: () => void): UpstreamEvents {
    return {
      opened: token => {
        this.#act(() => {
          this.#refused = false
          this.#core.setAuthToken(token)
          this.#core.linkOpened()
        })
      },
      closed: () => this.#act(() => this.#core.linkClosed()),
      receive: bytes => {
        this.#act(() => this.#core.message(bytes))
        return !this.#refused
      },
      token: async why => (await this.#options.auth?.(why)) ?? null,
      refreshed: token => this.#act(() => this.#core.setAuthToken(token)),
      storage: state => {
        this.#storage.set(state)
        if (state.state !== 'opening') known()
      },
      connection: (state, reason) => this.#setConnection(state as ConnectionState['state'], reason),
      fault: message => this.#report(new Error(message)),
      unavailable: reason => {
        this.#upstream.close()
        this.#upstream = this.#openSocket(this.#upstreamEvents(known), reason)
      },
    }
  }

  /** An event from outside: whatever the core makes of it is shown at once, and its faults are ours to report. */
  #act(event: () => void): void {
    if (this.#closed) return
    try {
      event()
      if (this.#claimsChanged) {
        this.#claimsChanged = false
        this.#queries.refresh()
      }
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error))
      this.#report(fault)
      this.#upstream.refused('invalid_args', fault.message)
    }
    this.#queries.notify()
  }

  #report(error: Error): void {
    if (this.#options.onError !== undefined) this.#options.onError(error)
    else if (this.#options.logLevel !== 'silent') console.error('tidemark:', error)
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('this Tidemark instance is closed')
  }

  #shutDown(): void {
    if (this.#closed) return
    this.#closed = true
    instances.delete(this.#database)
    this.#lifecycle.stop()
    this.#queries.close()
    this.#upstream.close()
    this.#connection.set({state: 'closed', reason: 'this instance was closed'})
  }
}

/** Nothing where there is no storage, or none is wanted. */
function startWorker<A extends App>(
  options: OpenOptions<A>,
  database: string,
): StartingWorker | undefined {
  const {Worker} = globalThis as {Worker?: typeof globalThis.Worker}
  if (options.storage === 'memory' || Worker === undefined) return undefined
  const worker =
    options.workerUrl === undefined
      ? new Worker(new URL('./relay-worker.js', import.meta.url), {type: 'module'})
      : new Worker(options.workerUrl, {type: 'module'})
  const wasmUrl = options.wasmUrl?.worker
  return new StartingWorker(worker, {
    database,
    server: syncUrl(options.server),
    build: version,
    tab: randomName(),
    newGroup: randomName(),
    ...(wasmUrl === undefined ? {} : {wasmUrl: new URL(wasmUrl, location.href).href}),
  })
}

async function completion<Data>(view: View<Data>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    view.subscribe(({status, error}) => {
      if (status === 'complete') resolve()
      else if (status === 'error') reject(error ?? new Error('the query failed'))
    })
  })
}

function rejectedFrom({client, id, name, args, at, error}: RejectionDocument): RejectedMutation & {
  readonly client: string
  readonly mutation: number
} {
  return {
    id: `${client}:${id}`,
    client,
    mutation: id,
    name,
    args: decodeArgs(JSON.stringify(args)),
    error: MutationError.from(error),
    at,
  }
}
