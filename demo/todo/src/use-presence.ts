// Who has the app open: every page writes its own row now and then, and reads everybody's.
import {useEffect, useState} from 'react'
import {useConnection, useQuery, useTidemark} from 'tidemark/react'
import {presenceMs, queries} from './sync.js'

const heartbeatMs = 20_000

export interface Person {
  readonly id: string
  readonly name: string
  readonly hue: string
  readonly isMe: boolean
}

export function usePresence(name: string, hue: string): readonly Person[] {
  const tm = useTidemark()
  const connected = useConnection().state === 'connected'
  const [rows] = useQuery(queries.presence())
  const now = useClock()

  useEffect(() => {
    // A page that nobody can hear does not fill its log with signs of life.
    if (!connected) return undefined
    const beat = (): void => void tm.mutate.presence.here({name, hue})
    const leave = (): void => void tm.mutate.presence.leave()
    beat()
    const timer = setInterval(beat, heartbeatMs)
    window.addEventListener('pagehide', leave)
    window.addEventListener('pageshow', beat)
    return () => {
      clearInterval(timer)
      window.removeEventListener('pagehide', leave)
      window.removeEventListener('pageshow', beat)
    }
  }, [tm, connected, name, hue])

  return rows
    .filter(row => row.id === tm.clientID || row.seenAt > now - presenceMs)
    .map(row => ({id: row.id, name: row.name, hue: row.hue, isMe: row.id === tm.clientID}))
}

/** The time, every few seconds. */
function useClock(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const animals = ['Otter', 'Heron', 'Seal', 'Puffin', 'Crab', 'Whale', 'Tern', 'Gull', 'Eel', 'Ray']

export const randomName = (): string =>
  animals[Math.floor(Math.random() * animals.length)] ?? 'Otter'
export const randomHue = (): string => String(Math.floor(Math.random() * 360))
