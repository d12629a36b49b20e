import {useEffect} from 'react'
import type {ReactElement} from 'react'
import {Icon} from './icons.js'
import {useStored} from './use-stored.js'

const systemIsDark = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches

/** Light or dark; the system's choice until somebody makes another. */
export function ThemeToggle(): ReactElement {
  const [theme, setTheme] = useStored('todos.theme', () => '')
  const dark = theme === '' ? systemIsDark() : theme === 'dark'
  useEffect(() => {
    document.documentElement.style.colorScheme = theme === '' ? 'light dark' : theme
  }, [theme])
  const label = dark ? 'Light colours' : 'Dark colours'
  return (
    <button
      className="quiet"
      data-testid="theme"
      title={label}
      aria-label={label}
      onClick={() => setTheme(dark ? 'light' : 'dark')}
    >
      <Icon name={dark ? 'sun' : 'moon'} />
    </button>
  )
}
