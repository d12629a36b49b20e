import {useCallback, useSyncExternalStore} from 'react'
import type {ReadableStore} from 'tidemark'

/** The value of one of Tidemark's stores. */
export function useStore<T>(store: ReadableStore<T>): T {
  const subscribe = useCallback((listener: () => void) => store.listen(listener), [store])
  return useSyncExternalStore(subscribe, () => store.get())
}
