import {useState} from 'react'
import type {CSSProperties, ReactElement} from 'react'
import type {ConnectionState, StorageState} from 'tidemark'
import {useConnection, usePending, useTidemark} from 'tidemark/react'
import {EditableText} from './editable-text.js'
import {Icon} from './icons.js'
import {ThemeToggle} from './theme-toggle.js'
import {randomHue, randomName, usePresence} from './use-presence.js'
import {useStore} from './use-store.js'
import {useStored} from './use-stored.js'

const connectionText: Record<ConnectionState['state'], string> = {
  connecting: 'Connecting…',
  connected: 'Connected',
  offline: 'Offline',
  unauthorized: 'Not signed in',
  outdated: 'Reload for the new version',
  error: 'Problem with the server',
  closed: 'Closed',
}

const storageText: Record<StorageState['state'], string> = {
  opening: 'Opening storage…',
  persisted: 'Saved on this device',
  memory: 'In memory only',
  busy: 'Storage is busy',
  quarantined: 'Storage was damaged and is rebuilt',
}

export function StatusBar({onShowKeys}: {readonly onShowKeys: () => void}): ReactElement {
  const connection = useConnection()
  const pending = usePending()
  const storage = useStore(useTidemark().storageState)
  return (
    <header className="status">
      <span
        className="state"
        data-testid="connection"
        data-state={connection.state}
        title={connection.reason}
        role="status"
      >
        <i className="dot" />
        {connectionText[connection.state]}
      </span>
      <span
        className="state"
        data-testid="pending"
        data-count={pending}
        title={
          pending === 0 ? 'It is safe to close this page' : 'They are sent when the server is there'
        }
      >
        {pending === 0 ? 'All changes sent' : `${pending} to send`}
      </span>
      <span
        className="state storage"
        data-testid="storage"
        data-state={storage.state}
        data-role={storage.role}
        title={storage.reason ?? (storage.role === 'follower' ? 'through another tab' : '')}
      >
        {storageText[storage.state]}
      </span>
      <span className="space" />
      <People />
      <button className="quiet" title="Keyboard (?)" aria-label="Keyboard" onClick={onShowKeys}>
        <Icon name="keyboard" />
      </button>
      <ThemeToggle />
    </header>
  )
}

function People(): ReactElement {
  const [name, setName] = useStored('todos.name', randomName)
  const [hue] = useStored('todos.hue', randomHue)
  const [editing, setEditing] = useState(false)
  const people = usePresence(name, hue)
  const others = people.filter(person => !person.isMe)
  const title = ['You', ...others.map(person => person.name)].join(', ')
  return (
    <span className="people" data-testid="people" data-count={others.length + 1} title={title}>
      {others.slice(0, 5).map(person => (
        <Avatar key={person.id} name={person.name} hue={person.hue} />
      ))}
      {others.length > 5 && <span className="more">+{others.length - 5}</span>}
      <button
        className="me"
        title="Change your name"
        aria-label="Change your name"
        onClick={() => setEditing(true)}
      >
        <Avatar name={name} hue={hue} />
      </button>
      <EditableText
        value={name}
        label="Your name"
        testID="my-name"
        editing={editing}
        onEdit={() => setEditing(true)}
        onDone={next => {
          setEditing(false)
          if (next !== undefined) setName(next.slice(0, 24))
        }}
      />
    </span>
  )
}

function Avatar({name, hue}: {readonly name: string; readonly hue: string}): ReactElement {
  return (
    <span className="avatar" title={name} style={{'--hue': hue} as CSSProperties}>
      {name.slice(0, 1).toUpperCase()}
    </span>
  )
}
