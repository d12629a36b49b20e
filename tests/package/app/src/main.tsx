import {StrictMode, useState, useSyncExternalStore} from 'react'
import {createRoot} from 'react-dom/client'
import {TidemarkProvider, useConnection, useQuery, useTidemark} from 'tidemark/react'
import app, {queries} from './sync.js'

function Notes() {
  const tm = useTidemark()
  const [notes] = useQuery(queries.notes())
  const [title, setTitle] = useState('')
  const storage = useSyncExternalStore(
    listener => tm.storageState.listen(listener),
    () => tm.storageState.get(),
  )
  return (
    <main>
      <p data-testid="connection">{useConnection().state}</p>
      <p data-testid="storage">{storage.state}</p>
      <input
        data-testid="add"
        value={title}
        onChange={event => setTitle(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Enter') return
          tm.mutate.add({title})
          setTitle('')
        }}
      />
      <ul>
        {notes.map(({id, title}) => (
          <li key={id} onClick={() => tm.mutate.remove({id})}>
            {title}
          </li>
        ))}
      </ul>
    </main>
  )
}

const root = document.getElementById('root')
if (root === null) throw new Error('there is no element #root')
createRoot(root).render(
  <StrictMode>
    <TidemarkProvider app={app} fallback="opening">
      <Notes />
    </TidemarkProvider>
  </StrictMode>,
)
