import {useState} from 'react'
import type {DragEvent, KeyboardEvent, ReactElement} from 'react'
import {useTidemark} from 'tidemark/react'
import {EditableText} from './editable-text.js'
import {Icon} from './icons.js'

export interface Todo {
  readonly id: string
  readonly title: string
  readonly done: boolean
  readonly rank: string
}

interface TodoItemProps {
  readonly todo: Todo
  readonly editing: boolean
  readonly onEdit: () => void
  readonly onDone: () => void
  readonly onRemove: () => void
  readonly onKey: (event: KeyboardEvent) => void
  /** Todo `id` was dropped before this one, or after it. */
  readonly onDrop: (id: string, after: boolean) => void
}

const dragType = 'application/x-todo'

/** True if the pointer is in the lower half of what the event is about. */
function isLower(event: DragEvent<HTMLElement>): boolean {
  const {top, height} = event.currentTarget.getBoundingClientRect()
  return event.clientY > top + height / 2
}

export function TodoItem(props: TodoItemProps): ReactElement {
  const {todo, editing, onEdit, onDone, onRemove, onKey, onDrop} = props
  const tm = useTidemark()
  const [over, setOver] = useState<'before' | 'after'>()

  return (
    <li
      className="item"
      data-testid="todo"
      data-done={todo.done}
      data-over={over}
      tabIndex={0}
      draggable={!editing}
      onKeyDown={event => {
        if (event.target === event.currentTarget) onKey(event)
      }}
      onDragStart={event => {
        event.dataTransfer.setData(dragType, todo.id)
        event.dataTransfer.effectAllowed = 'move'
      }}
      onDragOver={event => {
        if (!event.dataTransfer.types.includes(dragType)) return
        event.preventDefault()
        setOver(isLower(event) ? 'after' : 'before')
      }}
      onDragLeave={() => setOver(undefined)}
      onDrop={event => {
        event.preventDefault()
        setOver(undefined)
        onDrop(event.dataTransfer.getData(dragType), isLower(event))
      }}
    >
      <span className="grip" title="Drag to reorder (Alt+↑, Alt+↓)">
        <Icon name="grip" />
      </span>
      <button
        className="tick"
        role="checkbox"
        aria-checked={todo.done}
        aria-label={`Done: ${todo.title}`}
        data-testid="todo-done"
        tabIndex={-1}
        onClick={() => tm.mutate.todo.setDone({id: todo.id, done: !todo.done})}
      >
        <Icon name="check" />
      </button>
      <EditableText
        value={todo.title}
        label="Title of the todo"
        testID="todo-title"
        editing={editing}
        onEdit={onEdit}
        onDone={title => {
          if (title !== undefined) tm.mutate.todo.rename({id: todo.id, title})
          onDone()
        }}
      />
      <button
        className="quiet"
        data-testid="todo-rename"
        aria-label={`Rename: ${todo.title}`}
        title="Rename (Enter)"
        tabIndex={-1}
        onClick={onEdit}
      >
        <Icon name="pencil" />
      </button>
      <button
        className="quiet danger"
        data-testid="todo-remove"
        aria-label={`Delete: ${todo.title}`}
        title="Delete (Del)"
        tabIndex={-1}
        onClick={onRemove}
      >
        <Icon name="trash" />
      </button>
    </li>
  )
}
