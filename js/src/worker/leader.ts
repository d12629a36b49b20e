// The worker that owns the database: the relay on open files, the connection to the server, and the tabs. Its own page
// is one tab; the others come through the channel. Law: what a tab is told is durable has been flushed.
import {ServerSocket} from '../server-socket.js'
import type {AuthReason} from '../server-socket.js'
import type {OpenFiles} from './opfs.js'
import {RelayCore} from './relay-core.js'
import type {WorkerModule} from './relay-core.js'
import type {StartOptions, StorageState} from './protocol.js'

/** What a leader needs of the tabs, its own and the others alike. */
export interface LeaderEvents {
  toTab(tab: number, bytes: Uint8Array): void
  closeTab(tab: number): void
  token(why: AuthReason): Promise<string | null>
  storage(state: StorageState): void
  fault(message: string): void
}

/** New rows are written when the pages have had the time to show them. */
const lateFlushMs = 200
/** Waits before a flush that failed (a full disk, say) is tried again. */
const flushRetryMs = 1000
/** The core's kTickMs. */
const tickMs = 300_000

export class Leader {
  readonly #core: RelayCore
  readonly #socket: ServerSocket
  readonly #flushChannel = new MessageChannel()
  #flushScheduled = false
  #lateFlush: ReturnType<typeof setTimeout> | undefined
  #ticks: ReturnType<typeof setInterval> | undefined
  #welcomed = false
  #refused = false
  #closed = false

  constructor(
    module: WorkerModule,
    private readonly files: OpenFiles,
    private readonly options: StartOptions,
    private readonly events: LeaderEvents,
  ) {
    this.#core = new RelayCore(module, files.handles, {
      toServer: bytes => this.#socket.send(bytes),
      toTab: (tab, bytes) => events.toTab(tab, bytes),
      closeTab: tab => events.closeTab(tab),
      refused: error => {
        this.#refused = true
        this.#socket.refused(error.code, error.message)
      },
      reopenLink: () => queueMicrotask(() => this.#socket.start()),
      needsFlush: mayWait => this.#scheduleFlush(mayWait),
    })
    this.#socket = new ServerSocket(
      options.server,
      {
        auth: why => events.token(why),
        refreshed: token => this.#core.setAuthToken(token),
        opened: token => {
          this.#welcomed = false
          this.#refused = false
          this.#core.setAuthToken(token)
          this.#core.linkOpened()
        },
        closed: () => this.#core.linkClosed(),
        message: bytes => this.#fromServer(bytes),
        state: (connection, reason) => this.#core.setLinkState(connection, reason),
      },
      WebSocket,
      () => this.#core.pingMessage(),
    )
    // A message to ourselves comes after everything that waits already: the group that one flush commits.
    this.#flushChannel.port1.onmessage = () => this.#flush()
  }

  /** Opens the databases; throws DatabaseDamaged. Then connects. */
  start(): void {
    this.#core.open(this.options.build, this.options.newGroup)
    this.#core.tick(Date.now())
    this.#ticks = setInterval(() => this.#core.tick(Date.now()), tickMs)
    this.#socket.start()
  }

  tabOpened(tab: number): void {
    this.#core.tabOpened(tab)
  }

  tabClosed(tab: number): void {
    this.#core.tabClosed(tab)
  }

  fromTab(tab: number, bytes: Uint8Array): void {
    try {
      this.#core.tabMessage(tab, bytes)
    } catch (error) {
      this.events.fault(`a tab was closed: ${messageOf(error)}`)
      this.#core.tabClosed(tab)
      this.events.closeTab(tab)
    }
  }

  network(online: boolean, visible: boolean): void {
    this.#socket.setOnline(online)
    if (visible) this.#socket.hurry()
    else this.#flush()
  }

  /** Without a token its own page is asked for one. */
  connect(token?: string): void {
    this.#socket.connect(token)
  }

  pending(): number {
    return this.#core.pending()
  }

  /** Makes everything durable and lets go of socket and files. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.stop()
    clearInterval(this.#ticks)
    clearTimeout(this.#lateFlush)
    this.#flushChannel.port1.close()
    try {
      this.#core.close()
    } finally {
      this.files.close()
    }
  }

  #fromServer(bytes: Uint8Array): void {
    try {
      this.#core.linkMessage(bytes)
    } catch (error) {
      this.events.fault(`the server broke the protocol: ${messageOf(error)}`)
      this.#socket.refused('invalid_args', messageOf(error))
      return
    }
    if (this.#welcomed || this.#refused) return
    this.#welcomed = true
    this.#socket.accepted()
  }

  #scheduleFlush(mayWait: boolean): void {
    if (mayWait) {
      this.#lateFlush ??= setTimeout(() => this.#flush(), lateFlushMs)
      return
    }
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    this.#flushChannel.port2.postMessage(null)
  }

  #flush(): void {
    if (this.#closed) return
    this.#flushScheduled = false
    clearTimeout(this.#lateFlush)
    this.#lateFlush = undefined
    try {
      this.#core.flush()
    } catch (error) {
      this.events.fault(`cannot write to storage: ${messageOf(error)}`)
      this.#flushScheduled = true
      setTimeout(() => this.#flush(), flushRetryMs)
    }
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
