import {useCallback, useState} from 'react'

/** State of this browser alone, remembered in it. */
export function useStored(key: string, initial: () => string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => {
    const stored = localStorage.getItem(key)
    if (stored !== null) return stored
    const made = initial()
    localStorage.setItem(key, made)
    return made
  })
  const store = useCallback(
    (next: string) => {
      localStorage.setItem(key, next)
      setValue(next)
    },
    [key],
  )
  return [value, store]
}
