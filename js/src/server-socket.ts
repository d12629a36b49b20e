// The connection to the server: one WebSocket at a time, reconnected with back-off for as long as it is wanted. Knows
// nothing of the protocol but its first bytes' meaning, which its owner tells it: `accepted` (the server welcomed us) and
// `refused`.
import {Backoff} from './backoff.js'
import {askAgainIn, refreshIn} from './token-expiry.js'

/** The part of the standard WebSocket that is used; Node 20 has none of its own. */
interface StandardWebSocket {
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: {data: unknown}) => void) | null
  onclose: ((event: {code: number; reason: string}) => void) | null
  onerror: ((event: never) => void) | null
  send(data: Uint8Array | string): void
  close(code?: number, reason?: string): void
}
/** The class WebSocket, or one of a library that is like it. */
export type WebSocketConstructor = new (url: string) => object

export type AuthReason = 'connect' | 'expiring' | 'rejected'

export interface ServerSocketEvents {
  /** Asked before each connection, before a token expires and when one was refused. */
  auth(why: AuthReason): Promise<string | null>
  /** A new token for the connection that is open (empty: none any more): it is swapped, nothing is reconnected. */
  refreshed(token: string): void
  /** A channel is open: the owner says hello. */
  opened(token: string | null): void
  closed(): void
  message(bytes: Uint8Array): void
  state(
    connection: 'connecting' | 'connected' | 'offline' | 'unauthorized' | 'outdated' | 'error',
    reason: string,
  ): void
}

const backoff = {baseMs: 250, maxMs: 30_000}
/** A server that does not welcome us in this time is as good as away. */
const welcomeTimeoutMs = 10_000
/** Silence after which we ask whether the server is still there, and then the time it has to answer. */
const pingAfterMs = 20_000
const pongWithinMs = 10_000

export class ServerSocket {
  readonly #backoff = new Backoff(backoff)
  #socket: StandardWebSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #wanted = false
  #online = true
  #authReason: AuthReason = 'connect'
  /** Of this connection, and what it was asked for with. */
  #token: string | null = null
  #tokenReason: AuthReason = 'connect'
  #expiry: ReturnType<typeof setTimeout> | undefined
  #accepted = false
  #attempt = 0

  constructor(
    private readonly url: string,
    private readonly events: ServerSocketEvents,
    private readonly construct: WebSocketConstructor,
    private readonly ping: () => Uint8Array | string,
  ) {}

  /** Connects now, whatever the back-off says. */
  start(): void {
    this.#wanted = true
    this.#backoff.reset()
    this.#reconnectIn(0)
  }

  /**
   * Connects now; on a connection that is open, asks whether the server is there, and for the token again. With `token`
   * (another tab's) it is that one, and nobody is asked.
   */
  connect(token?: string): void {
    if (this.#accepted) {
      this.#listen(0)
      if (token === undefined) void this.#refresh('connect')
      else this.#swap(token, 'connect')
    } else if (token === undefined || !this.#online) {
      this.start()
    } else {
      this.#wanted = true
      this.#backoff.reset()
      this.#drop()
      this.#dial(token, 'connect')
    }
  }

  stop(): void {
    this.#wanted = false
    this.#drop()
  }

  send(bytes: Uint8Array): void {
    this.#socket?.send(bytes)
  }

  /** The owner read a Welcome. */
  accepted(): void {
    this.#backoff.reset()
    this.#authReason = this.#tokenReason = 'connect'
    this.#accepted = true
    this.events.state('connected', '')
    this.#listen(pingAfterMs)
    this.#refreshIn(refreshIn(this.#token, Date.now()))
  }

