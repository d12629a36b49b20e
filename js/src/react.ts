// `tidemark/react`: an open Tidemark in React's context, and queries as hooks.
import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useReducer,
  useState,
  useSyncExternalStore,
} from 'react'
import type {ReactElement, ReactNode} from 'react'
import type {App} from './app.js'
import type {ConnectionState, OpenOptions} from './options.js'
import type {QueryRequest, RequestData} from './queries.js'
import {emptySnapshot, queryCache} from './react-query-cache.js'
import type {QueryInfo, QuerySnapshot} from './react-query-cache.js'
import type {RegisteredApp} from './register.js'
import type {ReadableStore} from './store.js'
import {Tidemark} from './tidemark.js'

export type {QueryInfo} from './react-query-cache.js'

const TidemarkContext = createContext<Tidemark | undefined>(undefined)

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
    const value = props.client as unknown as Tidemark
    return createElement(TidemarkContext.Provider, {value}, props.children)
  }
  const {fallback, children, ...options} = props
  return createElement(
    OpeningProvider,
    {options: options as unknown as OpenOptions, fallback},
    children,
  )
}

interface OpeningProps {
  readonly options: OpenOptions
  readonly fallback: ReactNode
  readonly children?: ReactNode
}

function OpeningProvider({options, fallback, children}: OpeningProps): ReactElement {
  const [first] = useState(options)
  const [opened, setOpened] = useState<Tidemark | {readonly error: unknown} | undefined>()
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
  const tidemark = useContext(TidemarkContext)
  if (tidemark === undefined) {
    throw new Error('useTidemark: there is no <TidemarkProvider> above this component')
  }
  return tidemark as unknown as Tidemark<A>
}

/**
 * A query's result, live, and what is known about it. Keyed by the query's name and arguments: a request may be made anew
 * in every render. Null asks nothing.
 *
 * ```tsx
 * const [todos, {status}] = useQuery(queries.open())
 * ```
 */
export function useQuery<R extends QueryRequest>(request: R): readonly [RequestData<R>, QueryInfo]
export function useQuery<R extends QueryRequest>(
  request: R | null,
): readonly [RequestData<R> | undefined, QueryInfo]
export function useQuery(request: QueryRequest | null): QuerySnapshot {
  const tidemark = useTidemark()
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
  const snapshot = (): QuerySnapshot =>
    current === null ? emptySnapshot(false) : cache.snapshot(current)
  const server = (): QuerySnapshot => emptySnapshot(current?.ast().one !== true)
  const shown = useSyncExternalStore(subscribe, snapshot, server)

  useBeforePaint(() => {
    if (current === null) return undefined
    const before = cache.snapshot(current)
    const release = cache.hold(current)
    // What is here already is shown in this frame and not in the next.
    if (cache.snapshot(current) !== before) rerender()
    return release
  }, [cache, current])
  return shown
}

/** The state of the connection, and what a person can do about it. */
export const useConnection = (): ConnectionState => useStore(useTidemark().connection)

/** How many mutations of this browser the server has not confirmed. */
export const usePending = (): number => useStore(useTidemark().pending)

function useStore<T>(store: ReadableStore<T>): T {
  const subscribe = useCallback((listener: () => void) => store.listen(listener), [store])
  const get = (): T => store.get()
  return useSyncExternalStore(subscribe, get, get)
}

// React before 19 warns of layout effects where there is no layout.
const useBeforePaint =
  (globalThis as {document?: unknown}).document === undefined ? useEffect : useLayoutEffect
