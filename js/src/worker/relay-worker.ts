// The worker of one page: the leader of its database if nobody else is, else a follower that passes frames on. Elect
// first, open second: the Web Lock is this worker's own, so it is free only when the handles are.
import {createWorkerModule} from '#wasm/worker'
import {loadModule} from '../wasm-module.js'
import type {AuthReason} from '../server-socket.js'
import {Followers, ownTab, tabLock} from './followers.js'
import {Leader, messageOf} from './leader.js'
import {openFiles, removeFiles, StorageBusy, StorageUnavailable} from './opfs.js'
import type {OpenFiles} from './opfs.js'
import type {
  BetweenWorkers,
  MessageOf,
  StartOptions,
  StorageState,
  ToPage,
  ToWorker,
} from './protocol.js'
import {DatabaseDamaged} from './relay-core.js'
import type {WorkerModule} from './relay-core.js'
import {WorkerChannel} from './worker-channel.js'

const scope = self as unknown as WorkerScope

function toPage(message: MessageOf<ToPage>, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer)
}

class RelayWorker {
  readonly #channel: WorkerChannel
  readonly #module: Promise<WorkerModule>
  readonly #questions = new Map<
    number,
    {resolve(token: string | null): void; reject(error: Error): void}
  >()
  #question = 0
  #leader: Leader | undefined
  #followers: Followers | undefined
  /** Of the leader that we follow, or that we are. */
  #epoch: string | undefined
  #quarantined: string | undefined
  #release: (() => void) | undefined
  /** Whether this tab's own lock is held: a leader that finds it free takes the tab for gone. */
  #locked = false
  #paused = false
  #online = true

  constructor(private readonly options: StartOptions) {
    this.#channel = new WorkerChannel(options.database, message => this.#fromWorkers(message))
    const url = options.wasmUrl ?? new URL('./tidemark_worker.wasm', import.meta.url)
    this.#module = loadModule<WorkerModule>(createWorkerModule, url)
    // Both are awaited later; a failure is reported there.
    this.#module.catch(() => undefined)
    void navigator.locks.request(tabLock(options.database, options.tab), async () => {
      this.#locked = true
      this.#join()
      await forever
    })
    this.#elect()
  }

  receive(message: MessageOf<ToWorker>): void {
    switch (message.type) {
      case 'start':
        break
      case 'send':
        this.#up(message.bytes)
        break
      case 'token':
        this.#answer(message)
        break
      case 'network':
        this.#online = message.online
        this.#leader?.network(message.online, message.visible)
        break
      case 'connect':
        if (this.#leader === undefined) void this.#connectThroughLeader()
        else this.#leader.connect()
        break
      case 'clear':
        void this.#clear(message.question, message.discardPending)
        break
      case 'pause':
        this.#pause()
        break
      case 'resume':
        this.#resume()
        break
    }
  }

  // ---- election ----

  #elect(): void {
    const name = `tidemark:${this.options.database}`
    void navigator.locks.request(name, async () => {
      if (this.#paused) return
      const released = new Promise<void>(resolve => (this.#release = resolve))
      try {
        await this.#lead()
      } catch (error) {
        this.#cannotLead(error)
        return
      }
      await released
    })
  }

  async #lead(): Promise<void> {
    const [module, files] = await Promise.all([this.#module, openFiles(this.options.database)])
    if (this.#paused) {
      files.close()
      return
    }
    this.#stopFollowing()
    const epoch = `${Date.now().toString(36)}-${crypto.randomUUID()}`
    this.#epoch = epoch
    this.#leader = await this.#openLeader(module, files)
    this.#followers = new Followers(
      this.options.database,
      epoch,
      this.#channel,
      () => this.#storageFor('follower'),
      {
        opened: tab => this.#leader?.tabOpened(tab),
        closed: tab => this.#leader?.tabClosed(tab),
        message: (tab, bytes) => this.#leader?.fromTab(tab, bytes),
      },
    )
    this.#setStorage(this.#storageFor('leader'))
    this.#leader.network(this.#online, true)
    this.#leader.tabOpened(ownTab)
    toPage({type: 'opened'})
    this.#channel.send({type: 'lead', epoch})
  }

  /** A damaged database is put aside, once each; the log's loss is told, base comes back from the server. */
  async #openLeader(module: WorkerModule, files: OpenFiles): Promise<Leader> {
    const leader = new Leader(module, files, this.options, {
      toTab: (tab, bytes) => {
        if (tab === ownTab) this.#toOwnPage(bytes)
        else this.#followers?.send(tab, bytes)
      },
      closeTab: tab => this.#dropTab(tab),
      token: async why => await this.#askToken(why),
      storage: state => this.#setStorage(state),
      fault: message => toPage({type: 'fault', message}),
    })
    for (let attempt = 0; ; attempt++) {
      try {
        leader.start()
        return leader
      } catch (error) {
        if (!(error instanceof DatabaseDamaged) || attempt === 2) {
          files.close()
          throw error
        }
        await files.quarantine(error.database)
        if (error.database === 'log') this.#quarantined = error.message
        toPage({
          type: 'fault',
          message: `the ${error.database} database was put aside: ${error.message}`,
        })
      }
    }
  }

  #cannotLead(error: unknown): void {
    if (error instanceof StorageUnavailable) {
      toPage({type: 'unavailable', reason: error.reason})
    } else if (error instanceof StorageBusy) {
      this.#setStorage({state: 'busy', reason: error.message})
      this.#elect()
    } else {
      toPage({type: 'fault', message: messageOf(error)})
      toPage({type: 'unavailable', reason: 'unsupported'})
    }
  }

  #storageFor(role: 'leader' | 'follower'): StorageState {
    if (this.#quarantined !== undefined) {
      return {state: 'quarantined', reason: this.#quarantined, role}
    }
    return {state: 'persisted', role}
  }

  #setStorage(state: StorageState): void {
    toPage({type: 'storage', ...state})
  }

