// `tidemark/react`: an open Tidemark in React's context, and queries as hooks.
import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useState,
  useSyncExternalStore,
} from 'react'
import type {ReactElement, ReactNode} from 'react'
import type {App} from './app.js'
import type {ConnectionState, OpenOptions} from './options.js'
import type {QueryRequest, RequestData} from './queries.js'
import {emptyOf, queryCache} from './react-query-cache.js'
import type {AnyTidemark, QueryInfo, QuerySnapshot} from './react-query-cache.js'
import type {RegisteredApp} from './register.js'
import type {ReadableStore} from './store.js'
import {Tidemark} from './tidemark.js'
import type {WatchOptions} from './tidemark.js'
import type {Ttl} from './ttl.js'

export type {QueryInfo} from './react-query-cache.js'

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- the default is the registered app
type AnyOptions = OpenOptions<App>

const TidemarkContext = createContext<AnyTidemark | undefined>(undefined)

export type TidemarkProviderProps<A extends App = App> =
  | {
      /** An instance that is open already; whoever opened it closes it. */
      readonly client: Tidemark<A>
      readonly children?: ReactNode
    }
  | (OpenOptions<A> & {
      /** Shown until the instance is open. */
      readonly fallback?: ReactNode
      readonly children?: ReactNode
    })

/** Gives an instance to the hooks below: an open one, or one that it opens by options, which are read once. */
export function TidemarkProvider<A extends App>(props: TidemarkProviderProps<A>): ReactElement {
  if ('client' in props) {
    const value = props.client as unknown as AnyTidemark
    return createElement(TidemarkContext.Provider, {value}, props.children)
  }
  const {fallback, children, ...options} = props
  return createElement(
    OpeningProvider,
    {options: options as unknown as AnyOptions, fallback},
    children,
  )
}

interface OpeningProps {
  readonly options: AnyOptions
  readonly fallback: ReactNode
  readonly children?: ReactNode
}

function OpeningProvider({options, fallback, children}: OpeningProps): ReactElement {
  const [first] = useState(options)
  const [opened, setOpened] = useState<AnyTidemark | {readonly error: unknown} | undefined>()
  useEffect(() => {
    // Instances are counted, so StrictMode's second open finds the first one.
    let mounted = true
    const opening = Tidemark.open(first)
    opening.then(
      tidemark => {
        if (mounted) setOpened(tidemark)
      },
      (error: unknown) => {
        if (mounted) setOpened({error})
      },
    )
    return () => {
      mounted = false
      opening.then(
        tidemark => tidemark.close(),
        () => undefined,
      )
    }
  }, [first])
  // An error boundary shows what cannot be opened.
  if (opened !== undefined && 'error' in opened) throw opened.error
  const shown = opened === undefined ? fallback : children
  return createElement(TidemarkContext.Provider, {value: opened}, shown)
}

/** The instance of the provider above. */
export function useTidemark<A extends App = RegisteredApp>(): Tidemark<A> {
  return useInstance() as unknown as Tidemark<A>
}

function useInstance(): AnyTidemark {
  const tidemark = useContext(TidemarkContext)
  if (tidemark !== undefined) return tidemark
  throw new Error('useTidemark: there is no <TidemarkProvider> above this component')
}

/**
 * A query's result, live, and what is known about it. Keyed by the query's name and arguments: a request may be made anew
 * in every render. Null asks nothing. It stays subscribed for `ttl` after the last component that shows it is gone (5
 * seconds).
 *
 * ```tsx
 * const [todos, {status}] = useQuery(queries.open())
 * ```
 */
export function useQuery<R extends QueryRequest>(
  request: R,
  options?: WatchOptions,
): readonly [RequestData<R>, QueryInfo]
export function useQuery<R extends QueryRequest>(
  request: R | null,
  options?: WatchOptions,
): readonly [RequestData<R> | undefined, QueryInfo]
export function useQuery(request: QueryRequest | null, options?: WatchOptions): QuerySnapshot {
  return useLiveQuery(request, options?.ttl)
}

/**
 * The same below a `<Suspense>`: waits until the result is confirmed by the server, now or in an earlier session, and
 * throws what the server refuses it with at the error boundary.
 */
