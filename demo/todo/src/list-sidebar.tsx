import {useRef, useState} from 'react'
import type {SubmitEvent, ReactElement} from 'react'
import {useQuery} from 'tidemark/react'
import {Icon} from './icons.js'
import {queries} from './sync.js'
import {useShortcuts} from './use-shortcuts.js'

interface ListSidebarProps {
  readonly lists: readonly {readonly id: string; readonly title: string}[]
  readonly current: string | undefined
  readonly onSelect: (id: string) => void
  readonly onAdd: (title: string) => void
}

export function ListSidebar({lists, current, onSelect, onAdd}: ListSidebarProps): ReactElement {
  const [open] = useQuery(queries.open())
  const [title, setTitle] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const counts = new Map<string, number>()
  for (const {listID} of open) counts.set(listID, (counts.get(listID) ?? 0) + 1)
  const step = (by: number): void => {
    const index = lists.findIndex(list => list.id === current)
    const next = lists[(index + by + lists.length) % lists.length]
    if (next !== undefined) onSelect(next.id)
  }
  useShortcuts({l: () => field.current?.focus(), '[': () => step(-1), ']': () => step(1)})

  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (title.trim() === '') return
    onAdd(title)
    setTitle('')
  }
  return (
    <aside className="sidebar">
      <h2 className="brand">
        <span className="logo">
          <Icon name="check" />
        </span>
        Todos
      </h2>
      <nav aria-label="Lists">
        <ul data-testid="lists">
          {lists.map(list => (
            <li key={list.id}>
              <button
                className="list"
                data-testid="list"
                aria-current={list.id === current ? 'page' : undefined}
                onClick={() => onSelect(list.id)}
              >
                <span className="list-title">{list.title}</span>
                <span className="count">{counts.get(list.id) ?? ''}</span>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <form className="new-list" onSubmit={submit}>
        <Icon name="plus" />
        <input
          ref={field}
          data-testid="new-list"
          aria-label="New list"
          placeholder="New list"
          maxLength={200}
          value={title}
          onChange={event => setTitle(event.target.value)}
          onKeyDown={event => event.key === 'Escape' && event.currentTarget.blur()}
        />
      </form>
    </aside>
  )
}
