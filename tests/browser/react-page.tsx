// The page of the tests of `tidemark/react`: screens that a test goes to, and a record of what was rendered.
import {Component, memo, StrictMode, Suspense, useLayoutEffect, useState} from 'react'
import type {ReactNode} from 'react'
import {createRoot} from 'react-dom/client'
import type {RequestData, Ttl} from 'tidemark'
import {TidemarkProvider, usePagedQuery, useQuery, useSuspenseQuery} from 'tidemark/react'
import {queries} from './app.js'
import './page.js'

type List = RequestData<ReturnType<typeof queries.lists>>[number]
type Item = List['items'][number]

interface Screens {
  show: (name: keyof typeof screens | null, props?: object) => void
  /** What was rendered, in order: `list a`, `item a1`, `suspense complete 3`. */
  rendered: string[]
}

declare global {
  interface Window {
    r: Screens
  }
}

const record = (what: string): void => void window.r.rendered.push(what)

class Boundary extends Component<{readonly children: ReactNode}, {error?: Error}> {
  override state: {error?: Error} = {}

  static getDerivedStateFromError(error: Error) {
    return {error}
  }

  override render() {
    const {error} = this.state
    return error === undefined ? this.props.children : <p data-testid="refused">{error.message}</p>
  }
}

function Waiting() {
  const [todos, {status, stale}] = useSuspenseQuery(queries.open())
  record(`suspense ${status} ${todos.length}`)
  return (
    <p data-testid="todos" data-stale={stale}>
      {todos.length}
    </p>
  )
}

function Refused() {
  const [todos] = useSuspenseQuery(queries.secret())
  return <p data-testid="todos">{todos.length}</p>
}

function Below({refused = false}: {readonly refused?: boolean}) {
  return (
    <Boundary>
      <Suspense fallback={<p data-testid="waiting" />}>
        {refused ? <Refused /> : <Waiting />}
      </Suspense>
    </Boundary>
  )
}

function Paged({size}: {readonly size: number}) {
  const [todos, {status, hasMore, loadMore}] = usePagedQuery(({limit}) => queries.first({limit}), {
    size,
  })
  return (
    <main data-testid="paged" data-status={status}>
      <ul>
        {todos.map(({id, title}) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      {hasMore && <button onClick={loadMore}>more</button>}
    </main>
  )
}

const ShownItem = memo(function ShownItem({item}: {readonly item: Item}) {
  record(`item ${item.id}`)
  return <li data-testid={item.id}>{item.text}</li>
})

const ShownList = memo(function ShownList({list}: {readonly list: List}) {
  record(`list ${list.id}`)
  return (
    <ul>
      {list.items.map(item => (
        <ShownItem key={item.id} item={item} />
      ))}
    </ul>
  )
})

function Nested({ttl}: {readonly ttl?: Ttl}) {
  const [lists, {status}] = useQuery(queries.lists(), ttl === undefined ? {} : {ttl})
  record(`nested ${status} ${lists.length}`)
  return (
    <main data-testid="nested" data-status={status}>
      {lists.map(list => (
        <ShownList key={list.id} list={list} />
      ))}
    </main>
  )
}

const screens = {below: Below, paged: Paged, nested: Nested}

type Shown = readonly [name: keyof typeof screens | null, props: object]

function App() {
  const [[name, props], setShown] = useState<Shown>([null, {}])
  useLayoutEffect(() => {
    window.r.show = (next, nextProps = {}) => setShown([next, nextProps])
  }, [])
  if (name === null) return <p data-testid="nothing" />
  const Screen = screens[name] as (props: object) => ReactNode
  return <Screen {...props} />
}

window.r = {show: () => undefined, rendered: []}
const root = document.createElement('div')
document.body.append(root)
// StrictMode renders twice: what a test counts is rendered once.
const strict = new URLSearchParams(location.search).has('strict')
const app = (
  <TidemarkProvider client={window.t.tm}>
    <App />
  </TidemarkProvider>
)
createRoot(root).render(strict ? <StrictMode>{app}</StrictMode> : app)