export function useSuspenseQuery<R extends QueryRequest>(
  request: R,
  options?: WatchOptions,
): readonly [RequestData<R>, QueryInfo]
export function useSuspenseQuery(request: QueryRequest, options?: WatchOptions): QuerySnapshot {
  const cache = queryCache(useInstance())
  const shown = useLiveQuery(request, options?.ttl)
  const {status, error} = shown[1]
  if (status === 'error' && error !== undefined) throw error
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- how a component says that it waits
  if (status === 'partial') throw cache.settled(request)
  return shown
}

/** What `usePagedQuery` knows beside the rows. */
export interface PagedQueryInfo extends QueryInfo {
  /** There are rows behind those shown. */
  readonly hasMore: boolean
  /** Shows one more page, if there is one. */
  readonly loadMore: () => void
}

export interface PagedQueryOptions extends WatchOptions {
  /** Rows a page. */
  readonly size: number
}

/**
 * A list that grows page by page, all of it live: rows that come and go move the others, and none is missing or there
 * twice. The function makes the query for a number of rows; one row more than is shown is asked for, to know whether there
 * are more.
 *
 * ```tsx
 * const [todos, {hasMore, loadMore}] = usePagedQuery(({limit}) => queries.todos({limit}), {size: 50})
 * ```
 */
export function usePagedQuery<R extends QueryRequest<readonly unknown[]>>(
  query: (page: {readonly limit: number}) => R,
  {size, ttl}: PagedQueryOptions,
): readonly [RequestData<R>, PagedQueryInfo] {
  // Pages of another list begin anew.
  const list = query({limit: size + 1}).key
  const [paged, setPaged] = useState({list, pages: 1})
  const pages = paged.list === list ? paged.pages : 1
  const limit = pages * size
  const [found, info] = useLiveQuery(query({limit: limit + 1}), ttl) as unknown as readonly [
    readonly unknown[],
    QueryInfo,
  ]
  const hasMore = found.length > limit
  const rows = useMemo(() => (hasMore ? found.slice(0, limit) : found), [found, hasMore, limit])
  const loadMore = useCallback(() => {
    if (hasMore) setPaged({list, pages: pages + 1})
  }, [hasMore, list, pages])
  const all = useMemo(() => ({...info, hasMore, loadMore}), [info, hasMore, loadMore])
  return [rows as RequestData<R>, all]
}

function useLiveQuery(request: QueryRequest | null, ttl: Ttl | undefined): QuerySnapshot {
  const tidemark = useInstance()
  const cache = queryCache(tidemark)
  const [, rerender] = useReducer((count: number) => count + 1, 0)
  const key = request?.key
  // The request of the first render with this key stands for all of them.
  const [held, setHeld] = useState(request)
  const current = held?.key === key ? held : request
  if (held !== current) setHeld(current)

  const subscribe = useCallback(
    (listener: () => void) =>
      current === null ? () => undefined : cache.listen(current, listener),
    [cache, current],
  )
  const snapshot = (): QuerySnapshot => (current === null ? emptyOf(null) : cache.snapshot(current))
  const server = (): QuerySnapshot => emptyOf(current)
  const shown = useSyncExternalStore(subscribe, snapshot, server)

  useBeforePaint(() => {
    if (current === null) return undefined
    const before = cache.snapshot(current)
    const release = cache.hold(current, ttl)
    // What is here already is shown in this frame and not in the next.
    if (cache.snapshot(current) !== before) rerender()
    return release
  }, [cache, current, ttl])
  return shown
}

/** The state of the connection, and what a person can do about it. */
export const useConnection = (): ConnectionState => useStore(useInstance().connection)

/** How many mutations of this browser the server has not confirmed. */
export const usePending = (): number => useStore(useInstance().pending)

function useStore<T>(store: ReadableStore<T>): T {
  const subscribe = useCallback((listener: () => void) => store.listen(listener), [store])
  const get = (): T => store.get()
  return useSyncExternalStore(subscribe, get, get)
}

// React before 19 warns of layout effects where there is no layout.
const useBeforePaint =
  (globalThis as {document?: unknown}).document === undefined ? useEffect : useLayoutEffect