  /** The owner read a Refused; the server closes. What waits for the app or the user is not retried by itself. */
  refused(code: string, message: string): void {
    if (code === 'unauthorized' || code === 'forbidden') {
      this.stop()
      this.#authReason = 'rejected'
      if (code === 'unauthorized' && this.#tokenReason !== 'rejected') void this.#replace(message)
      else this.events.state('unauthorized', message)
    } else if (code === 'outdated') {
      this.stop()
      this.events.state('outdated', message)
    } else {
      this.#drop()
      this.events.state('error', message)
      if (this.#wanted) this.#reconnectIn(this.#backoff.next())
    }
  }

  /** The browser's word on the network: offline ends the waiting, online starts it at once. */
  setOnline(online: boolean): void {
    if (online === this.#online) return
    this.#online = online
    if (!this.#wanted) return
    if (online) {
      this.start()
    } else {
      this.#drop()
      this.events.state('offline', 'the browser is offline')
    }
  }

  /** The page came to the front: no reason to wait any longer. */
  hurry(): void {
    if (this.#wanted && this.#online && this.#socket === undefined) this.start()
  }

  #reconnectIn(delayMs: number): void {
    this.#drop()
    this.#timer = setTimeout(() => void this.#connect(), delayMs)
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt
    if (!this.#online) {
      this.events.state('offline', 'the browser is offline')
      return
    }
    this.events.state('connecting', '')
    const why = this.#authReason
    let token: string | null
    try {
      token = await this.events.auth(why)
    } catch (error) {
      if (attempt !== this.#attempt) return
      this.#fail(`auth() failed: ${error instanceof Error ? error.message : String(error)}`)
      return
    }
    if (attempt !== this.#attempt || !this.#wanted) return
    this.#dial(token, why)
  }

  #dial(token: string | null, why: AuthReason): void {
    this.#token = token
    this.#tokenReason = why
    let socket: StandardWebSocket
    try {
      socket = new this.construct(this.url) as StandardWebSocket
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
      return
    }
    this.#attach(socket, token)
  }

  /** The server refused the token. If there is another one it is tried, once; else the app has to act. */
  async #replace(reason: string): Promise<void> {
    const attempt = this.#attempt
    this.events.state('connecting', reason)
    let token: string | null = null
    try {
      token = await this.events.auth('rejected')
    } catch {
      // There is none.
    }
    if (attempt !== this.#attempt) return
    if (token === null || token === this.#token) {
      this.events.state('unauthorized', reason)
      return
    }
    this.#wanted = true
    this.#dial(token, 'rejected')
  }

  /** Swaps the token on the connection that is open. */
  async #refresh(why: AuthReason): Promise<void> {
    const attempt = this.#attempt
    let token = this.#token
    try {
      token = await this.events.auth(why)
    } catch {
      // The token that we have may hold for some time yet.
    }
    if (attempt !== this.#attempt) return
    if (token === this.#token || (token === null && why === 'expiring')) {
      this.#refreshIn(askAgainIn(this.#token, Date.now()))
    } else {
      this.#swap(token, why)
    }
  }

  #swap(token: string | null, why: AuthReason): void {
    if (token === this.#token) return
    this.#token = token
    this.#tokenReason = why
    this.events.refreshed(token ?? '')
    this.#refreshIn(refreshIn(token, Date.now()))
  }

  #refreshIn(delayMs: number | undefined): void {
    clearTimeout(this.#expiry)
    if (delayMs === undefined) return
    this.#expiry = setTimeout(() => void this.#refresh('expiring'), delayMs)
  }

  #attach(socket: StandardWebSocket, token: string | null): void {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    this.#timer = setTimeout(() => this.#fail('the server does not answer'), welcomeTimeoutMs)
    socket.onopen = () => this.events.opened(token)
    socket.onmessage = ({data}) => {
      this.#listen(pingAfterMs)
      this.events.message(bytesOf(data))
    }
    socket.onerror = () => {
      // A close event always follows, with what there is to know.
    }
    socket.onclose = ({code, reason}) => {
      if (this.#socket !== socket) return
      this.#fail(reason || `no Tidemark server at ${this.url} (${code}): run npx tidemark dev`)
    }
  }

  /** Restarts the watch over silence; the first message also ends the wait for a welcome. */
  #listen(delayMs: number): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      this.#socket?.send(this.ping())
      this.#silence = setTimeout(() => this.#fail('the server fell silent'), pongWithinMs)
    }, delayMs)
  }

  #fail(reason: string): void {
    this.#drop()
    if (!this.#wanted) return
    this.events.state(this.#online ? 'connecting' : 'offline', reason)
    this.#timer = setTimeout(() => void this.#connect(), this.#backoff.next())
  }

  #drop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#silence)
    clearTimeout(this.#expiry)
    this.#accepted = false
    this.#attempt += 1
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    this.events.closed()
  }
}

const encoder = new TextEncoder()

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (data instanceof Uint8Array) return data
  return encoder.encode(String(data))
}
