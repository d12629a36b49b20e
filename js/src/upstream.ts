// What a client talks to: the relay in this browser's worker, or, where there is no storage, the server itself. Both
// carry the same frames; a client does not know the difference beyond what `open` says.
import {ServerSocket} from './server-socket.js'
import type {AuthReason, WebSocketConstructor} from './server-socket.js'
import type {StartOptions, StorageState, ToPage, ToWorker, MessageOf} from './worker/protocol.js'

export interface UpstreamEvents {
  /** A channel is open: say hello. `token` where the upstream is the server. */
  opened(token: string | null): void
  closed(): void
  /** True if the frame was understood and is no refusal. */
  receive(bytes: Uint8Array): boolean
  token(why: AuthReason): Promise<string | null>
  /** Only from a server: the token of the open channel is exchanged. */
  refreshed(token: string): void
  storage(state: StorageState): void
  /** Only from a server; a relay tells it in the protocol. */
  connection(state: string, reason: string): void
  fault(message: string): void
  /** This upstream cannot be had; the client goes on with another. */
  unavailable(reason: string): void
}

export interface Upstream {
  send(bytes: Uint8Array): void
  network(online: boolean, visible: boolean): void
  connect(): void
  refused(code: string, message: string): void
  /** Removes what is stored; refused while mutations are pending unless they are to be discarded. */
  clear(discardPending: boolean): Promise<void>
  pause(): void
  resume(): void
  close(): void
}

export class SocketUpstream implements Upstream {
  readonly #socket: ServerSocket
  #welcomed = false

  constructor(
    server: string,
    construct: WebSocketConstructor,
    ping: () => string,
    private readonly events: UpstreamEvents,
  ) {
    this.#socket = new ServerSocket(
      server,
      {
        auth: async why => await events.token(why),
        refreshed: token => events.refreshed(token),
        opened: token => {
          this.#welcomed = false
          events.opened(token)
        },
        closed: () => events.closed(),
        message: bytes => this.#receive(bytes),
        state: (connection, reason) => events.connection(connection, reason),
      },
      construct,
      ping,
    )
    this.#socket.start()
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes)
  }
  network(online: boolean, visible: boolean): void {
    this.#socket.setOnline(online)
    if (visible) this.#socket.hurry()
  }
  connect(): void {
    this.#socket.connect()
  }
  refused(code: string, message: string): void {
    this.#socket.refused(code, message)
  }
  async clear(): Promise<void> {
    // Nothing is stored.
  }
  pause(): void {
    this.#socket.stop()
  }
  resume(): void {
    this.#socket.start()
  }
  close(): void {
    this.#socket.stop()
  }

  #receive(bytes: Uint8Array): void {
    const understood = this.events.receive(bytes)
    if (this.#welcomed || !understood) return
    this.#welcomed = true
    this.#socket.accepted()
  }
}

/** A worker that is starting while its page is: what it says before somebody listens waits. */
export class StartingWorker {
  readonly worker: Worker
  readonly #waiting: (() => void)[] = []
  #events: {message(message: MessageOf<ToPage>): void; failed(reason: string): void} | undefined

  constructor(worker: Worker, options: StartOptions) {
    this.worker = worker
    worker.onmessage = ({data}: MessageEvent<MessageOf<ToPage>>) => {
      this.#tell(() => this.#events?.message(data))
    }
    worker.onerror = event => {
      event.preventDefault()
      this.#tell(() => this.#events?.failed(event.message || 'the worker could not be loaded'))
    }
    worker.postMessage({type: 'start', ...options} satisfies MessageOf<ToWorker>)
  }

  listen(events: {message(message: MessageOf<ToPage>): void; failed(reason: string): void}): void {
    this.#events = events
    for (const tell of this.#waiting.splice(0)) tell()
  }

  #tell(tell: () => void): void {
    if (this.#events === undefined) this.#waiting.push(tell)
    else tell()
  }
}

export class WorkerUpstream implements Upstream {
  readonly #worker: Worker
  readonly #clears = new Map<number, (error: string | undefined) => void>()
  #question = 0

  constructor(
    starting: StartingWorker,
    private readonly events: UpstreamEvents,
  ) {
    this.#worker = starting.worker
    // Not before its owner has it: whatever the worker said goes there.
    queueMicrotask(() => {
      starting.listen({
        message: message => this.#receive(message),
        failed: reason => events.unavailable(reason),
      })
    })
  }

  send(bytes: Uint8Array): void {
    const own = bytes.slice()
    this.#post({type: 'send', bytes: own}, [own.buffer])
  }
  network(online: boolean, visible: boolean): void {
    this.#post({type: 'network', online, visible})
  }
  connect(): void {
    this.#post({type: 'connect'})
  }
  refused(_code: string, message: string): void {
    this.events.connection('outdated', message)
  }
  async clear(discardPending: boolean): Promise<void> {
    const question = ++this.#question
    await new Promise<void>((resolve, reject) => {
      this.#clears.set(question, error => {
        if (error === undefined) resolve()
        else reject(new Error(error))
      })
      this.#post({type: 'clear', question, discardPending})
    })
  }
  pause(): void {
    this.#post({type: 'pause'})
  }
  resume(): void {
    this.#post({type: 'resume'})
  }
  close(): void {
    // Its locks and handles go with it; what was acknowledged is durable.
    this.#worker.terminate()
  }

  #receive(message: MessageOf<ToPage>): void {
    const events = this.events
    switch (message.type) {
      case 'storage':
        events.storage(stateOf(message))
        break
      case 'opened':
        events.opened(null)
        break
      case 'closed':
        events.closed()
        break
      case 'receive':
        events.receive(message.bytes)
        break
      case 'askToken':
        void this.#answer(message.question, message.why)
        break
      case 'cleared':
        this.#clears.get(message.question)?.(message.error)
        this.#clears.delete(message.question)
        break
      case 'unavailable':
        events.unavailable(message.reason)
        break
      case 'fault':
        events.fault(message.message)
        break
    }
  }

  async #answer(question: number, why: AuthReason): Promise<void> {
    try {
      this.#post({type: 'token', question, token: await this.events.token(why)})
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#post({type: 'token', question, token: null, error: text})
    }
  }

  #post(message: MessageOf<ToWorker>, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }
}

const stateOf = ({state, reason, role}: StorageState): StorageState => ({
  state,
  ...(reason === undefined ? {} : {reason}),
  ...(role === undefined ? {} : {role}),
})
