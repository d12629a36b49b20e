import {useEffect, useRef} from 'react'
import type {ReactElement} from 'react'

const shortcuts = [
  ['n', 'New todo'],
  ['l', 'New list'],
  ['[ ]', 'List before, list after'],
  ['j k ↑ ↓', 'Go through the todos'],
  ['Space', 'Done, or not'],
  ['Enter', 'Rename'],
  ['Del', 'Delete'],
  ['Alt ↑ ↓', 'Move up or down'],
  ['1 2 3', 'All, active, done'],
  ['r', 'Rename the list'],
] as const

export function ShortcutsDialog({onClose}: {readonly onClose: () => void}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      className="shortcuts"
      data-testid="shortcuts"
      onClose={onClose}
      onClick={event => event.target === event.currentTarget && onClose()}
    >
      <h2>Keyboard</h2>
      <dl>
        {shortcuts.map(([keys, action]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