  // ---- following ----

  #fromWorkers(message: MessageOf<BetweenWorkers>): void {
    if (this.#leader !== undefined) {
      if (message.type === 'clear') void this.#clearFor(message)
      else if (message.type === 'connect') this.#leader.connect(message.token)
      else this.#followers?.receive(message)
      return
    }
    if (this.#paused) return
    if (message.type === 'lead') {
      if (message.epoch === this.#epoch) return
      this.#stopFollowing()
      this.#join()
      return
    }
    if (!('tab' in message) || message.tab !== this.options.tab) return
    switch (message.type) {
      case 'opened':
        this.#stopFollowing()
        this.#epoch = message.epoch
        this.#setStorage(message.storage)
        toPage({type: 'opened'})
        break
      case 'down':
        if (message.epoch === this.#epoch) this.#toOwnPage(message.bytes)
        break
      case 'dropped':
        if (message.epoch !== this.#epoch) break
        this.#stopFollowing()
        this.#join()
        break
      case 'cleared':
        toPage(message)
        break
    }
  }

  #join(): void {
    if (this.#locked && !this.#paused && this.#leader === undefined) {
      this.#channel.send({type: 'join', tab: this.options.tab})
    }
  }

  #stopFollowing(): void {
    if (this.#epoch === undefined) return
    this.#epoch = undefined
    toPage({type: 'closed'})
  }

  // ---- frames ----

  #up(bytes: Uint8Array): void {
    if (this.#leader !== undefined) this.#leader.fromTab(ownTab, bytes)
    else if (this.#epoch !== undefined) {
      this.#channel.send({type: 'up', tab: this.options.tab, epoch: this.#epoch, bytes})
    }
  }

  #toOwnPage(bytes: Uint8Array): void {
    // A frame from the module is part of a larger buffer; one from the channel is its own.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
    toPage({type: 'receive', bytes: own}, [own.buffer])
  }

  #dropTab(tab: number): void {
    if (tab !== ownTab) {
      this.#followers?.drop(tab)
      return
    }
    // Our own page was dropped: it says hello again, as any other tab would.
    queueMicrotask(() => {
      toPage({type: 'closed'})
      this.#leader?.tabOpened(ownTab)
      toPage({type: 'opened'})
    })
  }

  // ---- questions ----

  async #askToken(why: AuthReason): Promise<string | null> {
    const question = ++this.#question
    return await new Promise((resolve, reject) => {
      this.#questions.set(question, {resolve, reject})
      toPage({type: 'askToken', question, why})
    })
  }

  /** Who logged in in this tab has a token that the leader's page may not have. */
  async #connectThroughLeader(): Promise<void> {
    let token: string | null = null
    try {
      token = await this.#askToken('connect')
    } catch {
      // Then the leader's page is asked.
    }
    if (this.#leader !== undefined) {
      this.#leader.connect(token ?? undefined)
      return
    }
    const tab = this.options.tab
    this.#channel.send(token === null ? {type: 'connect', tab} : {type: 'connect', tab, token})
  }

  #answer({question, token, error}: ToWorker['token']): void {
    const asked = this.#questions.get(question)
    this.#questions.delete(question)
    if (error === undefined) asked?.resolve(token)
    else asked?.reject(new Error(error))
  }

  async #clear(question: number, discardPending: boolean): Promise<void> {
    if (this.#leader === undefined) {
      this.#channel.send({type: 'clear', tab: this.options.tab, question, discardPending})
      return
    }
    toPage({type: 'cleared', question, ...(await this.#clearDatabase(discardPending))})
  }

  async #clearFor({tab, question, discardPending}: BetweenWorkers['clear']): Promise<void> {
    const outcome = await this.#clearDatabase(discardPending)
    this.#channel.send({type: 'cleared', tab, question, ...outcome})
  }

  async #clearDatabase(discardPending: boolean): Promise<{error?: string}> {
    const pending = this.#leader?.pending() ?? 0
    if (pending > 0 && !discardPending) {
      return {error: `${pending} mutations are not confirmed by the server yet`}
    }
    this.#stopLeading()
    await removeFiles(this.options.database)
    this.#elect()
    return {}
  }

  // ---- freezing ----

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    if (this.#leader === undefined) {
      this.#channel.send({type: 'leave', tab: this.options.tab})
      this.#stopFollowing()
    } else {
      this.#stopLeading()
    }
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#elect()
    this.#join()
  }

  #stopLeading(): void {
    this.#followers?.close()
    this.#followers = undefined
    this.#leader?.close()
    this.#leader = undefined
    this.#epoch = undefined
    toPage({type: 'closed'})
    this.#release?.()
    this.#release = undefined
  }
}

const forever = new Promise<never>(() => undefined)

let worker: RelayWorker | undefined
scope.onmessage = ({data}: MessageEvent<MessageOf<ToWorker>>) => {
  if (data.type === 'start') worker = new RelayWorker(data)
  else worker?.receive(data)
}
