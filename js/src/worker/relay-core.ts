// The one typed binding of the worker's wasm module: the relay role of the core on open files. One call in, one value
// out: what follows from a call is handed to the sink before it returns.
import {MutationError} from '../errors.js'
import type {ErrorDocument} from '../errors.js'
import {callModule, section, writeBytes} from '../wasm-sections.js'
import type {ModuleMemory, Section} from '../wasm-sections.js'

/** The Embind class `Worker` (wasm/worker_module.cc). Calls answer the size of their output. */
interface WorkerBinding extends ModuleMemory {
  open(build: string, newGroup: string): number
  close(): void
  tabOpened(tab: number): number
  tabClosed(tab: number): number
  tabMessage(tab: number, bytes: number): number
  linkOpened(): number
  linkClosed(): number
  linkMessage(bytes: number): number
  setLinkState(connection: string, reason: string): number
  setAuthToken(token: string): number
  tick(nowMs: number): number
  flush(): number
  pending(): number
}

/** A file as the module uses it: the shape of FileSystemSyncAccessHandle, which Node has none of. */
export interface SyncFile {
  read(into: Uint8Array, options: {at: number}): number
  write(bytes: Uint8Array, options: {at: number}): number
  getSize(): number
  truncate(size: number): void
  flush(): void
}

export interface WorkerModule {
  readonly HEAPU8: Uint8Array
  tidemarkFiles?: readonly SyncFile[]
  readonly Worker: new () => WorkerBinding
  pingMessage(): string
}

export interface RelaySink {
  toServer(bytes: Uint8Array): void
  toTab(tab: number, bytes: Uint8Array): void
  closeTab(tab: number): void
  refused(error: ErrorDocument): void
  /** What was said on this connection does not hold any more: a new one. */
  reopenLink(): void
  /** Something waits for `flush` to become durable; rows, which can be fetched again, may wait. */
  needsFlush(mayWait: boolean): void
}

/** Which database could not be opened as it is; the other one may well be sound. */
export class DatabaseDamaged extends Error {
  constructor(
    readonly database: 'log' | 'base',
    message: string,
  ) {
    super(message)
  }
}

export class RelayCore {
  readonly #module: WorkerModule
  readonly #worker: WorkerBinding
  readonly #sink: RelaySink
  readonly #memory = (): Uint8Array => this.#module.HEAPU8

  constructor(module: WorkerModule, files: readonly SyncFile[], sink: RelaySink) {
    this.#module = module
    module.tidemarkFiles = files
    this.#worker = new module.Worker()
    this.#sink = sink
  }

  /** Throws DatabaseDamaged if a database has to be put aside first. */
  open(build: string, newGroup: string): void {
    try {
      this.#call(this.#worker.open(build, newGroup))
    } catch (error) {
      throw damageOf(error) ?? error
    }
  }

  /** Everything durable that can be, then lets go of the files. */
  close(): void {
    try {
      this.flush()
    } finally {
      this.#worker.close()
    }
  }

  tabOpened(tab: number): void {
    this.#call(this.#worker.tabOpened(tab))
  }
  tabClosed(tab: number): void {
    this.#call(this.#worker.tabClosed(tab))
  }
  /** Throws if the tab broke the protocol: it is to be closed. */
  tabMessage(tab: number, bytes: Uint8Array): void {
    this.#call(this.#worker.tabMessage(tab, writeBytes(this.#memory, this.#worker, bytes)))
  }
  linkOpened(): void {
    this.#call(this.#worker.linkOpened())
  }
  linkClosed(): void {
    this.#call(this.#worker.linkClosed())
  }
  /** Throws if the server broke the protocol: the connection is to be closed. */
  linkMessage(bytes: Uint8Array): void {
    this.#call(this.#worker.linkMessage(writeBytes(this.#memory, this.#worker, bytes)))
  }
  /** The time; once before anything else, and from time to time. */
  tick(nowMs: number): void {
    this.#call(this.#worker.tick(nowMs))
  }
  setLinkState(connection: string, reason: string): void {
    this.#call(this.#worker.setLinkState(connection, reason))
  }
  setAuthToken(token: string | null): void {
    this.#call(this.#worker.setAuthToken(token ?? ''))
  }
  /** Throws if the disk is full or fails; nothing is lost, and it can be tried again. */
  flush(): void {
    this.#call(this.#worker.flush())
  }
  pending(): number {
    return this.#worker.pending()
  }
  pingMessage(): string {
    return this.#module.pingMessage()
  }

  #call(size: number): void {
    callModule(this.#memory, this.#worker, size, (part, text) => this.#handle(part, text))
  }

  #handle(part: Section, text: () => string): void {
    const sink = this.#sink
    switch (part.kind) {
      case section.message:
        sink.toServer(part.bytes)
        break
      case section.tabMessage:
        sink.toTab(part.tag, part.bytes)
        break
      case section.closeTab:
        sink.closeTab(part.tag)
        break
      case section.refused:
        sink.refused(JSON.parse(text()) as ErrorDocument)
        break
      case section.reopenLink:
        sink.reopenLink()
        break
      case section.needsFlush:
        sink.needsFlush(part.tag === 1)
        break
    }
  }
}

function damageOf(error: unknown): DatabaseDamaged | undefined {
  if (!(error instanceof MutationError)) return undefined
  const details = error.details as {database?: 'log' | 'base'} | undefined
  if (details?.database === undefined) return undefined
  return new DatabaseDamaged(details.database, error.message)
}
