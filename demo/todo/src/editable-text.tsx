import {useEffect, useRef, useState} from 'react'
import type {KeyboardEvent, ReactElement} from 'react'

interface EditableTextProps {
  readonly value: string
  readonly label: string
  readonly editing: boolean
  readonly testID: string
  readonly onEdit: () => void
  /** Undefined: nothing is to be changed. */
  readonly onDone: (value: string | undefined) => void
}

/** Text that turns into a field where it stands: double click, Enter or leaving it saves, Escape does not. */
export function EditableText(props: EditableTextProps): ReactElement {
  const {value, editing, testID, onEdit} = props
  if (editing) return <EditField {...props} />
  return (
    <span className="text" data-testid={testID} onDoubleClick={onEdit}>
      {value}
    </span>
  )
}

function EditField({value, label, testID, onDone}: EditableTextProps): ReactElement {
  const [draft, setDraft] = useState(value)
  const field = useRef<HTMLInputElement>(null)
  const left = useRef(false)
  useEffect(() => field.current?.select(), [])

  const finish = (next: string | undefined): void => {
    // Removing the field also takes the focus away from it.
    if (left.current) return
    left.current = true
    const trimmed = next?.trim()
    onDone(trimmed === '' || trimmed === value ? undefined : trimmed)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    if (event.key === 'Enter') finish(draft)
    else if (event.key === 'Escape') finish(undefined)
  }
  return (
    <input
      ref={field}
      autoFocus
      className="edit"
      aria-label={label}
      data-testid={`${testID}-edit`}
      maxLength={200}
      value={draft}
      onChange={event => setDraft(event.target.value)}
      onBlur={() => finish(draft)}
      onKeyDown={onKeyDown}
    />
  )
}
