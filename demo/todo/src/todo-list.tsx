import {useRef, useState} from 'react'
import type {SubmitEvent, KeyboardEvent, ReactElement} from 'react'
import {uuid} from 'tidemark'
import {useQuery, useTidemark} from 'tidemark/react'
import {EditableText} from './editable-text.js'
import {Icon} from './icons.js'
import {rankAtEnd, rankBefore} from './rank.js'
import {queries} from './sync.js'
import {TodoItem} from './todo-item.js'
import type {Todo} from './todo-item.js'
import {useShortcuts} from './use-shortcuts.js'

const filters = ['all', 'active', 'done'] as const
type Filter = (typeof filters)[number]

const passes = (todo: Todo, filter: Filter): boolean =>
  filter === 'all' || todo.done === (filter === 'done')

interface TodoListProps {
  readonly list: {readonly id: string; readonly title: string}
}

export function TodoList({list}: TodoListProps): ReactElement {
  const tm = useTidemark()
  const [todos, {status, error}] = useQuery(queries.todos({listID: list.id}))
  const [filter, setFilter] = useState<Filter>('all')
  const [editing, setEditing] = useState(false)
  const [editingTodo, setEditingTodo] = useState<string>()
  const field = useRef<HTMLInputElement>(null)
  const items = useRef<HTMLUListElement>(null)
  const shown = todos.filter(todo => passes(todo, filter))
  const done = todos.filter(todo => todo.done).length

  const focusItem = (index: number): void => {
    const row = items.current?.children[index]
    if (row instanceof HTMLElement) row.focus()
  }
  useShortcuts({
    n: () => field.current?.focus(),
    j: () => focusItem(0),
    k: () => focusItem(shown.length - 1),
    '1': () => setFilter('all'),
    '2': () => setFilter('active'),
    '3': () => setFilter('done'),
    r: () => setEditing(true),
  })

  const moveBefore = (id: string, next: string | null): void => {
    if (id !== next) tm.mutate.todo.move({id, rank: rankBefore(todos, id, next)})
  }
  const move = (index: number, by: -1 | 1): void => {
    const todo = shown[index]
    if (todo === undefined || shown[index + by] === undefined) return
    // Down: before the one after the next.
    moveBefore(todo.id, shown[by < 0 ? index - 1 : index + 2]?.id ?? null)
  }
  const remove = (index: number): void => {
    const todo = shown[index]
    if (todo === undefined) return
    tm.mutate.todo.remove({id: todo.id})
    focusItem(Math.min(index + 1, shown.length - 1))
  }
  const onItemKey = (event: KeyboardEvent, index: number): void => {
    const todo = shown[index]
    if (todo === undefined || event.ctrlKey || event.metaKey) return
    const actions: Record<string, () => void> = event.altKey
      ? {ArrowUp: () => move(index, -1), ArrowDown: () => move(index, 1)}
      : {
          ArrowUp: () => focusItem(index - 1),
          k: () => focusItem(index - 1),
          ArrowDown: () => focusItem(index + 1),
          j: () => focusItem(index + 1),
          Home: () => focusItem(0),
          End: () => focusItem(shown.length - 1),
          ' ': () => tm.mutate.todo.setDone({id: todo.id, done: !todo.done}),
          x: () => tm.mutate.todo.setDone({id: todo.id, done: !todo.done}),
          Enter: () => setEditingTodo(todo.id),
          F2: () => setEditingTodo(todo.id),
          Delete: () => remove(index),
          Backspace: () => remove(index),
        }
    const action = actions[event.key]
    if (action === undefined) return
    event.preventDefault()
    event.stopPropagation()
    action()
  }

  return (
    <main className="todos">
      <header className="title">
        <h1>
          <EditableText
            value={list.title}
            label="Title of the list"
            testID="list-title"
            editing={editing}
            onEdit={() => setEditing(true)}
            onDone={title => {
              setEditing(false)
              if (title !== undefined) tm.mutate.list.rename({id: list.id, title})
            }}
          />
        </h1>
        <button
          className="quiet"
          title="Rename the list (r)"
          aria-label="Rename the list"
          onClick={() => setEditing(true)}
        >
          <Icon name="pencil" />
        </button>
        <button
          className="quiet danger"
          data-testid="remove-list"
          title="Delete the list"
          aria-label="Delete the list"
          onClick={() => {
            if (todos.length > 0 && !confirm(`Delete "${list.title}" and what is on it?`)) return
            tm.mutate.list.remove({id: list.id})
          }}
        >
          <Icon name="trash" />
        </button>
      </header>

      <NewTodo
        fieldRef={field}
        onAdd={title =>
          tm.mutate.todo.add({id: uuid(), listID: list.id, title, rank: rankAtEnd(todos)})
        }
        onDown={() => focusItem(0)}
      />

      <div className="filters" role="group" aria-label="Filter">
        {filters.map(each => (
          <button
            key={each}
            data-testid={`filter-${each}`}
            aria-pressed={each === filter}
            onClick={() => setFilter(each)}
          >
            {each}
          </button>
        ))}
        <span className="left" data-testid="left">
          {todos.length - done} left
        </span>
        {done > 0 && (
          <button
            className="clear"
            data-testid="clear-done"
            onClick={() => tm.mutate.todo.removeDone({listID: list.id})}
          >
            Clear {done} done
          </button>
        )}
      </div>

      {error !== undefined && <p className="problem">{error.message}</p>}
      <ul className="items" data-testid="todos" data-status={status} ref={items}>
        {shown.map((todo, index) => (
          <TodoItem
            key={todo.id}
            todo={todo}
            editing={editingTodo === todo.id}
            onEdit={() => setEditingTodo(todo.id)}
            onDone={() => {
              setEditingTodo(undefined)
              focusItem(index)
            }}
            onRemove={() => remove(index)}
            onKey={event => onItemKey(event, index)}
            onDrop={(id, after) => moveBefore(id, after ? (shown[index + 1]?.id ?? null) : todo.id)}
          />
        ))}
      </ul>
      {shown.length === 0 && <Empty filter={filter} any={todos.length > 0} />}
    </main>
  )
}

interface NewTodoProps {
  readonly fieldRef: React.Ref<HTMLInputElement>
  readonly onAdd: (title: string) => void
  readonly onDown: () => void
}

function NewTodo({fieldRef, onAdd, onDown}: NewTodoProps): ReactElement {
  const [title, setTitle] = useState('')
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (title.trim() === '') return
    onAdd(title)
    setTitle('')
  }
  return (
    <form className="new-todo" onSubmit={submit}>
      <Icon name="plus" />
      <input
        ref={fieldRef}
        data-testid="new-todo"
        aria-label="New todo"
        placeholder="What is to be done?"
        maxLength={200}
        value={title}
        onChange={event => setTitle(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') event.currentTarget.blur()
          else if (event.key === 'ArrowDown') onDown()
        }}
      />
      <kbd>n</kbd>
    </form>
  )
}

function Empty({filter, any}: {readonly filter: Filter; readonly any: boolean}): ReactElement {
  const [head, body] = !any
    ? ['Nothing on this list', 'Write the first thing above.']
    : filter === 'done'
      ? ['Nothing is done yet', 'Tick something off and it shows up here.']
      : ['All done', 'Time for a walk by the water.']
  return (
    <div className="empty" data-testid="empty">
      <div className="wave" aria-hidden="true" />
      <strong>{head}</strong>
      <p>{body}</p>
    </div>
  )
}
