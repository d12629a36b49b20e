import type {ReactElement} from 'react'
import {useTidemark} from 'tidemark/react'
import {Icon} from './icons.js'
import {useStore} from './use-store.js'

/** What the server refused: nothing that was written disappears without a word. */
export function Rejections(): ReactElement | null {
  const tm = useTidemark()
  const rejected = useStore(tm.rejected)
  if (rejected.length === 0) return null
  return (
    <div className="rejections" role="alert" data-testid="rejections">
      {rejected.slice(-3).map(({id, name, error}) => (
        <div className="rejection" key={id}>
          <div>
            <strong>Not saved</strong>
            <p>{error.message}</p>
            <small>{name}</small>
          </div>
          <button onClick={() => tm.rejected.retry(id)}>Try again</button>
          <button className="quiet" aria-label="Dismiss" onClick={() => tm.rejected.dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  )
}
