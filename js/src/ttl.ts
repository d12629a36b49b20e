// How long a query is kept when nobody uses it.
import {invalidArgs} from './errors.js'

/** Milliseconds, or `'30s'`, `'5m'`, `'12h'`, `'7d'`, or `'forever'`: for as long as the page is open. */
export type Ttl = number | `${number}${'s' | 'm' | 'h' | 'd'}` | 'forever'

const units: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const secondsMax = 2 ** 32 - 1

/** Seconds, as the core counts them; 0 of none. */
export const ttlSeconds = (ttl: Ttl = 0): number =>
  Math.min(Math.ceil(ttlMs(ttl) / 1000), secondsMax)

/** The milliseconds of a ttl. */
export function ttlMs(ttl: Ttl): number {
  if (ttl === 'forever') return Infinity
  if (typeof ttl === 'number' && ttl >= 0) return ttl
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(String(ttl)) ?? []
  const factor = units.get(unit)
  if (factor !== undefined) return Number(digits) * factor
  throw invalidArgs(`a ttl is milliseconds, '30s', '5m', '12h', '7d' or 'forever', not ${ttl}`)
}
