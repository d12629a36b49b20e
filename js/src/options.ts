// What `Tidemark.open` takes, what the stores hold, and how defaults are found.
import type {App} from './app.js'
import type {MutationError} from './errors.js'
import type {AuthReason, WebSocketConstructor} from './server-socket.js'

export interface OpenOptions<A extends App = App> {
  readonly app: A
  /** The server's URL; the page's origin by default. */
  readonly server?: string
  /**
   * Gives the user's token, a JSON Web Token (docs/auth.md), or null for none. Asked for each connection, before the token
   * expires (it is swapped, nothing is reconnected), and when the server refused one: another is then tried, once.
   * Default: none.
   */
  readonly auth?: (why: AuthReason) => string | null | Promise<string | null>
  /** Part of the database's name: what one user wrote is not another's. Default: nobody in particular. */
  readonly user?: string
  /** Several databases of one app on one origin. Default: `main`. */
  readonly name?: string
  /** `memory`: nothing is stored in this browser. Default: `opfs` where there is such a thing. */
  readonly storage?: 'opfs' | 'memory'
  /** Where a bundler that loses the package's own files has put them. */
  readonly workerUrl?: string
  readonly wasmUrl?: {readonly page?: string; readonly worker?: string}
  /** Where the platform has no WebSocket of its own (Node before 22): the class of a library. */
  readonly webSocket?: WebSocketConstructor
  readonly logLevel?: 'silent' | 'error' | 'debug'
  /** Each rejected mutation, once; it also stays in `tm.rejected`. */
  readonly onRejected?: (rejected: RejectedMutation) => void
  /** Internal faults. Default: the console, at log level `error`. */
  readonly onError?: (error: Error) => void
  /** The server speaks a newer protocol or schema. Default: reload once, when the page is hidden. */
  readonly onOutdated?: (reason: string) => void
}

export interface ConnectionState {
  readonly state:
    'connecting' | 'connected' | 'offline' | 'unauthorized' | 'outdated' | 'error' | 'closed'
  /** What a person can do about it, or empty. */
  readonly reason: string
}

export interface RejectedMutation {
  /** For `tm.rejected.dismiss` and `retry`. */
  readonly id: string
  readonly name: string
  readonly args: unknown
  readonly error: MutationError
  /** When the call was made: milliseconds since the epoch. */
  readonly at: number
}

/** ws: or wss: URL of the sync endpoint below `server` (default: the page's origin). */
export function syncUrl(server: string | undefined): string {
  const base = server ?? (globalThis as {location?: {origin: string}}).location?.origin
  if (base === undefined) {
    throw new TypeError('Tidemark.open: outside of a page, `server` must be given')
  }
  let url: URL
  try {
    url = new URL(base)
  } catch {
    throw new TypeError(`Tidemark.open: \`server\` is not a URL: ${base}`)
  }
  if (url.protocol === 'http:') url.protocol = 'ws:'
  else if (url.protocol === 'https:') url.protocol = 'wss:'
  else if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new TypeError(`Tidemark.open: \`server\` must be an http(s) URL, not ${base}`)
  }
  url.pathname = `${url.pathname.replace(/\/$/, '')}/tidemark/sync`
  return url.href
}

/** The platform's WebSocket or the given one. */
export function webSocketOf(given: WebSocketConstructor | undefined): WebSocketConstructor {
  const found = given ?? (globalThis as {WebSocket?: WebSocketConstructor}).WebSocket
  if (found !== undefined) return found
  throw new TypeError(
    'Tidemark.open: this platform has no WebSocket: pass `webSocket` (Node before 22: the class of the package "ws")',
  )
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'

/** 22 characters that nobody guesses (132 bits). */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(22))
  return Array.from(bytes, byte => alphabet[byte & 63]).join('')
}

/** A client's id: its creation time and something unguessable. */
export const newClientID = (): string =>
  `${Date.now().toString(36).padStart(9, '0')}-${randomName()}`

/** A mutation's seed: 32 hex digits. */
export function newSeed(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let hex = ''
  for (const byte of bytes) hex += hexOf[byte] as string
  return hex
}

const hexOf: readonly string[] = Array.from({length: 256}, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)
