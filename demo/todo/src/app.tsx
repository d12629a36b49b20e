import {useState} from 'react'
import type {ReactElement} from 'react'
import {uuid} from 'tidemark'
import {useQuery, useTidemark} from 'tidemark/react'
import {ListSidebar} from './list-sidebar.js'
import {rankAtEnd} from './rank.js'
import {Rejections} from './rejections.js'
import {ShortcutsDialog} from './shortcuts-dialog.js'
import {StatusBar} from './status-bar.js'
import {queries} from './sync.js'
import {TodoList} from './todo-list.js'
import {useShortcuts} from './use-shortcuts.js'

export function App(): ReactElement {
  const tm = useTidemark()
  const [lists, {status}] = useQuery(queries.lists())
  const [chosen, choose] = useState(() => location.hash.slice(1))
  const [showKeys, setShowKeys] = useState(false)
  const list = lists.find(each => each.id === chosen) ?? lists[0]
  useShortcuts({'?': () => setShowKeys(true)})

  const select = (id: string): void => {
    choose(id)
    history.replaceState(null, '', `#${id}`)
  }
  const add = (title: string): void => {
    const id = uuid()
    tm.mutate.list.add({id, title, rank: rankAtEnd(lists)})
    select(id)
  }
  return (
    <div className="app">
      <ListSidebar lists={lists} current={list?.id} onSelect={select} onAdd={add} />
      <div className="page">
        <StatusBar onShowKeys={() => setShowKeys(true)} />
        {list === undefined ? (
          <Welcome loading={status === 'partial'} onAdd={add} />
        ) : (
          <TodoList key={list.id} list={list} />
        )}
      </div>
      <Rejections />
      {showKeys && <ShortcutsDialog onClose={() => setShowKeys(false)} />}
    </div>
  )
}

interface WelcomeProps {
  readonly loading: boolean
  readonly onAdd: (title: string) => void
}

function Welcome({loading, onAdd}: WelcomeProps): ReactElement {
  const suggestions = ['Groceries', 'This week', 'Trip to the sea']
  return (
    <main className="welcome" data-testid="welcome">
      <div className="wave" aria-hidden="true" />
      <h1>No lists yet</h1>
      <p>
        {loading
          ? 'Lists of others show up here as soon as the server answers. You can begin without it.'
          : 'Make the first one. It is here at once, and with everybody else a moment later.'}
      </p>
      <div className="suggestions">
        {suggestions.map(title => (
          <button key={title} className="pill" onClick={() => onAdd(title)}>
            {title}
          </button>
        ))}
      </div>
    </main>
  )
}
